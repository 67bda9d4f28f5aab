"""Faults at random against one shard after another, under load, and what every answer must then be."""

import collections
import time
from dataclasses import dataclass, field

from load import MARGIN_S, Load
from node import Collection, poll
from ranking import Oracle, random_documents, random_question

SHARDS = 4
DOCUMENTS = 2_000
QUESTIONS = 24
TIMEOUT_MS = 500
FAULT_MS = 400
SLOW_MS = 60
COUNT = 4
SERVING_AGAIN_S = 1.0
# Of a shard that has not answered yet since a coordinator started, the mean of the others is taken.
SHARE_TOLERANCE = 0.03
SETTLED_LIMIT_S = 30
# A shard that crashes more often than this is parked, which is a test of its own.
CRASHES_MAX, CRASH_WINDOW_S = 5, 31

FAULTS = [(part, fault) for part in ("shard", "searcher") for fault in ("crash", "stall", "slow", "drop")]
# A writer that nobody writes to keeps these to itself for later.
ONLY_UNDER_WRITES = {("shard", "slow"), ("shard", "drop")}


def fault_body(part, fault, **more):
    body = {"part": part, "fault": fault, **more}
    if fault in ("stall", "slow"):
        body["duration_ms"] = FAULT_MS if fault == "stall" else SLOW_MS
    if fault in ("slow", "drop"):
        # A writer that is silent is waited for anew for each message that it drops.
        body["count"] = 1 if (part, fault) == ("shard", "drop") else COUNT
    return body


def inject(node, **body):
    """Makes a part fail."""
    answer = node.post("/api/v1/debug/faults", body, limit_s=10)
    assert answer.status == 202, (body, answer)


@dataclass
class Round:
    """One fault, from before it was sent until the collection was seen to be whole again."""

    part: str
    fault: str
    shard: int
    begin: float
    end: float = 0.0
    seen: list = field(default_factory=list)
    again_s: float = 0.0  # from `begin` to the end of the last answer without the shard

    @property
    def what(self):
        return f"{self.part} {self.fault}"

    def partial(self):
        return [seen for seen in self.seen if seen.status == 200 and self.shard in seen.failed]


class Chaos:
    """A collection with an oracle on a node with fault injection."""

    def __init__(self, node, random, name="docs"):
        self.node, self.random = node, random
        self.docs = Collection(node, name)
        self.docs.make(dimension=16, metric="l2", embedder="none", shards=SHARDS)
        documents = random_documents(random, DOCUMENTS)
        self.docs.upsert(documents)
        hits = self.docs.search(vector=[1] * 16, k=DOCUMENTS, include=[], timeout_ms=10_000)["hits"]
        self.oracle = Oracle(documents, {hit["id"]: hit["shard"] for hit in hits})
        self.questions = [{**random_question(random), "include": [], "timeout_ms": TIMEOUT_MS}
                          for _ in range(QUESTIONS)]
        self.acknowledged = {document["id"] for document in documents}
        self.crashes = collections.defaultdict(list)
        self.rounds, self.problems = [], []

    def run(self, rounds, writers):
        """So many faults, one after the other; problems are kept as lines of text."""
        load = Load(self.node, "docs", self.questions, writers=writers)
        with load:
            load.until_whole(self.questions[0])
            made = [self._round(load, writers > 0) for _ in range(rounds)]
        self.acknowledged |= set(load.acknowledged)
        self._judge(load, made, written=writers > 0)
        self.rounds += made

    def _round(self, load, written):
        part, fault, shard = self._choose(written)
        this = Round(part, fault, shard, time.monotonic())
        inject(self.node, collection="docs", shard=shard, **fault_body(part, fault))
        # A stall ends by itself, whoever notices it; a crash must not be sent into it.
        time.sleep(FAULT_MS / 1000 if fault == "stall" else self.random.uniform(0, 0.1))
        load.until_whole(self.random.choice(self.questions), limit_s=SETTLED_LIMIT_S)
        if written:
            poll(self._write_applied, SETTLED_LIMIT_S, f"writes that are applied after {this.what} of {shard}")
        poll(lambda: self.node.get("/ready").status == 200, SETTLED_LIMIT_S, "ready again")
        this.end = time.monotonic()
        return this

    def _choose(self, written):
        now = time.monotonic()
        while True:
            part, fault = self.random.choice(FAULTS)
            shard = self.random.randrange(SHARDS)
            recent = [at for at in self.crashes[shard] if now - at < CRASH_WINDOW_S]
            if (fault == "crash" and len(recent) >= CRASHES_MAX) or \
                    (not written and (part, fault) in ONLY_UNDER_WRITES):
                continue
            if fault == "crash":
                self.crashes[shard].append(now)
            return part, fault, shard

    def _write_applied(self):
        answer = self.node.post(self.docs.path + "/documents", {"documents": [{"id": f"p{n}"} for n in range(20)]})
        return answer.status == 200 and answer.json()["applied"]

    def _judge(self, load, rounds, written):
        self.problems += load.broken
        for seen in load.searches:
            seen.overdue_s = load.overdue(seen)
            during = [this for this in rounds if seen.begin < this.end and seen.end > this.begin]
            for this in during:
                this.seen.append(seen)
            self.problems += [f"{problem}; during {[(this.what, this.shard) for this in during]}"
                              for problem in self._wrong(load, seen, {this.shard for this in during}, written)]
        for write in load.writes:
            if write.status not in (0, 200):
                self.problems.append(f"a write was refused: {write.status} {write.reply}")
        for this in rounds:
            this.again_s = max((seen.end - this.begin for seen in this.partial()), default=0.0)
            if this.fault == "crash" and any(seen.begin - this.begin > SERVING_AGAIN_S for seen in this.partial()):
                self.problems.append(f"partial {this.again_s:.2f} s after {this.what} of shard {this.shard}")

    def _wrong(self, load, seen, afflicted, written):
        """What is wrong with one answer, while the shards `afflicted` may fail."""
        if seen.status == 0:
            return
        if seen.status != 200:
            yield f"search answered {seen.status} {seen.reply}"
            return
        if seen.overdue_s > MARGIN_S:
            yield (f"an answer took {(seen.end - seen.begin) * 1e3:.0f} ms ({seen.reply['took_ms']:.0f} at the node; "
                   f"the machine slept {load.metronome.lateness(seen.begin, seen.end) * 1e3:.0f})")
        failed = seen.failed
        if seen.reply["partial"] != bool(failed) or not failed <= afflicted:
            yield f"partial {seen.reply['partial']} with {seen.reply['shards']['failed']}"
        share = seen.reply["shards"]["missing_share"]
        # How many documents a shard has is as last heard: under writes, shards that are away look small.
        expected = self.oracle.share(failed)
        if (share > 0) != (expected > 0) or (not written and abs(share - expected) > SHARE_TOLERANCE):
            yield f"missing_share {share} for {sorted(failed)}, expected {expected:.3f}"
        # Written documents have no vector and no text, but they change the statistics of all text.
        if (not written or "query" not in seen.asked) and \
                not self.oracle.agrees(seen.asked, failed, seen.reply["hits"]):
            yield f"wrong hits without {sorted(failed)} for {seen.asked}: {seen.reply['hits'][:3]}"

    def lost(self):
        """Acknowledged documents that are not there."""
        return self.acknowledged - set(self.docs.pages("ids", limit=10_000))
