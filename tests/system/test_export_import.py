"""What is exported and imported again is the same collection: settings, documents, vectors, links, places.

MOSAIC_SEED repeats a run.
"""

import gzip
import json
import pathlib
import struct
import unittest

from node import Collection, SystemTest, poll, run, seeded

DOCUMENTS = 400
PIECES = ["a", "\"", "\\", "/", "\n", "\r", "\t", "\b", "\f", "\x01", "\x1f", "\x7f", "é", "語", "😀", "\u2028", "\ufeff",
          "e\u0301", " ", "{", "}", "word"]
METADATA = [None, {}, {"a": 1, "b": 1.0, "c": -0.0, "d": 1e5, "e": 1e-7},
            {"max": 9223372036854775807, "min": -9223372036854775808, "u": 18446744073709551615},
            {"z": 1, "a": 2, "m": [1, [2, {"x": None}]]}, {"t": True, "f": False, "n": None, "s": "", "o": {}, "l": []}]
# JSON that Python would not write so.
RAW_METADATA = ['{"k":1,"k":2}', '{"\\u00e9":"\\/","n":1.50,"m":1E5}', '{"deep":' * 99 + '{}' + '}' * 99]
IDS = ["a/b", "a b", "ä", "😀", "%41", "..", "a?b#c", "'\"\\", "\u00a0", "x" * 512]


def any_float(random):
    while True:
        number = struct.unpack("<f", struct.pack("<I", random.getrandbits(32)))[0]
        if number == number and abs(number) < 1e38 and number != 0:
            return number


class ExportImport(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.old, self.new = Collection(self.node, "old"), Collection(self.node, "new")
        self.file = self.folder / "old.jsonl.gz"

    def text(self):
        return "".join(self.random.choice(PIECES) for _ in range(self.random.randrange(12)))

    def word(self):
        """As a link's kind may be: nothing that controls."""
        return "".join(piece for piece in self.text() if piece >= " " and piece != "\x7f")

    def document(self, number, dimension):
        """One document as JSON text."""
        random = self.random
        made = {"id": IDS[number] if number < len(IDS) else f"d{number} {random.choice('äé語')}"}
        for name in ("title", "text"):
            if random.random() < 0.7:
                made[name] = self.text()
        if dimension and random.random() < 0.8:
            special = [0.0, -0.0, 1e-45, -1e-45, 1.17549435e-38, 0.1]
            made["vector"] = [any_float(random)] + [random.choice(special) if random.random() < 0.3 else any_float(random)
                                                    for _ in range(dimension - 1)]
        metadata = random.choice(METADATA)
        if metadata is not None:
            made["metadata"] = metadata
        links = [random.choice([f"d{random.randrange(99)}", {"to": "nowhere", "kind": self.word()},
                                {"to": "d1", "kind": "k", "weight": random.choice([0, -0.0, 1e-300, 0.1, 2])}])
                 for _ in range(random.randrange(4))]
        if links:
            made["links"] = links + links[:1]  # one of them twice
        text = json.dumps(made, ensure_ascii=False)
        if metadata is None and random.random() < 0.5:
            text = text[:-1] + ',"metadata":' + random.choice(RAW_METADATA) + "}"
        return text

    def fill(self, dimension, count=DOCUMENTS):
        lines = [self.document(number, dimension) for number in range(count)]
        answer = self.node.post("/api/v1/collections/old/documents", "\n".join(lines),
                                headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200, answer)

    def client(self, *words, code=0):
        done = run(*words, "--url", self.node.url)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def carry_over(self, *flags):
        self.client("export", "old", "-o", self.file)
        self.client("import", "new", self.file, "--create", *flags)

    def exported(self, name):
        return self.node.get(f"/api/v1/collections/{name}/export").body

    def settings(self, collection):
        told = collection.info()
        return {key: value for key, value in told.items() if key not in ("name", "seq", "shards")}

    def same(self):
        self.assertEqual(self.settings(self.new), self.settings(self.old))
        self.assertEqual(self.exported("new"), self.exported("old"), "byte for byte")

    def test_everything_that_a_document_may_hold(self):
        self.old.make(dimension=5, metric="l2", embedder="none", shards=3, quantization="binary", indexed=["a", "z"],
                      retention_s=3600, index={"type": "hnsw", "m": 7, "ef_construction": 70})
        self.fill(5)
        self.carry_over()
        self.same()
        self.assertEqual(gzip.decompress(self.file.read_bytes()), self.exported("old"))

    def test_vectors_that_the_node_made_are_not_made_anew(self):
        self.old.make(dimension=16, embedder="hash", shards=2)
        self.fill(0)
        # These are none that the embedder would give.
        self.old.upsert([{"id": f"own{i}", "text": "word", "vector": [i + 1] + [0] * 15} for i in range(20)])
        self.carry_over()
        self.same()

    def test_a_collection_that_went_over_to_another_embedder(self):
        self.old.make(dimension=16, embedder="hash", shards=2)
        self.fill(0)
        job = self.old.call("POST", "/reembed", {"embedder": "hash", "dimension": 24}, expect=202)
        poll(lambda: self.node.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done", 60, "the job")
        self.carry_over()
        self.assertEqual(self.new.info()["dimension"], 24)
        self.same()

    def test_documents_live_where_they_lived(self):
        self.old.make(dimension=2, metric="l2", embedder="none", shards=4, routing="centroid")
        self.old.call("PUT", "/centroids", {"centroids": [[0, 0], [10.5, 0], [0, 10.25], [0.1, -1e-7]]})
        self.old.upsert([{"id": f"d{i}", "vector": [self.random.uniform(0, 12), self.random.uniform(0, 12)]}
                         for i in range(200)] + [{"id": f"t{i}", "text": "no vector"} for i in range(20)])
        self.carry_over()
        self.same()
        old, new = ({document["id"]: self.node.get(f"/api/v1/collections/{name}/documents/{document['id']}").json()["shard"]
                     for document in collection.pages()} for name, collection in (("old", self.old), ("new", self.new)))
        self.assertEqual(old, new)
        self.assertEqual(self.new.call("GET", "/centroids")["centroids"], self.old.call("GET", "/centroids")["centroids"])

    def test_flags_win_and_no_settings_leaves_them_aside(self):
        self.old.make(dimension=5, metric="l2", embedder="none", shards=3)
        self.fill(5, 40)
        self.carry_over("--shards", "2")
        self.assertEqual((self.new.info()["shard_count"], self.new.info()["metric"]), (2, "l2"))
        self.assertEqual(self.exported("new"), self.exported("old"))
        self.new.call("DELETE")
        self.client("import", "new", self.file, "--create", "--no-settings", "--embedder", "none")
        self.assertEqual(self.new.info()["metric"], "cosine")
        pathlib.Path(f"{self.file}.settings.json").unlink()
        self.client("export", "old", "-o", self.file, "--no-settings")
        self.assertFalse(pathlib.Path(f"{self.file}.settings.json").exists())

    def test_numbers_that_are_none_are_refused(self):
        self.old.make(dimension=1, metric="l2", embedder="none")
        for metadata in ('{"n":1e400}', '{"n":NaN}', '{"n":01}', '{"n":1.}'):
            answer = self.node.post("/api/v1/collections/old/documents",
                                    '{"documents":[{"id":"a","metadata":' + metadata + "}]}")
            self.assert_problem(answer, 400, "invalid_argument")


if __name__ == "__main__":
    unittest.main()
