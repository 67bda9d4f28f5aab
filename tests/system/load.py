"""Clients that search and write without a pause while something is done to a node, and what they saw."""

import http.client
import math
import threading
import time
from dataclasses import dataclass

from node import Collection, poll

# What HTTP and this client may add to a search beyond its `timeout_ms`, besides the time for which the machine
# let nobody run. The node keeps 20 ms of the time for that itself: of 5,600 answers under 40 faults, measured on
# two busy cores, the latest came 8 ms before its deadline. The margin is for slower machines.
MARGIN_S = 0.1
BATCH = 5


@dataclass
class Seen:
    """One answer; `reply` is its body, None where the connection broke."""

    asked: dict
    begin: float
    end: float
    status: int
    reply: dict | None
    overdue_s: float = -math.inf  # past its deadline, less what the machine took; known when the load is over

    @property
    def failed(self):
        return frozenset(shard["shard"] for shard in self.reply["shards"]["failed"])


class Metronome:
    """How much too late a thread that sleeps is woken: the machine's own share in every latency."""

    STEP_S = 0.005

    def __init__(self):
        self._late, self._stopped = [], threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        before = time.monotonic()
        while not self._stopped.wait(self.STEP_S):
            now = time.monotonic()
            if now - before > 2 * self.STEP_S:
                self._late.append((before, now))
            before = now

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def lateness(self, begin, end):
        """Seconds between `begin` and `end` in which threads that were due did not run."""
        return sum(min(end, until) - max(begin, since) for since, until in self._late
                   if since < end and until > begin)


class Load:
    """`questions` are asked in turn by `searchers` threads; `writers` threads upsert new documents, which have
    neither vector nor text. Everything that came back is kept."""

    def __init__(self, node, name, questions, searchers=3, writers=0):
        self.node, self.docs = node, Collection(node, name)
        self.questions = questions
        self.searches, self.writes, self.broken = [], [], []
        self.acknowledged = []
        self.metronome = Metronome()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._search, args=(number,)) for number in range(searchers)]
        self._threads += [threading.Thread(target=self._write, args=(number,)) for number in range(writers)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive(), "a client hangs"
        self.metronome.stop()

    def ask(self, asked):
        """One search, also kept."""
        seen = self._send("/search", asked)
        self.searches.append(seen)
        return seen

    def _send(self, path, body):
        begin = time.monotonic()
        try:
            answer = self.node.post(self.docs.path + path, body)
            return Seen(body, begin, time.monotonic(), answer.status, answer.json())
        except (OSError, http.client.HTTPException) as error:
            self.broken.append(f"{path}: {error!r}")
            return Seen(body, begin, time.monotonic(), 0, None)

    def _search(self, number):
        while not self._stopped.is_set():
            self.ask(self.questions[number % len(self.questions)])
            number += 1

    def _write(self, number):
        part = 0
        while not self._stopped.is_set():
            batch = [{"id": f"w{id(self):x}-{number}-{part + i}", "metadata": {"n": i}} for i in range(BATCH)]
            part += BATCH
            seen = self._send("/documents", {"documents": batch})
            self.writes.append(seen)
            if seen.status == 200:
                self.acknowledged += [document["id"] for document in batch]

    def overdue(self, seen):
        """Seconds past its deadline at which the answer of a search was here, less what the machine took."""
        late = seen.end - seen.begin - seen.asked["timeout_ms"] / 1000
        return late - self.metronome.lateness(seen.begin, seen.end)

    def until_whole(self, asked, answers=4, limit_s=30):
        """Asks until so many answers in a row are not partial; when the first of them was here."""
        row = []

        def whole():
            seen = self.ask(asked)
            good = seen.status == 200 and not seen.reply["partial"]
            row.append(seen.end) if good else row.clear()
            return len(row) >= answers

        poll(whole, limit_s, f"{answers} whole answers in a row")
        return row[0]
