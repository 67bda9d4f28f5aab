"""What was acknowledged is there after every kill -9, and every batch is whole or absent."""

import http.client
import sqlite3
import threading
import time
import unittest
from collections import Counter

from node import Collection, SystemTest, poll, seeded

ROUNDS = 20
WRITERS = 4
BATCH = 6
SHARED = 7
LOAD_LIMIT_S = 30
# In every other round shards are saved and the log is truncated all the time.
SAVE_OFTEN = ("--storage.wal_bytes_max", "1048576", "--storage.checkpoint_interval_s", "1")


class Writers:
    """Threads that upsert tagged batches until the node is gone or they are told to stop.

    `sent` and `acknowledged` hold tags. Every writer also overwrites one fixed batch of its own again and
    again: its documents must all show the same tag, one not older than the last acknowledged.
    """

    def __init__(self, node, round_number, first_numbers):
        self.node, self.round = node, round_number
        self.stopped = threading.Event()
        self.acknowledged, self.refused, self.fixed = [], [], {}
        self.numbers = first_numbers
        self.threads = [threading.Thread(target=self._write, args=(writer,)) for writer in range(WRITERS)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def join(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a writer hangs"

    def _send(self, tag, documents):
        body = {"documents": documents}
        answer = self.node.post("/api/v1/collections/docs/documents", body)
        if answer.status == 200:
            self.acknowledged.append(tag)
        else:
            self.refused.append((tag, answer))
        return answer.status == 200

    def _write(self, writer):
        try:
            while not self.stopped.is_set():
                self.numbers[writer] += 1
                number = self.numbers[writer]
                tag = f"r{self.round}-w{writer}-{number}"
                self._send(tag, [{"id": f"{tag}-{part}", "text": f"batch {tag} " + "x" * 300,
                                  "vector": [writer + 1, number, part], "metadata": {"tag": tag}}
                                 for part in range(BATCH)])
                if self._send(f"fixed-{writer}", [{"id": f"fixed-{writer}-{part}", "metadata": {"number": number}}
                                                  for part in range(SHARED)]):
                    self.fixed[writer] = number
        except (OSError, http.client.HTTPException):
            pass  # The node is gone: what was not answered may be there or not.


class Durability(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=3, metric="l2", embedder="none", shards=3)
        self.acknowledged, self.fixed = set(), {}
        self.numbers = [0] * WRITERS

    def load(self, round_number, batches):
        """Runs writers until `batches` were acknowledged; they still run when this returns."""
        writers = Writers(self.node, round_number, self.numbers).start()
        self.addCleanup(writers.stopped.set)
        poll(lambda: len(writers.acknowledged) >= batches, LOAD_LIMIT_S, f"{batches} acknowledged batches")
        return writers

    def remember(self, writers):
        self.acknowledged |= {tag for tag in writers.acknowledged if tag.startswith("r")}
        self.fixed.update(writers.fixed)

    def check(self):
        documents = self.docs.pages(limit=1000)
        ids = [document["id"] for document in documents]
        self.assertEqual(len(ids), len(set(ids)), "an id twice")
        tags = Counter(document["metadata"]["tag"] for document in documents if "tag" in document["metadata"])
        self.assertEqual({tag: count for tag, count in tags.items() if count != BATCH}, {}, "half batches")
        self.assertEqual(self.acknowledged - set(tags), set(), "acknowledged and lost")
        for writer, number in self.fixed.items():
            seen = [d["metadata"]["number"] for d in documents if d["id"].startswith(f"fixed-{writer}-")]
            self.assertEqual((len(seen), len(set(seen))), (SHARED, 1), f"half of an overwrite: {seen}")
            self.assertGreaterEqual(seen[0], number, "an acknowledged overwrite is lost")
        self.assertEqual(self.docs.info()["documents"], len(documents))
        self.check_search(tags)

    def check_search(self, tags):
        """Vector and text search see the same documents as the list."""
        for tag in self.random.sample(sorted(tags), min(5, len(tags))):
            hits = self.docs.search(vector=[1, 1, 1], k=100, filter={"tag": tag})["hits"]
            self.assertEqual(sorted(hit["id"] for hit in hits), [f"{tag}-{part}" for part in range(BATCH)])
            hits = self.docs.search(query=f'batch {tag}', mode="text", k=100, filter={"tag": tag})["hits"]
            self.assertEqual(len(hits), BATCH)

    def test_twenty_kills_under_writes_lose_nothing(self):
        for round_number in range(ROUNDS):
            writers = self.load(round_number, self.random.randint(1, 300))
            self.node.kill()
            writers.join()
            self.remember(writers)
            self.node.flags = SAVE_OFTEN if round_number % 2 else ()
            start = time.monotonic()
            self.node.start()
            self.assertLess(time.monotonic() - start, 20, "the restart takes too long")
            with self.subTest(round=round_number):
                self.check()
        print(f"{len(self.acknowledged)} batches acknowledged over {ROUNDS} kills")

    def test_a_kill_during_the_replay_loses_nothing(self):
        writers = self.load(0, 200)
        self.node.kill()
        writers.join()
        self.remember(writers)
        for _ in range(5):
            self.node.start(ready=False)
            self.node.kill()
        self.node.start()
        self.check()

    def test_sigterm_under_load_ends_in_order(self):
        writers = self.load(0, 100)
        self.assertEqual(self.node.terminate(), 0, self.node.stderr())
        writers.join()
        self.remember(writers)
        for tag, answer in writers.refused:
            self.assertEqual(answer.status, 503, (tag, answer))
        self.check_shard_files()
        self.node.start()
        self.check()

    def check_shard_files(self):
        """After an orderly end the shard files alone hold everything: a restart has nothing to replay."""
        tags = Counter()
        for file in sorted(self.node.folder.glob("collections/*/shard-*.db")):
            database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
            rows = database.execute("SELECT metadata->>'tag' FROM documents WHERE metadata->>'tag' NOT NULL")
            tags.update(row[0] for row in rows)
            database.close()
        self.assertEqual(self.acknowledged - set(tags), set(), "only in the log after SIGTERM")

    def test_orderly_ends_leave_saved_files_and_no_errors(self):
        for number in range(20):
            self.docs.upsert([{"id": f"{number}-{part}", "vector": [part, 1, 1]} for part in range(30)])
            self.docs.search(vector=[1, 1, 1])
            self.assertEqual(self.node.terminate(), 0, self.node.stderr())
            left = [file.name for file in self.node.folder.glob("collections/*/*-wal")]
            self.assertEqual(left, [], f"not saved at the end of round {number}: {self.node.stderr()}")
            self.assertNotIn(" error ", self.node.stderr())
            self.node.start()
        self.assertEqual(self.docs.info()["documents"], 600)

    def test_deletes_and_collections_survive_a_kill(self):
        self.docs.upsert([{"id": f"d{number}", "metadata": {"n": number}} for number in range(50)])
        self.docs.call("PATCH", body={"indexed": ["n"]})
        before = self.docs.delete(filter={"n": {"$lt": 20}})["seq"]
        other = Collection(self.node, "other")
        other.make(dimension=2, embedder="none")
        Collection(self.node, "gone").make(dimension=2)
        Collection(self.node, "gone").call("DELETE")
        self.node.kill()
        self.node.start()
        self.assertEqual(len(self.docs.pages("ids")), 30)
        self.assertEqual((self.docs.info()["indexed"], self.docs.info()["seq"]), (["n"], before))
        self.assertEqual(other.info()["documents"], 0)
        Collection(self.node, "gone").call("GET", expect=404)
        self.assertGreater(other.upsert([{"id": "a"}])["seq"], before)


if __name__ == "__main__":
    unittest.main()
