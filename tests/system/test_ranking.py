"""Hybrid ranking over HTTP against plain Python: fusion, PageRank, diversity, more like this, explain."""

import math
import unittest

from node import Collection, SystemTest, poll, seeded

DOCUMENTS = 240
DIMENSION = 64
DEPTH = 100  # of each arm while 2k is not more
TOLERANCE = 1e-9
WORDS = [f"word{chr(97 + i)}" for i in range(26)]


def normalised(scores):
    least, greatest = min(scores.values()), max(scores.values())
    return {key: (value - least) / (greatest - least) if greatest > least else 1
            for key, value in scores.items()}


def reciprocals(scores):
    """1 / (60 + rank) by falling score; equal scores share the better rank."""
    falling = sorted(scores.values(), reverse=True)
    return {key: 1 / (61 + falling.index(value)) for key, value in scores.items()}


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return min(1, max(0, dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))))


class Ranking(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.sides = [Collection(self.node, f"shards{count}") for count in (1, 4)]
        self.items = [self.document(number) for number in range(DOCUMENTS)]
        for side, shards in zip(self.sides, (1, 4)):
            side.make(embedder="hash", dimension=DIMENSION, shards=shards)
            side.upsert(self.items)
            job = side.call("POST", "/pagerank", {}, expect=202)
            poll(lambda: self.node.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done", 30, "ranked")

    def document(self, number):
        text = " ".join(self.random.choices(WORDS, k=self.random.randint(3, 12)))
        links = [f"d{int(DOCUMENTS * self.random.random() ** 2)}" for _ in range(3)]
        return {"id": f"d{number}", "title": self.random.choice(WORDS), "text": text, "links": links}

    def full_score(self, text):
        """The sum of the idf of the stems: to Porter worde and words are word, and wordy is wordi."""
        stem = {"worde": "word", "words": "word", "wordy": "wordi"}
        stems = [{stem.get(word, word) for word in f"{d['title']} {d['text']}".split()} for d in self.items]
        held = [sum(stem.get(word, word) in words for words in stems) for word in text.split()]
        return sum(math.log(1 + (DOCUMENTS - n + 0.5) / (n + 0.5)) for n in held)

    def arms(self, side, text):
        """id -> score of the best of each arm, of every vector, and of every PageRank."""
        every = side.search(query=text, mode="vector", k=DOCUMENTS, include=[])["hits"]
        words = side.search(query=text, mode="text", k=DEPTH, include=[])["hits"]
        vectors = {hit["id"]: hit["score"] for hit in every}
        ranks = {hit["id"]: hit["pagerank"] for hit in every}
        nearest = [hit["id"] for hit in every[:DEPTH]]
        return nearest, {hit["id"]: hit["score"] for hit in words}, vectors, ranks

    def expected(self, side, text, fusion, weights):
        nearest, words, vectors, ranks = self.arms(side, text)
        union = set(nearest) | set(words)
        known = [{key: vectors[key] for key in union}, words,
                 {key: math.log(ranks[key]) for key in union}]
        if fusion == "weighted":
            full = max(self.full_score(text), *words.values())
            parts = [normalised(known[0]), {key: score / full for key, score in words.items()}, normalised(known[2])]
        else:
            by_place = {key: 1 / (61 + place) for place, key in enumerate(nearest)}
            words_in_order = {key: 1 / (61 + place) for place, key in enumerate(words)}
            parts = [by_place, words_in_order, reciprocals(known[2])]
        return {key: sum(weights[name] * part.get(key, 0)
                         for name, part in zip(("vector", "text", "pagerank"), parts)) for key in union}

    def questions(self):
        for fusion in ("rrf", "weighted"):
            for _ in range(4):
                weights = {name: self.random.choice([0.3, 1, 2.5]) for name in ("vector", "text")}
                weights["pagerank"] = self.random.choice([0, 0.2, 1])
                yield " ".join(self.random.sample(WORDS, 3)), fusion, weights

    def test_fusion_is_that_of_its_definition_for_any_number_of_shards(self):
        for text, fusion, weights in self.questions():
            answers = [side.search(query=text, k=20, fusion=fusion, weights=weights, explain=True)
                       for side in self.sides]
            for side, answer in zip(self.sides, answers):
                wanted = self.expected(side, text, fusion, weights)
                best = sorted(wanted.values(), reverse=True)
                for hit, score in zip(answer["hits"], best):
                    self.assertAlmostEqual(hit["score"], score, delta=TOLERANCE)
                    self.assertAlmostEqual(hit["score"], wanted[hit["id"]], delta=TOLERANCE)
                self.assert_explained(answer)
            self.assertEqual(*[[(hit["id"], hit["score"]) for hit in answer["hits"]] for answer in answers])

    def assert_explained(self, answer):
        explained = answer["explain"]
        self.assertEqual([(hit["id"], hit["score"]) for hit in answer["hits"]],
                         [(hit["id"], hit["score"]) for hit in explained["hits"]])
        for hit in explained["hits"]:
            parts = sum(part for part in hit["parts"].values() if part is not None)
            self.assertAlmostEqual(parts, hit["score"], delta=TOLERANCE)
        stages = {stage["name"]: stage for stage in explained["stages"]}
        self.assertLessEqual({"embed", "candidates", "rank", "documents"}, set(stages))
        self.assertLessEqual(sum(stage["took_ms"] for stage in explained["stages"]), answer["took_ms"])
        self.assertEqual(stages["candidates"]["shards_asked"], answer["shards"]["total"])

    def test_more_like_this_finds_neighbours_and_not_itself(self):
        for side in self.sides:
            liked = side.document("d7", include="vector")
            by_document = side.search(document="d7", k=30)
            by_vector = side.search(vector=liked["vector"], k=31)
            self.assertEqual([hit["id"] for hit in by_document["hits"]],
                             [hit["id"] for hit in by_vector["hits"] if hit["id"] != "d7"][:30])
            for mode in ("text", "hybrid"):
                hits = side.search(document="d7", mode=mode, k=30)["hits"]
                self.assertTrue(hits)
                self.assertNotIn("d7", {hit["id"] for hit in hits})
            joined = side.search(document="d7", query=WORDS[0], k=5)["hits"]
            self.assertTrue(any(hit["scores"]["text"] for hit in joined))
            self.assert_problem(self.node.post(side.path + "/search", {"document": "gone"}), 404,
                                "not_found", "gone")
            both = {"document": "d7", "vector": liked["vector"]}
            self.assert_problem(self.node.post(side.path + "/search", both), 400, "invalid_argument",
                                "document")

    def test_diversity_chooses_by_marginal_relevance(self):
        k, pool_size = 10, 50
        for diversity in (0.2, 0.5, 0.9):
            text = " ".join(self.random.sample(WORDS, 3))
            for side in self.sides:
                pool = side.search(query=text, k=pool_size, include=["vector"], mode="vector")["hits"]
                answer = side.search(query=text, k=k, diversity=diversity, mode="vector", explain=True)
                self.assert_explained(answer)
                spread = pool[0]["score"] - pool[-1]["score"]
                chosen = []
                for hit in answer["hits"]:
                    values = {other["id"]: (1 - diversity) * other["score"] - diversity * spread * max(
                        (cosine(other["vector"], before["vector"]) for before in chosen), default=0)
                        for other in pool if other not in chosen}
                    self.assertAlmostEqual(hit["score"], max(values.values()), delta=1e-6)
                    self.assertAlmostEqual(hit["score"], values[hit["id"]], delta=1e-6)
                    chosen.append(next(other for other in pool if other["id"] == hit["id"]))
                self.assertTrue(all(hit.get("vector") is None for hit in answer["hits"]))

    def test_bad_fields_are_refused_by_name(self):
        bad = {"fusion": "sum", "weights": {"vector": -1}, "diversity": 1.5, "explain": "yes", "document": ""}
        for name, value in bad.items():
            answer = self.node.post(self.sides[0].path + "/search", {"query": "x", name: value})
            with self.subTest(field=name):
                self.assert_problem(answer, 400, "invalid_argument", name)
        unknown = {"query": "x", "weights": {"fame": 1}}
        self.assert_problem(self.node.post(self.sides[0].path + "/search", unknown), 400,
                            "invalid_argument", "fame")


if __name__ == "__main__":
    unittest.main()
