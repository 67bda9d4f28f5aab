"""What a search over several shards must answer, also when some of them are missing, by brute force.

Nothing here is shared with the product. Vectors are whole numbers, so that float32 and Python agree on every
distance; words are such that no stemmer changes them.
"""

import itertools
import math

import oracle

DIMENSION = 16
COORDINATE_MAX = 100
WORDS = tuple(f"{a}{b}d{c}k" for a in "bfgm" for b in "aiou" for c in "aou")
K1, B = 1.2, 0.75  # BM25
RRF = 60
FUSION_DEPTH_MIN = 100


def random_vector(random):
    return [random.randint(-COORDINATE_MAX, COORDINATE_MAX) for _ in range(DIMENSION)]


def random_word(random):
    return WORDS[min(int(random.paretovariate(0.8)), len(WORDS)) - 1]


def random_documents(random, count):
    return [{"id": f"d{number:05}", "vector": random_vector(random),
             "text": " ".join(random_word(random) for _ in range(random.randint(3, 20)))}
            for number in range(count)]


def random_question(random):
    mode = random.choice(["vector", "text", "hybrid"])
    asked = {"mode": mode, "k": random.choice([1, 10, 40])}
    if mode != "text":
        asked["vector"] = random_vector(random)
    if mode != "vector":
        asked["query"] = " ".join(random.sample(WORDS[:12], 2))
    if mode == "hybrid":
        asked["fusion"] = "rrf"  # the oracle's; test_ranking has both
    return asked


def best(scores):
    """(id, score) by falling score, ties by id."""
    return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))


def by_vector(documents, vector):
    return best({d["id"]: oracle.score("l2", oracle.distance("l2", d["vector"], vector)) for d in documents})


def by_text(documents, counted, words):
    """BM25 of `documents` with the statistics of `counted` (Robertson and Zaragoza, 2009)."""
    split = {d["id"]: d["text"].split() for d in counted}
    mean = sum(map(len, split.values())) / len(split)
    scores = {}
    for word in words:
        having = sum(word in text for text in split.values())
        idf = math.log(1 + (len(split) - having + 0.5) / (having + 0.5))
        for document in documents:
            text = split[document["id"]]
            times = text.count(word)
            if times:
                damping = K1 * (1 - B + B * len(text) / mean)
                part = idf * times * (K1 + 1) / (times + damping)
                scores[document["id"]] = scores.get(document["id"], 0) + part
    return best(scores)


def fused(arms):
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""
    scores = {}
    for arm in arms:
        for position, (key, _) in enumerate(arm):
            scores[key] = scores.get(key, 0) + 1 / (RRF + position + 1)
    return best(scores)


class Oracle:
    """Knows the documents and in which shard each of them is."""

    def __init__(self, documents, shard_of):
        self.documents, self.shard_of = documents, shard_of
        self._known = {}

    def share(self, shards):
        """The part of all documents that is in `shards`."""
        return sum(self.shard_of[d["id"]] in shards for d in self.documents) / len(self.documents)

    def _ranking(self, asked, documents, counted):
        k, arms = asked["k"], []
        if not documents:
            return []
        if "vector" in asked:
            arms.append(by_vector(documents, asked["vector"]))
        if "query" in asked:
            arms.append(by_text(documents, counted, asked["query"].split()))
        if len(arms) == 1:
            return arms[0][:k]
        depth = max(2 * k, FUSION_DEPTH_MIN)
        return fused(arm[:depth] for arm in arms)[:k]

    def rankings(self, asked, failed):
        """Every right answer without the `failed` shards. It depends on how far the search was when each of them
        failed: before it gave its statistics, its candidates, or the documents of the winners."""
        for stages in itertools.product(("statistics", "candidates", "documents"), repeat=len(failed)):
            failed_at = dict(zip(sorted(failed), stages))
            yield self._ranking_when(asked, failed_at)

    def _ranking_when(self, asked, failed_at):
        key = (str(asked), str(failed_at))
        if key not in self._known:
            without = {shard for shard, stage in failed_at.items() if stage != "documents"}
            uncounted = {shard for shard, stage in failed_at.items() if stage == "statistics"}
            ranking = self._ranking(asked, self._but(without), self._but(uncounted))
            self._known[key] = [hit for hit in ranking if self.shard_of[hit[0]] not in failed_at]
        return self._known[key]

    def _but(self, shards):
        return [document for document in self.documents if self.shard_of[document["id"]] not in shards]

    def agrees(self, asked, failed, hits):
        return any(len(right) == len(hits)
                   and all(key == hit["id"] and math.isclose(score, hit["score"], rel_tol=1e-5)
                           for (key, score), hit in itertools.zip_longest(right, hits))
                   for right in self.rankings(asked, failed))
