"""Collections that go over to another embedder on a real node: beside searches and writes, through kills."""

import json
import math
import pathlib
import struct
import subprocess
import threading
import time
import unittest

from node import BINARY, Collection, SystemTest, poll, seeded

OLD, NEW = 16, 48
DOCUMENTS = 4_000
CROWD = 12_000  # so many that the job takes a while
BATCH = 1_000
KILLS = 4
JOB_LIMIT_S = 120
TOLERANCE = 1e-5  # vectors are float32 at the node
WORDS = [f"word{number}" for number in range(200)]


def cosine_distance(a, b):
    product = sum(x * y for x, y in zip(a, b))
    return 1 - product / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class Reembed(SystemTest):
    """`kept` is what was acknowledged: id -> text."""

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.kept = {}

    def text(self):
        return " ".join(self.random.choice(WORDS) for _ in range(6))

    def fill(self, count, shards=2):
        self.docs.make(dimension=OLD, embedder="hash", shards=shards)
        for begin in range(0, count, BATCH):
            self.write([f"d{number}" for number in range(begin, min(count, begin + BATCH))])

    def write(self, keys):
        batch = {key: self.text() for key in keys}
        self.docs.upsert([{"id": key, "text": text} for key, text in batch.items()])
        self.kept.update(batch)

    def reembed(self, dimension=NEW):
        return self.docs.call("POST", "/reembed", {"embedder": "hash", "dimension": dimension}, expect=202)

    def job(self, key):
        return self.node.get(f"/api/v1/jobs/{key}").json()

    def ended(self, job):
        return poll(lambda: (found := self.job(job["id"]))["state"] != "running" and found, JOB_LIMIT_S,
                    f"job {job['id']} has ended")

    def stored(self):
        """Every document once, with its vector."""
        lines = self.node.get("/api/v1/collections/docs/export").body.splitlines()
        items = [json.loads(line) for line in lines]
        found = {item["id"]: item for item in items}
        self.assertEqual(len(found), len(items))
        self.assertEqual({key: item["text"] for key, item in found.items()}, self.kept)
        return {key: item["vector"] for key, item in found.items()}

    def check(self, dimension):
        """All vectors are of one space, and searches find by them what brute force finds."""
        vectors = self.stored()
        self.assertEqual({len(vector) for vector in vectors.values()}, {dimension})
        self.assertEqual(self.docs.info()["dimension"], dimension)
        for key in self.random.sample(sorted(vectors), 5):
            hits = self.docs.search(document=key, mode="vector", k=20, exact=True)["hits"]
            wanted = sorted(cosine_distance(vectors[key], vector) for other, vector in vectors.items() if other != key)
            for hit, distance in zip(hits, wanted, strict=False):
                self.assertAlmostEqual(hit["distance"], distance, delta=TOLERANCE)
            self.assertEqual(len(hits), min(20, len(wanted)))
        text = next(iter(self.kept.values()))
        hits = self.docs.search(query=text, mode="vector", k=3)["hits"]
        self.assertEqual(self.kept[hits[0]["id"]], text)
        self.assertLess(hits[0]["distance"], 0.01)  # a query weighs its words a little differently

    def watch(self, done, seen):
        """Searches until told to stop; of every answer, the one dimension of its vectors."""
        docs = Collection(self.node, "docs")
        random = seeded(self.id() + "/searcher")
        while not done.is_set():
            query = " ".join(random.choice(WORDS) for _ in range(3))
            answer = docs.search(query=query, mode="vector", k=30, include=["text", "vector"])
            self.assertFalse(answer["partial"], answer["shards"])
            self.assertTrue(answer["hits"])
            dimensions = {len(hit["vector"]) for hit in answer["hits"]}
            self.assertEqual(len(dimensions), 1, "vectors of two embedders in one answer")
            ordered = [hit["distance"] for hit in answer["hits"]]
            self.assertEqual(ordered, sorted(ordered))
            seen.append((time.monotonic(), dimensions.pop()))


