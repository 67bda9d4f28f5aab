"""The vector index of a real node: built in the background, found again, damaged, killed, patched."""

import math
import os
import shutil
import threading
import time
import unittest

from exposition import Scrape
from node import Collection, SystemTest, poll, seeded

DIMENSION = 32
DOCUMENTS = 8_000
BATCH = 1_000
QUERIES = 10
K = 10
KILLS = 3
BUILD_LIMIT_S = 60
GRAPH_ROWS_MIN = 5_000  # fewer are scanned


def spoil(file, first=0.1, last=1.0):
    """Turns bytes over where they are: whoever has the file mapped sees it."""
    with open(file, "r+b") as out:
        data = bytearray(out.read())
        begin, end = int(len(data) * first), int(len(data) * last)
        data[begin:end] = bytes(byte ^ 0xFF for byte in data[begin:end])
        out.seek(begin)
        out.write(data[begin:end])


class Index(SystemTest):
    """A collection that is large enough for a graph, and what searches in it should find."""

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node("--debug.fault_injection", "true")
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=DIMENSION, metric="l2", embedder="none")
        self.vectors = {}
        self.write(f"d{number}" for number in range(DOCUMENTS))

    def vector(self):
        return [round(self.random.gauss(0, 1), 4) for _ in range(DIMENSION)]

    def write(self, ids):
        ids = list(ids)
        for begin in range(0, len(ids), BATCH):
            batch = {key: self.vector() for key in ids[begin:begin + BATCH]}
            self.docs.upsert([{"id": key, "vector": vector} for key, vector in batch.items()])
            self.vectors.update(batch)

    def metric(self, name, **labels):
        return Scrape(self.node.get("/metrics").body.decode()).total(f"mosaic_shard_index_{name}", **labels)

    def wait_built(self):
        """Until there is a graph, and what it lacks is too little for another step."""
        def is_built():
            vectors, tail = self.metric("vectors"), self.metric("tail_vectors")
            return vectors >= GRAPH_ROWS_MIN > tail and vectors + tail >= len(self.vectors)
        poll(is_built, BUILD_LIMIT_S, "a graph")

    def index_file(self):
        return next(self.node.folder.glob("collections/*/shard-0.index"))

    def nearest(self, query):
        return sorted(self.vectors, key=lambda key: (math.dist(self.vectors[key], query), key))[:K]

    def check(self, queries=QUERIES):
        """Exact searches are right, those by the index nearly."""
        found = 0
        for _ in range(queries):
            query = self.vector()
            right = self.nearest(query)
            exact = self.docs.search(vector=query, k=K, exact=True)
            self.assertEqual([hit["id"] for hit in exact["hits"]], right)
            answer = self.docs.search(vector=query, k=K)
            self.assertFalse(answer["partial"])
            self.assertEqual(len(answer["hits"]), K)
            for hit in answer["hits"]:
                self.assertAlmostEqual(hit["distance"], math.dist(self.vectors[hit["id"]], query), 3)
                found += hit["id"] in right
        self.assertGreaterEqual(found, 0.9 * K * queries)

    def restart(self, kill=False):
        if kill:
            self.node.kill()
        else:
            self.assertEqual(self.node.terminate(), 0, self.node.stderr())
        self.node.start()

    def test_is_built_and_found_again(self):
        self.wait_built()
        self.assertGreaterEqual(self.metric("builds_total", outcome="built"), 1)
        self.check()
        vectors, tail = self.metric("vectors"), self.metric("tail_vectors")
        self.write(f"d{number}" for number in range(100))
        self.docs.delete(ids=[f"d{number}" for number in range(200, 300)])
        for number in range(200, 300):
            del self.vectors[f"d{number}"]
        self.check()
        self.restart()
        self.assertEqual(self.metric("builds_total"), 0)
        self.assertEqual((self.metric("vectors"), self.metric("tail_vectors")), (vectors, tail + 100))
        self.check()
        self.assertIn("vectors/s", self.node.errors.read_text())

    def test_survives_kills_during_builds(self):
        for kill in range(KILLS):
            time.sleep(self.random.random() * 1.5)
            self.restart(kill=True)
            self.check(2)
            self.write(f"k{kill}-{number}" for number in range(500))
        self.wait_built()
        self.check()
        self.assertEqual(self.metric("damages_total"), 0, self.node.stderr())
        self.assertEqual(list(self.node.folder.glob("collections/*/*.tmp")), [])

    def test_notices_damage_between_runs(self):
        self.wait_built()
        older = self.folder / "older.index"
        shutil.copy(self.index_file(), older)
        self.write(f"n{number}" for number in range(DOCUMENTS))
        self.wait_built()
        good = self.index_file().read_bytes()
        hurt = {
            "older copy": lambda file: shutil.copy(older, file),
            "cut short": lambda file: file.write_bytes(good[:len(good) // 2]),
            "zeros": lambda file: file.write_bytes(bytes(len(good))),
            "flipped header": lambda file: spoil(file, 0, 64 / len(good)),
            "flipped body": spoil,
        }
        for name, damage in hurt.items():
            with self.subTest(name):
                self.assertEqual(self.node.terminate(), 0)
                damage(self.index_file())
                self.node.start()
                self.check(3)
                poll(lambda: self.metric("damages_total") == 1, BUILD_LIMIT_S, f"damage counted: {name}")
                self.wait_built()
                self.check(3)

    def test_does_not_use_the_file_of_another_shard(self):
        other = Collection(self.node, "other")
        other.make(dimension=DIMENSION, metric="l2", embedder="none")
        self.wait_built()
        self.assertEqual(self.node.terminate(), 0)
        strange = next(self.node.folder.glob("collections/other-*/shard-0.db")).with_suffix(".index")
        shutil.copy(self.index_file(), strange)
        self.node.start()
        self.assertEqual(self.metric("damages_total", collection="other"), 1)
        self.assertEqual(other.search(vector=self.vector(), k=K)["hits"], [])
        self.check(3)

    def test_notices_damage_while_it_runs(self):
        self.wait_built()
        for damage in (spoil, lambda file: os.truncate(file, 4096)):
            before = self.metric("damages_total")
            damage(self.index_file())
            self.check(5)
            poll(lambda before=before: self.metric("damages_total") == before + 1, BUILD_LIMIT_S, "damage counted")
            self.wait_built()
            self.check(5)
        self.assertIn("is damaged and will be made anew", self.node.errors.read_text())
        self.index_file().unlink()
        self.check(5)
        self.restart()
        self.wait_built()
        self.check(5)

    def test_follows_settings_while_searches_go_on(self):
        self.wait_built()
        over, wrong = threading.Event(), []

        def search():
            while not over.is_set():
                try:
                    answer = self.docs.search(vector=[0.1] * DIMENSION, k=K)
                    if answer["partial"] or len(answer["hits"]) != K:
                        wrong.append(answer)
                except (AssertionError, OSError) as error:
                    wrong.append(error)

        searching = threading.Thread(target=search)
        searching.start()
        self.addCleanup(searching.join)
        self.addCleanup(over.set)
        for number, patch in enumerate(({"quantization": "float16"}, {"index": {"type": "flat"}},
                                        {"index": {"type": "hnsw"}}, {"quantization": "int8"})):
            built = self.metric("builds_total", outcome="built")
            self.docs.call("PATCH", body=patch)
            if patch == {"index": {"type": "flat"}}:
                poll(lambda: self.metric("vectors") == 0, BUILD_LIMIT_S, "no graph")
                self.assertEqual(list(self.node.folder.glob("collections/*/*.index")), [])
            else:
                poll(lambda built=built: self.metric("builds_total", outcome="built") > built, BUILD_LIMIT_S,
                     f"patch {number}")
                self.wait_built()
            self.check(3)
        over.set()
        searching.join()
        self.assertEqual(wrong, [])

    def test_a_crash_of_the_indexer_is_survived(self):
        self.wait_built()
        fault = {"part": "indexer", "fault": "crash", "collection": "docs", "shard": 0}
        self.assertEqual(self.node.post("/api/v1/debug/faults", fault).status // 100, 2)
        poll(lambda: self.node.get("/ready").status == 200, BUILD_LIMIT_S, "ready")
        poll(lambda: "crashed on purpose" in self.node.errors.read_text(), BUILD_LIMIT_S, "the crash")
        poll(lambda: self.node.get("/ready").status == 200, BUILD_LIMIT_S, "ready again")
        self.wait_built()
        self.check(3)

    def test_an_orderly_stop_waits_for_no_build(self):
        self.write(f"n{number}" for number in range(4 * DOCUMENTS))
        begin = time.monotonic()
        self.assertEqual(self.node.terminate(), 0, self.node.stderr())
        self.assertLess(time.monotonic() - begin, 6)


if __name__ == "__main__":
    unittest.main()
