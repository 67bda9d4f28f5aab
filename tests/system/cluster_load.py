"""Clients that write to and search at nodes of a cluster while something is done to it, and what they saw."""

import http.client
import threading
import time
from dataclasses import dataclass, field

from cluster import Connection
from node import poll

NAME = "docs"
PATH = f"/api/v1/collections/{NAME}"
LIMIT_S = 30
# The last is said of a write whose outcome is not known.
REFUSALS = {(503, "unavailable"), (503, "overloaded"), (504, "deadline_exceeded")}
REFUSED_PAUSE_S = 0.02
DELETE_EVERY = 7
KEYED_EVERY = 5  # of the writes, as requests with an Idempotency-Key


@dataclass
class Written:
    """What one writer knows of its documents, by id. Of those in `open` the last change may be made or not."""

    live: dict = field(default_factory=dict)
    gone: set = field(default_factory=set)
    open: set = field(default_factory=set)


class ClusterLoad:
    """`writers` threads at every node upsert new documents, some of which they delete again, `searchers` search.

    `times` are the moments of acknowledged writes. `refused` are answers to writes other than 200, `broken` requests
    without an answer, by node. `uncounted` are deletions at a node that had not applied them yet, so that it could not
    say whether there was anything. `wrong` are answers that may never be given, as lines of text."""

    def __init__(self, nodes, writers=1, searchers=1, batch=1):
        self.nodes, self.batch = list(nodes), batch
        self.written, self.times, self.wrong = [], [], []
        self.refused, self.broken, self.failed_searches = [], [], []
        self.uncounted, self.searches = [], 0
        self._stopped = threading.Event()
        self._threads = []
        for number, node in enumerate(self.nodes):
            for part in range(writers):
                self.written.append(Written())
                self._start(self._write, node, self.written[-1], f"{node.name}-{number}-{part}-{id(self):x}")
            for _ in range(searchers):
                self._start(self._search, node)

    def _start(self, run, *arguments):
        self._threads.append(threading.Thread(target=run, args=arguments))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.until_written(len(self.nodes))
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(2 * LIMIT_S)
            assert not thread.is_alive(), "a client hangs"

    def until_written(self, count, limit_s=60):
        """Waits for so many more acknowledged writes; how long they took, in seconds."""
        begin, before = time.monotonic(), len(self.times)
        poll(lambda: len(self.times) >= before + count, limit_s, f"{count} acknowledged writes")
        return time.monotonic() - begin

    def longest_gap_s(self, since):
        """The longest time without an acknowledged write, from the last one before `since` on."""
        times = sorted(self.times)
        first = max((at for at in times if at <= since), default=since)
        times = [first] + [at for at in times if at > first]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

    def _send(self, connection, path, body, headers=()):
        """The answer, or nothing when the connection broke."""
        try:
            return connection.post(PATH + path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.broken.append((connection.node.name, time.monotonic(), repr(error)))
            self._stopped.wait(REFUSED_PAUSE_S)
            return None

    def _write(self, node, written, tag):
        connection, number = Connection(node, LIMIT_S), 0
        while not self._stopped.is_set():
            number += 1
            if number % DELETE_EVERY == 0 and written.live:
                self._delete(connection, written)
            else:
                self._upsert(connection, written, tag, number)
        connection.close()

    def _upsert(self, connection, written, tag, number):
        batch = [{"id": f"{tag}-{number}-{part}", "vector": [number, part], "text": f"write {number}",
                  "metadata": {"tag": tag, "number": number}, "links": [f"{tag}-{number - 1}-{part}"]}
                 for part in range(self.batch)]
        key = {"Idempotency-Key": f"{tag}-{number}"} if number % KEYED_EVERY == 0 else {}
        if self._settled(self._send(connection, "/documents", {"documents": batch}, key), connection):
            written.live.update({document["id"]: document for document in batch})
        else:
            written.open.update(document["id"] for document in batch)

    def _delete(self, connection, written):
        key = next(iter(written.live))
        del written.live[key]
        answer = self._send(connection, "/documents/delete", {"ids": [key]})
        if not self._settled(answer, connection):
            written.open.add(key)
            return
        written.gone.add(key)
        if answer.json().get("applied") is False:
            self.uncounted.append((connection.node.name, key))
        elif answer.json()["deleted"] != 1:
            self.wrong.append(f"{key} was there, but its deletion at {connection.node.name} says {answer}")

    def _settled(self, answer, connection):
        """Whether it is an acknowledgement; what is not is noted."""
        if answer is not None and answer.status == 200:
            self.times.append(time.monotonic())
            return True
        if answer is not None:
            self.refused.append((connection.node.name, time.monotonic(), answer))
            if (answer.status, answer.json()["code"]) not in REFUSALS:
                self.wrong.append(f"a write at {connection.node.name}: {answer}")
            self._stopped.wait(REFUSED_PAUSE_S)
        return False

    def _search(self, node):
        connection = Connection(node, LIMIT_S)
        body = {"vector": [1, 1], "k": 3, "include": [], "consistency": "eventual", "timeout_ms": 5_000}
        while not self._stopped.is_set():
            answer = self._send(connection, "/search", body)
            self.searches += 1
            if answer is not None and (answer.status != 200 or answer.json()["partial"]):
                self.failed_searches.append((node.name, time.monotonic(), answer))
            self._stopped.wait(0.005)
        connection.close()

    def broken_at(self, *nodes):
        """Requests without an answer at these nodes."""
        names = {node.name for node in nodes}
        return [broken for broken in self.broken if broken[0] in names]

    def differences(self, stored):
        """How what is stored, by id, differs from what was acknowledged, as lines of text."""
        lost = [key for written in self.written for key in written.live if key not in stored]
        back = [key for written in self.written for key in written.gone if key in stored]
        changed = [key for written in self.written for key, document in written.live.items()
                   if key in stored and stored[key].get("metadata") != document["metadata"]]
        return [f"{what}: {keys[:5]} of {len(keys)}"
                for what, keys in (("acknowledged and lost", lost), ("deleted and back", back), ("changed", changed))
                if keys]

    def acknowledged(self):
        return sum(len(written.live) + len(written.gone) for written in self.written)