class BesideSearchesAndWrites(Reembed):
    def test_every_answer_is_wholly_old_or_wholly_new(self):
        self.fill(DOCUMENTS)
        done, seen, failures = threading.Event(), [], []

        def watch():
            try:
                self.watch(done, seen)
            except BaseException as failure:  # told to the test's own thread
                failures.append(failure)
                raise

        searchers = [threading.Thread(target=watch) for _ in range(2)]
        for searcher in searchers:
            searcher.start()
        poll(lambda: seen or failures, 30, "a search has been answered")
        job = self.reembed()
        while self.job(job["id"])["state"] == "running":
            self.write([f"d{self.random.randrange(2 * DOCUMENTS)}" for _ in range(20)])
        ended = self.job(job["id"])
        self.assertEqual((ended["kind"], ended["state"], ended["progress"]), ("reembed", "done", 1), ended)
        self.write([f"d{self.random.randrange(DOCUMENTS)}" for _ in range(50)])
        switched = len(seen)
        poll(lambda: failures or len(seen) > switched + 5, 30, "searches go on")
        done.set()
        for searcher in searchers:
            searcher.join()
        self.assertEqual(failures, [])
        self.assertEqual({dimension for _, dimension in seen}, {OLD, NEW})
        self.assertEqual(ended["result"]["embedder"], "hash")
        self.assertEqual(ended["result"]["dimension"], NEW)
        self.check(NEW)

    def test_a_cancelled_job_changes_nothing(self):
        self.fill(CROWD)
        before = self.docs.info()
        job = self.reembed()
        self.node.request("DELETE", f"/api/v1/jobs/{job['id']}")
        ended = self.ended(job)
        if ended["state"] == "done":
            self.skipTest("the job was faster than its cancel")
        self.assertEqual(ended["state"], "cancelled", ended)
        after = self.docs.info()
        self.assertEqual((after["embedder"], after["dimension"]), (before["embedder"], before["dimension"]))
        self.check(OLD)

    def test_what_cannot_be_is_refused(self):
        self.fill(10, shards=1)
        path = "/api/v1/collections/docs/reembed"
        self.assert_problem(self.node.post(path, {"embedder": "none"}), 400, "invalid_argument", "clients")
        self.assert_problem(self.node.post(path, {"embedder": "glove"}), 400, "invalid_argument", "glove")
        self.assert_problem(self.node.post(path, {"embedder": "model:/nowhere"}), 400, "invalid_argument", "/nowhere")
        self.assert_problem(self.node.post("/api/v1/collections/none/reembed", {"embedder": "hash"}), 404, "not_found")
        put = self.node.put("/api/v1/collections/other", {"embedder": "model:/nowhere"})
        self.assert_problem(put, 400, "invalid_argument", "/nowhere")

    def test_the_command_line_shows_the_job_to_its_end(self):
        self.fill(500)
        told = subprocess.run([BINARY, "reembed", "docs", "hash", "--dimension", str(NEW), "--json", "--url",
                               self.node.url], capture_output=True, text=True, timeout=JOB_LIMIT_S, check=False)
        self.assertEqual(told.returncode, 0, told.stderr)
        job = json.loads(told.stdout)
        self.assertEqual(job["result"], {"documents": 500, "embedded": 500, "without": 0, "embedder": "hash",
                                         "dimension": NEW})
        self.check(NEW)


def make_model(folder, random, dimension=6):
    """A static model that knows WORDS: random rows, a tokenizer that splits at white space."""
    folder.mkdir(exist_ok=True)
    rows = [random.gauss(0, 1) for _ in range((len(WORDS) + 1) * dimension)]
    header = json.dumps({"embeddings": {"dtype": "F32", "shape": [len(WORDS) + 1, dimension],
                                        "data_offsets": [0, 4 * len(rows)]}}).encode()
    header += b" " * (-len(header) % 8)
    tokenizer = {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "normalizer": None, "added_tokens": [],
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                           "max_input_chars_per_word": 100,
                           "vocab": {word: number for number, word in enumerate(["[UNK]", *WORDS])}}}
    files = {"model.safetensors": struct.pack("<Q", len(header)) + header + struct.pack(f"<{len(rows)}f", *rows),
             "tokenizer.json": json.dumps(tokenizer).encode(), "config.json": b'{"normalize": true}'}
    for name, content in files.items():  # renamed, so that whoever has the old one open keeps it
        (folder / "new").write_bytes(content)
        (folder / "new").rename(folder / name)


