"""Search against a brute-force oracle; text ranking over one shard and four; batches and hybrid."""

import json
import unittest
from urllib.parse import quote

from node import Collection, SystemTest, seeded
from oracle import WORDS, random_filter, random_metadata, random_where, ranked

DIMENSION = 4
DOCUMENTS = 150
ROUNDS = 3
SEARCHES_PER_ROUND = 30
TOLERANCE = 1e-5
LATER_FIELDS = {"near": {"document": "d1", "depth": 1}, "facets": ["a"], "group_by": "a"}
WAYS = {"scan", "scan_matches", "walk", "walk_then_scan"}


class AgainstTheOracle(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()

    def vector(self):
        while True:
            vector = [self.random.randint(-3, 3) for _ in range(DIMENSION)]
            if any(vector):
                return vector

    def random_document(self, key):
        made = {"id": key}
        if self.random.random() < 0.9:
            made["vector"] = self.vector()
        if self.random.random() < 0.9:
            made["metadata"] = random_metadata(self.random)
        for part in ("title", "text"):
            if self.random.random() < 0.7:
                made[part] = " ".join(self.random.choices(WORDS[:4], k=self.random.randint(1, 2)))
        return made

    def change(self, collection, kept):
        """Some overwrites, new documents and deletes, in the node and in `kept`."""
        names = [f"d{self.random.randrange(DOCUMENTS)}" for _ in range(DOCUMENTS // 2)]
        batch = [self.random_document(name) for name in names]
        collection.upsert(batch)
        kept.update((item["id"], item) for item in batch)
        gone = self.random.sample(sorted(kept), len(kept) // 10)
        self.assertEqual(collection.delete(ids=gone)["deleted"], len(gone))
        for name in gone:
            del kept[name]

    def question(self, metric):
        asked = {"vector": self.vector(), "k": self.random.choice([1, 3, 10, 10_000])}
        if self.random.random() < 0.7:
            asked["filter"] = random_filter(self.random)
        if self.random.random() < 0.3:
            asked["where"] = random_where(self.random)
        if self.random.random() < 0.2:
            # Off the grid of possible scores, so that rounding decides nothing.
            asked["min_score"] = {"cosine": 0.2503, "dot": 0.5, "l2": 0.2507, "l1": 0.1307}[metric]
        return asked

    def check(self, metric, documents, asked, answer):
        wanted = ranked(documents, metric, asked["vector"], asked.get("filter", {}), asked.get("where"),
                        asked.get("min_score"))
        exact = {name: (value, far) for name, value, far in wanted}
        hits = answer["hits"]
        self.assertFalse(answer["partial"])
        self.assertEqual(len(hits), min(asked["k"], len(wanted)))
        self.assertEqual(len({hit["id"] for hit in hits}), len(hits), "an id twice")
        for hit, (_, value, _) in zip(hits, wanted):
            self.assertIn(hit["id"], exact, "no match")
            self.assertAlmostEqual(hit["score"], value, delta=TOLERANCE)
            self.assertAlmostEqual(hit["score"], exact[hit["id"]][0], delta=TOLERANCE)
            self.assertAlmostEqual(hit["distance"], exact[hit["id"]][1], delta=TOLERANCE)
        order = [(-hit["score"], hit["id"]) for hit in hits]
        self.assertEqual(order, sorted(order), "not by falling score, ties by id")
        if metric in ("dot", "l1"):  # no rounding there: ties are exact
            self.assertEqual([hit["id"] for hit in hits], [name for name, *_ in wanted[:asked["k"]]])

    def run_metric(self, metric, shards, indexed=()):
        collection = Collection(self.node, f"{metric}{shards}")
        collection.make(dimension=DIMENSION, metric=metric, embedder="none", shards=shards,
                        indexed=list(indexed))
        kept = {}
        for _ in range(ROUNDS):
            self.change(collection, kept)
            self.change(collection, kept)
            for _ in range(SEARCHES_PER_ROUND):
                asked = self.question(metric)
                with self.subTest(metric=metric, shards=shards, asked=asked):
                    self.check(metric, list(kept.values()), asked, collection.search(**asked))

    def test_every_metric_over_one_shard_and_four(self):
        for metric in ("cosine", "l2", "dot", "l1"):
            for shards in (1, 4):
                self.run_metric(metric, shards, ("a", "deep.er.n", "tags") if shards == 4 else ())

    def test_filters_of_a_list_and_of_a_delete_agree_with_the_oracle(self):
        collection = Collection(self.node, "lists")
        collection.make(dimension=DIMENSION, metric="dot", embedder="none", shards=2, indexed=["b"])
        kept = {}
        self.change(collection, kept)
        for _ in range(60):
            condition = random_filter(self.random)
            bare = [{**item, "vector": [1] * DIMENSION} for item in kept.values()]
            wanted = sorted(name for name, *_ in ranked(bare, "dot", [1] * DIMENSION, condition, None, None))
            with self.subTest(filter=condition):
                listed = collection.call("GET", "/documents?limit=10000&filter=" + quote(json.dumps(condition)))
                self.assertEqual([item["id"] for item in listed["documents"]], wanted)
        self.assertEqual(collection.delete(filter=condition)["deleted"], len(wanted))
        self.assertEqual(collection.pages("ids"), sorted(set(kept) - set(wanted)))

    def check_audit(self, metric, documents, asked, answer):
        """`expected`, `found` and `missed` of an audit, counted again from the hits."""
        wanted = ranked(documents, metric, asked["vector"], asked.get("filter", {}), asked.get("where"), None)
        audit = answer["audit"]
        self.assertNotIn("error", audit)
        self.assertEqual(audit["expected"], min(asked["k"], len(wanted)))
        self.assertEqual(audit["found"], audit["expected"] - len(audit["missed"]))
        self.assertAlmostEqual(audit["recall"], audit["found"] / audit["expected"] if audit["expected"] else 1)
        far = {name: distance for name, _, distance in wanted[:audit["expected"]]}
        right = sum(hit["distance"] <= max(far.values()) + TOLERANCE for hit in answer["hits"])
        self.assertEqual(audit["found"], min(right, audit["expected"]))
        self.assertFalse({hit["id"] for hit in answer["hits"]} & set(audit["missed"]))

    def test_exact_searches_and_audits_agree_with_the_oracle(self):
        for metric, shards in (("cosine", 1), ("l2", 3)):
            collection = Collection(self.node, f"audited{shards}")
            collection.make(dimension=DIMENSION, metric=metric, embedder="none", shards=shards)
            kept = {}
            self.change(collection, kept)
            for _ in range(SEARCHES_PER_ROUND):
                asked = self.question(metric)
                asked.pop("min_score", None)
                documents = list(kept.values())
                with self.subTest(metric=metric, shards=shards, asked=asked):
                    self.check(metric, documents, asked, collection.search(exact=True, **asked))
                    answer = collection.search(ef=self.random.choice([1, 50, 10_000]), audit=True, **asked)
                    self.check_audit(metric, documents, asked, answer)

    def test_explain_tells_how_each_shard_searched(self):
        collection = Collection(self.node, "explained")
        collection.make(dimension=DIMENSION, embedder="none", shards=2)
        kept = {}
        self.change(collection, kept)
        explained = collection.search(vector=self.vector(), audit=True, explain=True)["explain"]
        self.assertEqual([shard["shard"] for shard in explained["index"]], [0, 1])
        self.assertLessEqual({shard["way"] for shard in explained["index"]}, WAYS)
        self.assertGreaterEqual(sum(shard["nodes"] + shard["tail"] for shard in explained["index"]),
                                sum("vector" in item for item in kept.values()))
        self.assertEqual(explained["stages"][-1]["name"], "audit")

    def test_fields_of_vector_search_do_nothing_in_a_text_search(self):
        collection = Collection(self.node, "words")
        collection.make(embedder="none", dimension=DIMENSION)
        collection.upsert([{"id": "a", "text": "red"}])
        answer = collection.search(query="red", mode="text", ef=7, exact=True, audit=True, explain=True)
        self.assertEqual([hit["id"] for hit in answer["hits"]], ["a"])
        self.assertNotIn("audit", answer)
        self.assertEqual(answer["explain"]["index"], [])
        for ef in (0, 10_001, 1.5, "9"):
            self.assert_problem(collection.node.post(collection.path + "/search", {"query": "red", "ef": ef}),
                                400, "invalid_argument", "ef is ")

    def test_include_says_what_a_hit_carries(self):
        collection = Collection(self.node, "parts")
        collection.make(dimension=2, embedder="none")
        collection.upsert([{"id": "a", "title": "T", "text": "x", "metadata": {"n": 1}, "vector": [1, 0]}])
        hit = collection.search(vector=[1, 0])["hits"][0]
        self.assertEqual((hit["title"], hit["text"], hit["metadata"]), ("T", "x", {"n": 1}))
        self.assertNotIn("vector", hit)
        hit = collection.search(vector=[1, 0], include=["vector", "metadata"])["hits"][0]
        self.assertEqual((hit["vector"], hit["metadata"]), ([1, 0], {"n": 1}))
        self.assertFalse({"text", "title"} & set(hit))
        self.assertIn("colour", collection.search(vector=[1, 0], include=["colour"], expect=400)["detail"])


class Text(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.words = [f"{a}{b}{c}" for a in "bdgk" for b in "aeiou" for c in ("lt", "mm", "rna", "sk")]
        self.sides = [Collection(self.node, f"shards{count}") for count in (1, 4)]
        for count, side in zip((1, 4), self.sides):
            side.make(dimension=64, embedder="hash", shards=count)

    def text(self, length):
        return " ".join(self.words[min(int(self.random.paretovariate(0.6)), len(self.words)) - 1]
                        for _ in range(length))

    def fill(self, first, last):
        batch = [{"id": f"t{i}", "title": self.text(self.random.randint(0, 3)),
                  "text": self.text(self.random.randint(1, 60)), "metadata": {"n": i % 7}}
                 for i in range(first, last)]
        for side in self.sides:
            side.upsert(batch)
        return batch

    def same(self, **asked):
        one, four = (side.search(**asked)["hits"] for side in self.sides)
        with self.subTest(asked=asked):
            self.assertEqual([hit["id"] for hit in one], [hit["id"] for hit in four])
            for left, right in zip(one, four):
                self.assertAlmostEqual(left["score"], right["score"], delta=1e-9)
            order = [(-hit["score"], hit["id"]) for hit in four]
            self.assertEqual(order, sorted(order))
        return one

    def test_one_shard_and_four_rank_alike(self):
        batch = self.fill(0, 300)
        for round_number in range(2):
            for _ in range(60):
                query = self.text(self.random.randint(1, 4))
                hits = self.same(query=query, mode="text", k=self.random.choice([1, 10, 300]))
                self.assertTrue(all(hit["score"] > 0 and hit["distance"] is None for hit in hits))
                self.same(query=query, mode="text", k=20, filter={"n": {"$in": [1, 2, 3]}})
            self.assertTrue(self.same(query=batch[0]["text"], mode="text", k=1), "no hit for a whole text")
            for side in self.sides:
                side.delete(where="metadata->>'n' = 5")
            batch = self.fill(0, 100)

    def test_words_are_stemmed_and_found_in_every_match(self):
        self.fill(0, 50)
        for side in self.sides:
            side.upsert([{"id": "x", "text": "Running servers"}, {"id": "y", "title": "the run of a server"},
                         {"id": "z", "text": "ran away"}])
        self.assertEqual({hit["id"] for hit in self.same(query="server runs", mode="text", k=100)}, {"x", "y"})
        self.assertEqual(self.same(query="qqqq", mode="text"), [])

    def test_a_query_alone_means_hybrid(self):
        self.fill(0, 120)
        for side in self.sides:
            query = self.text(3)
            hits = side.search(query=query, k=20)["hits"]
            named = side.search(query=query, k=20, mode="hybrid")["hits"]
            self.assertEqual(hits, named)
            self.assertTrue(any(hit["scores"]["text"] is not None for hit in hits))
            self.assertTrue(any(hit["scores"]["vector"] is not None for hit in hits))
            self.assertEqual(len(hits), 20)

    def test_a_batch_answers_in_order(self):
        self.fill(0, 100)
        asked = [{"query": self.text(2), "mode": "text", "k": 5} for _ in range(10)]
        for side in self.sides:
            results = side.call("POST", "/search/batch", {"searches": asked})["results"]
            self.assertEqual([result["hits"] for result in results],
                             [side.search(**item)["hits"] for item in asked])
            answer = self.node.post(side.path + "/search/batch", {"searches": [asked[0], {"k": 0}]})
            self.assert_problem(answer, 400, "invalid_argument", "1")

    def test_the_default_collection_answers_at_api_search(self):
        self.assert_problem(self.node.post("/api/search", {"query": "x"}), 404, "not_found", "default")
        Collection(self.node, "default").make(embedder="hash", dimension=16)
        self.assertEqual(self.node.post("/api/search", {"query": "x"}).json()["hits"], [])

    def test_fields_of_later_versions_are_refused(self):
        for name, value in LATER_FIELDS.items():
            answer = self.node.post(self.sides[0].path + "/search", {"query": "x", name: value})
            with self.subTest(field=name):
                self.assert_problem(answer, 400, "invalid_argument", name)


if __name__ == "__main__":
    unittest.main()