class ModelFolder(Reembed):
    def setUp(self):
        super().setUp()
        self.model = pathlib.Path(self.folder) / "model"
        make_model(self.model, self.random)
        self.embedder = f"model:{self.model}"

    def refused(self, answer):
        self.assert_problem(answer, 503, "unavailable", "the model of collection 'docs' has changed", "reembed")

    def test_a_model_that_has_changed_embeds_nothing_until_the_collection_is_reembedded(self):
        put = self.node.put("/api/v1/collections/docs", {"embedder": self.embedder, "dimension": 7})
        self.assert_problem(put, 400, "dimension_mismatch", "7", "6")
        self.assertEqual(self.docs.make(embedder=self.embedder)["dimension"], 6)
        self.write([f"d{number}" for number in range(50)])
        self.check(6)
        make_model(self.model, self.random, dimension=5)
        self.check(6)  # what is open stays open
        self.node.terminate()
        self.node.start()
        path = "/api/v1/collections/docs"
        text = next(iter(self.kept.values()))
        self.refused(self.node.post(path + "/documents", {"documents": [{"id": "new", "text": "word1"}]}))
        for mode in ("vector", "hybrid"):
            self.refused(self.node.post(path + "/search", {"query": text, "mode": mode}))
        self.docs.search(query=text, weights={"vector": 0})
        self.docs.search(query=text, mode="text")
        self.docs.search(document="d1", mode="vector")
        self.docs.search(vector=[1] * 6)
        self.docs.upsert([{"id": "d1", "text": self.kept["d1"], "vector": [1] * 6}])
        self.assertEqual(self.docs.info()["embedder"], self.embedder)
        job = self.ended(self.docs.call("POST", "/reembed", {"embedder": self.embedder}, expect=202))
        self.assertEqual((job["state"], job["result"]["dimension"]), ("done", 5), job)
        self.check(5)
        self.node.terminate()
        self.node.start()
        self.check(5)

    def test_a_table_that_is_overwritten_where_it_lies_embeds_nothing_any_more(self):
        self.docs.make(embedder=self.embedder)
        self.write([f"d{number}" for number in range(20)])
        table = self.model / "model.safetensors"
        content = table.read_bytes()
        table.write_bytes(content[:-4] + struct.pack("<f", 2.5))
        path = "/api/v1/collections/docs"
        text = next(iter(self.kept.values()))
        self.refused(self.node.post(path + "/documents", {"documents": [{"id": "new", "text": "word1"}]}))
        self.docs.document("new", expect=404)
        self.refused(self.node.post(path + "/search", {"query": text, "mode": "vector"}))
        self.assertTrue(self.docs.search(query=text, mode="text")["hits"])
        self.assertTrue(self.docs.search(document="d1", mode="vector")["hits"])
        table.write_bytes(content)
        self.node.terminate()
        self.node.start()
        self.check(6)

    def test_a_damaged_folder_is_named(self):
        (self.model / "tokenizer.json").write_bytes(b"{}")
        put = self.node.put("/api/v1/collections/docs", {"embedder": self.embedder})
        self.assert_problem(put, 400, "invalid_argument", str(self.model), "tokenizer.json")


class Killed(Reembed):
    def test_a_node_that_is_killed_is_wholly_old_or_wholly_new(self):
        self.fill(CROWD)
        dimension = OLD
        for _ in range(KILLS):
            other = NEW if dimension == OLD else OLD
            self.reembed(other)
            pause = self.random.random() * 2.5
            ends = time.monotonic() + pause
            while time.monotonic() < ends:
                self.write([f"d{self.random.randrange(CROWD)}" for _ in range(5)])
            self.node.kill()
            self.node.start()
            # Whole at once: what had begun goes on by itself.
            answer = self.docs.search(query=self.text(), mode="vector", k=100, include=["vector"])
            self.assertFalse(answer["partial"])
            self.assertIn({len(hit["vector"]) for hit in answer["hits"]}, ({OLD}, {NEW}))
            poll(lambda: not self.running(), JOB_LIMIT_S, "no job runs")
            dimension = self.docs.info()["dimension"]
            self.check(dimension)

    def running(self):
        return [job for job in self.node.get("/api/v1/jobs").json()["jobs"] if job["state"] == "running"]


if __name__ == "__main__":
    unittest.main()
