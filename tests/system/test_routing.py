"""Routing by centroid on a real node: training, moves beside searches and writes, pruned searches, kills."""

import functools
import heapq
import math
import threading
import time
import unittest

from node import Collection, SystemTest, poll, seeded
from oracle import distance

SHARDS = 4
DIMENSION = 8
DOCUMENTS = 1_500
CROWD = 6_000  # so many that they are on their way for a while
BATCH = 500
K = 10
QUERIES = 20
TRAININGS = 8
WRITERS = 2
SEARCHERS = 2
KILLS = 5
JOB_LIMIT_S = 30
TOLERANCE = 1e-5  # vectors are float32 at the node
WORDS = ("red", "green", "blue", "white")


class Routed(SystemTest):
    """A collection that is routed by centroid, over documents in clusters. `kept` is what was acknowledged."""

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.centres = [self.gauss(1.5) for _ in range(7)]
        self.kept = {}

    def gauss(self, spread):
        return [round(self.random.gauss(0, spread), 3) for _ in range(DIMENSION)]

    def vector(self):
        return [round(a + b, 3) for a, b in zip(self.random.choice(self.centres), self.gauss(1))]

    def made(self, key):
        document = {"id": key, "text": self.random.choice(WORDS), "metadata": {"group": self.random.randrange(20)},
                    "links": [{"to": f"d{self.random.randrange(DOCUMENTS)}", "kind": "near", "weight": 1}]}
        if self.random.random() < 0.95:
            document["vector"] = self.vector()
        return document

    def fill(self, count=DOCUMENTS, metric="l2", name="docs", routing="centroid"):
        self.metric = metric
        docs = Collection(self.node, name)
        docs.make(dimension=DIMENSION, metric=metric, embedder="none", shards=SHARDS, routing=routing)
        for begin in range(0, count, BATCH):
            batch = [self.made(f"d{number}") for number in range(begin, min(count, begin + BATCH))]
            docs.upsert(batch)
            self.kept.update((document["id"], document) for document in batch)
        return docs

    def job(self, key):
        return self.node.get(f"/api/v1/jobs/{key}").json()

    def ended(self, job):
        return poll(lambda: (found := self.job(job["id"]))["state"] != "running" and found, JOB_LIMIT_S,
                    f"job {job['id']} has ended")

    def train(self, docs, **options):
        job = self.ended(docs.call("POST", "/centroids/train", options, expect=202))
        self.assertEqual((job["state"], job["progress"]), ("done", 1), job)
        return docs.call("GET", "/centroids")

    def settled(self, docs):
        return poll(lambda: (found := docs.call("GET", "/centroids"))["settled"] and found, JOB_LIMIT_S,
                    "documents have moved")

    def homes(self, docs):
        """Where each document is; every acknowledged one exactly once and no other."""
        items = docs.pages(limit=1000)
        shards = {item["id"]: item["shard"] for item in items}
        self.assertEqual(len(shards), len(items))
        self.assertEqual(set(shards), set(self.kept))
        info = docs.info()
        self.assertEqual(info["documents"], len(self.kept))
        self.assertEqual(sum(shard["documents"] for shard in info["shards"]), len(self.kept))
        return shards

    def check_homes(self, docs, centroids):
        """Documents live at their nearest centroid, those without a vector anywhere."""
        by = "l2" if self.metric == "dot" else self.metric
        for key, shard in self.homes(docs).items():
            vector = self.kept[key].get("vector")
            if vector:
                far = [distance(by, vector, centroid) for centroid in centroids]
                self.assertLessEqual(far[shard], min(far) + TOLERANCE, key)

    def nearest(self, query, among=None):
        """The distances of the nearest K, ascending."""
        far = math.dist if self.metric == "l2" else functools.partial(distance, self.metric)
        return heapq.nsmallest(K, (far(document["vector"], query) for key, document in self.kept.items()
                                   if document.get("vector") and (among is None or key in among)))

    def check_hits(self, hits, query, wanted):
        self.assertEqual(len({hit["id"] for hit in hits}), len(wanted))
        for hit, far in zip(hits, wanted):
            self.assertAlmostEqual(hit["distance"], far, delta=1e-3 * max(1, abs(far)))
            own = distance(self.metric, self.kept[hit["id"]]["vector"], query)
            self.assertAlmostEqual(hit["distance"], own, delta=1e-3 * max(1, abs(own)))

    def check_searches(self, docs, queries=QUERIES):
        for _ in range(queries):
            query = self.vector()
            answer = docs.search(vector=query, k=K)
            self.assertFalse(answer["partial"])
            self.check_hits(answer["hits"], query, self.nearest(query))


class Training(Routed):
    def test_documents_move_to_their_nearest_centroid(self):
        for metric in ("cosine", "l2", "dot", "l1"):
            with self.subTest(metric=metric):
                self.kept = {}
                docs = self.fill(metric=metric, name=metric)
                self.check_searches(docs, 3)
                found = self.train(docs, seed=5)
                self.assertEqual([len(vector) for vector in found["centroids"]], [DIMENSION] * SHARDS)
                self.assertGreater(found["seq"], 0)
                self.assertTrue(found["settled"])
                self.assertEqual(len(found["recall"]), SHARDS)
                self.assertEqual((found["recall"], found["recall"][-1]), (sorted(found["recall"]), 1))
                self.check_homes(docs, found["centroids"])
                self.check_searches(docs)
                again = self.train(docs, seed=5)
                self.assertEqual(again["centroids"], found["centroids"])

    def test_before_it_documents_live_by_hash_as_those_without_vector_always_do(self):
        docs = self.fill()
        none = docs.call("GET", "/centroids")
        self.assertEqual(none, {"centroids": [], "seq": 0, "settled": True, "recall": []})
        twin = Collection(self.node, "twin")
        twin.make(dimension=DIMENSION, metric="l2", embedder="none", shards=SHARDS, routing="hash")
        for begin in range(0, DOCUMENTS, BATCH):
            twin.upsert([self.kept[f"d{number}"] for number in range(begin, begin + BATCH)])
        by_hash = self.homes(twin)
        self.assertEqual(self.homes(docs), by_hash)
        explained = docs.search(vector=self.vector(), shards_to_search=1, explain=True)["explain"]["routing"]
        self.assertEqual((explained["asked"], explained["pruned"]), (SHARDS, []))
        self.train(docs)
        for key, shard in self.homes(docs).items():
            if not self.kept[key].get("vector"):
                self.assertEqual(shard, by_hash[key])

    def test_keeps_everything_else_as_it_was(self):
        docs = self.fill()
        edges = docs.info()["edges"]
        asked = {"query": "red", "mode": "text", "k": DOCUMENTS, "include": ["metadata", "links"]}

        def view():
            hits = docs.search(**asked)["hits"]
            return sorted((hit["id"], round(hit["score"], 9), str(hit["metadata"]), str(hit["links"])) for hit in hits)

        before = view()
        found = self.train(docs)
        self.assertEqual(view(), before)
        self.assertEqual(docs.info()["edges"], edges)
        ranked = self.ended(docs.call("POST", "/pagerank", {}, expect=202))
        self.assertEqual((ranked["state"], ranked["result"]["documents"]), ("done", DOCUMENTS), ranked)
        ranks = {item["id"]: item["pagerank"] for item in docs.pages(limit=1000)}
        self.assertAlmostEqual(sum(ranks.values()), 1, places=9)
        other = self.train(docs, seed=1)
        self.assertNotEqual(other["centroids"], found["centroids"])
        self.assertEqual({item["id"]: item["pagerank"] for item in docs.pages(limit=1000)}, ranks)

    def test_centroids_may_be_set_by_hand_and_outlive_a_restart(self):
        docs = self.fill(metric="cosine")
        self.train(docs)
        wanted = [self.vector() for _ in range(SHARDS)]
        put = docs.call("PUT", "/centroids", {"centroids": wanted})
        self.assertEqual(put["centroids"], wanted)
        found = self.settled(docs)
        self.assertEqual((found["centroids"], found["seq"]), (wanted, put["seq"]))
        self.check_homes(docs, wanted)
        late = self.made("late") | {"vector": wanted[2]}
        docs.upsert([late])
        self.kept["late"] = late
        self.assertEqual(docs.document("late")["shard"], 2)
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        self.assertEqual(docs.call("GET", "/centroids"), found)
        self.check_homes(docs, wanted)
        self.check_searches(docs)

    def test_fails_where_there_is_too_little_to_train_with(self):
        docs = self.fill(0)
        job = self.ended(docs.call("POST", "/centroids/train", {}, expect=202))
        self.assertEqual(job["state"], "failed", job)
        self.assertIn(f"{SHARDS} clusters", job["detail"])
        self.assertEqual(docs.call("GET", "/centroids")["seq"], 0)


class Pruned(Routed):
    """Searches of the nearest shards alone."""

    def setUp(self):
        super().setUp()
        self.docs = self.fill()
        self.centroids = self.train(self.docs)
        self.shards = self.homes(self.docs)

    def ask(self, query, shards, **more):
        return self.docs.search(vector=query, k=K, shards_to_search=shards, explain=True, **more)

    def test_ask_the_nearest_shards_and_say_what_that_costs(self):
        for _ in range(QUERIES):
            query, shards = self.vector(), self.random.randint(1, SHARDS - 1)
            far = [distance("l2", query, centroid) for centroid in self.centroids["centroids"]]
            order = sorted(range(SHARDS), key=far.__getitem__)
            answer = self.ask(query, shards)
            routing = answer["explain"]["routing"]
            self.assertEqual((routing["asked"], sorted(routing["pruned"])), (shards, sorted(order[shards:])))
            self.assertEqual(routing["expected_recall"], self.centroids["recall"][shards - 1])
            self.assertTrue(routing["reason"])
            self.assertFalse(answer["partial"])
            self.assertEqual(sorted(plan["shard"] for plan in answer["explain"]["index"]), sorted(order[:shards]))
            among = {key for key, shard in self.shards.items() if shard in order[:shards]}
            self.check_hits(answer["hits"], query, self.nearest(query, among=among))

    def test_all_shards_are_asked_unless_fewer_are_wanted(self):
        for shards in (0, SHARDS, 1024):
            query = self.vector()
            answer = self.ask(query, shards)
            self.assertEqual((answer["explain"]["routing"]["asked"], answer["explain"]["routing"]["pruned"]),
                             (SHARDS, []))
            self.check_hits(answer["hits"], query, self.nearest(query))

    def test_an_audit_compares_with_all_shards(self):
        recalls = []
        for _ in range(3 * QUERIES):
            query = self.vector()
            answer = self.ask(query, 1, audit=True)
            last = self.nearest(query)[-1]
            found = sum(hit["distance"] <= last + TOLERANCE for hit in answer["hits"])
            audit = answer["audit"]
            self.assertEqual((audit["expected"], audit["found"], len(audit["missed"])), (K, found, K - found), audit)
            recalls.append(audit["recall"])
        self.assertAlmostEqual(sum(recalls) / len(recalls), self.centroids["recall"][0], delta=0.2)

    def test_text_is_looked_for_everywhere(self):
        def found(**asked):
            return {hit["id"] for hit in self.docs.search(k=DOCUMENTS, include=[], **asked)["hits"]}

        red = {key for key, document in self.kept.items() if document["text"] == "red"}
        self.assertEqual(found(query="red", mode="text", shards_to_search=1), red)
        self.assertLessEqual(red, found(query="red", vector=self.vector(), shards_to_search=1))

    def test_the_document_to_be_like_may_live_elsewhere(self):
        for shards in (0, 1):
            key = next(key for key, document in self.kept.items() if document.get("vector"))
            hits = self.docs.search(document=key, k=K, shards_to_search=shards)["hits"]
            self.assertEqual(len(hits), K)
            self.assertNotIn(key, {hit["id"] for hit in hits})


class Traffic:
    """Threads that write, delete, search, read and list without a pause. Every write and every search is kept
    with its seq: what a search saw can be told exactly once all is over."""

    def __init__(self, test, docs, stable):
        self.test, self.docs, self.stable = test, docs, stable
        self.writes, self.searches, self.problems = [], [], []
        self.seen_lists = 0
        self._stopped = threading.Event()
        work = [(self._write, number) for number in range(WRITERS)] + \
               [(self._search, number) for number in range(SEARCHERS)] + [(self._read, 0), (self._list, 0)]
        # Each has a random source of its own: a shared one would lose its order to the threads.
        self._threads = [threading.Thread(target=self._guarded, args=(step, number, type(test.random)(
            test.random.random()))) for step, number in work]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def _guarded(self, step, number, random):
        try:
            for turn in range(1 << 30):
                if self._stopped.is_set():
                    return
                step(number, turn, random)
        except Exception as error:  # of a thread: told by `check`
            self.problems.append(f"{step.__name__}: {error!r}")

    def _vector(self, random):
        centre = random.choice(self.test.centres)
        return [round(x + random.gauss(0, 1), 3) for x in centre]

    def _write(self, number, turn, random):
        ids = random.sample(range(200), 12)
        batch = [{"id": f"w{number}-{key}", "vector": self._vector(random), "metadata": {"turn": turn}}
                 for key in ids]
        self._put(batch)
        probe = self.docs.document(batch[0]["id"])
        if probe["metadata"]["turn"] != turn:
            self.problems.append(f"{probe} was overwritten by turn {turn} before")
        gone = [document["id"] for document in batch[:4]]
        reply = self.docs.delete(ids=gone)
        if reply["deleted"] != len(gone):
            self.problems.append(f"{gone} were just written, but {reply}")
        self.writes.append((reply["seq"], {key: None for key in gone}))
        self.docs.document(gone[0], expect=404)

    def _put(self, batch):
        reply = self.docs.upsert(batch)
        if not reply["applied"]:
            self.problems.append(f"not applied: {reply}")
        self.writes.append((reply["seq"], {document["id"]: document for document in batch}))

    def _search(self, _, __, random):
        query = self._vector(random)
        least = max((seq for seq, _ in list(self.writes)), default=0)
        answer = self.docs.search(vector=query, k=K, include=[])
        if answer["partial"] or answer["seq"] < least:
            self.problems.append(f"seq {answer['seq']} after {least}, partial {answer['partial']}")
        self.searches.append((answer["seq"], query, answer["hits"]))

    def _read(self, _, __, random):
        key = random.choice(self.stable)
        if self.docs.document(key)["text"] != self.test.kept[key]["text"]:
            self.problems.append(f"{key} changed")

    def _list(self, _, __, random):
        ids = self.docs.pages("ids", limit=random.choice([300, 1000, 10_000]))
        if len(ids) != len(set(ids)):
            self.problems.append(f"listed twice: {sorted(key for key in set(ids) if ids.count(key) > 1)[:5]}")
        lost = set(self.stable) - set(ids)
        if lost:
            self.problems.append(f"not listed: {sorted(lost)[:5]} of {len(lost)}")
        self.seen_lists += 1

    def check(self):
        """Every search against the state at its seq; leaves `kept` of the test as it is at the end."""
        self.test.assertEqual(self.problems, [])
        self.test.assertGreater(min(len(self.searches), len(self.writes), self.seen_lists), 2)
        kept, writes = self.test.kept, iter(sorted(self.writes, key=lambda write: write[0]))
        following = next(writes, None)
        for seq, query, hits in [*sorted(self.searches, key=lambda search: search[0]), (math.inf, None, [])]:
            while following and following[0] <= seq:
                kept.update(following[1])
                for key in [key for key, document in following[1].items() if document is None]:
                    del kept[key]
                following = next(writes, None)
            if query:
                self.test.check_hits(hits, query, self.test.nearest(query))


class WhileDocumentsMove(Routed):
    def test_nothing_is_lost_doubled_or_out_of_order(self):
        docs = self.fill(CROWD // 2)
        with Traffic(self, docs, sorted(self.kept)) as traffic:
            for seed in range(TRAININGS):
                found = self.train(docs, seed=seed)
        print(f"{len(traffic.searches)} searches, {len(traffic.writes)} writes, {traffic.seen_lists} lists", flush=True)
        traffic.check()
        self.assertTrue(found["settled"])
        self.check_homes(docs, found["centroids"])
        self.check_searches(docs)

    def test_deletions_by_filter_take_all_that_match(self):
        docs = self.fill(CROWD)
        groups = list(range(15))  # of 20: some documents stay to train with
        for seed in range(TRAININGS):
            job = docs.call("POST", "/centroids/train", {"seed": seed}, expect=202)
            while self.job(job["id"])["state"] == "running" and groups:
                group = groups.pop()
                gone = {key for key, document in self.kept.items() if document["metadata"]["group"] == group}
                reply = docs.delete(filter={"group": group})
                self.assertEqual(reply["deleted"], len(gone))
                for key in gone:
                    del self.kept[key]
                self.assertEqual(docs.search(vector=self.vector(), filter={"group": group})["hits"], [])
                time.sleep(self.random.random() * 0.1)
            ended = self.ended(job)
            self.assertEqual(ended["state"], "done", ended)
        self.check_homes(docs, docs.call("GET", "/centroids")["centroids"])

    def test_other_centroids_may_be_set(self):
        docs = self.fill(CROWD)
        for _ in range(TRAININGS):
            wanted = [self.vector() for _ in range(SHARDS)]
            docs.call("PUT", "/centroids", {"centroids": wanted})
            self.check_searches(docs, 2)
        self.assertEqual(self.settled(docs)["centroids"], wanted)
        self.check_homes(docs, wanted)

    def test_a_kill_loses_nothing_and_the_move_ends_by_itself(self):
        docs = self.fill(CROWD)
        for kill in range(KILLS):
            wanted = [self.vector() for _ in range(SHARDS)]
            docs.call("PUT", "/centroids", {"centroids": wanted})
            time.sleep(self.random.random() * 0.2)
            self.node.kill()
            self.node.start()
            self.check_searches(docs, 2)
            extra = [self.made(f"k{kill}-{number}") for number in range(50)]
            docs.upsert(extra)
            self.kept.update((document["id"], document) for document in extra)
            self.homes(docs)
            self.assertEqual(self.settled(docs)["centroids"], wanted)
            self.check_homes(docs, wanted)
        self.check_searches(docs)

    def test_a_cancelled_move_leaves_searches_whole(self):
        docs = self.fill(CROWD)
        job = docs.call("POST", "/centroids/train", {}, expect=202)
        poll(lambda: docs.call("GET", "/centroids")["seq"] > 0 or self.job(job["id"])["state"] != "running",
             JOB_LIMIT_S, "centroids")
        self.node.request("DELETE", f"/api/v1/jobs/{job['id']}")
        state = self.ended(job)["state"]
        self.assertIn(state, ("cancelled", "done"))
        self.homes(docs)
        query = self.vector()
        answer = docs.search(vector=query, k=K, shards_to_search=1, explain=True)
        if state == "cancelled":
            self.assertEqual(answer["explain"]["routing"]["asked"], SHARDS)
            self.check_hits(answer["hits"], query, self.nearest(query))
        self.check_homes(docs, self.train(docs)["centroids"])


class Refused(Routed):
    def setUp(self):
        super().setUp()
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=2, embedder="none", shards=SHARDS, routing="centroid")

    def refused(self, method, path, body, *words, code="invalid_argument", status=400):
        with self.subTest(path=path, body=body):
            self.assert_problem(self.node.request(method, path, body), status, code, *words)

    def test_centroids_that_do_not_fit(self):
        path = self.docs.path + "/centroids"
        good = [[1, 0]] * SHARDS
        for body, words in (({"centroids": good[1:]}, ("centroids", "3", "4 shards")),
                            ({"centroids": good + [[1, 1]]}, ("centroids", "5", "4 shards")),
                            ({"centroids": [*good[1:], [0, 0]]}, ("centroids[3]", "zero")),
                            ({"centroids": [*good[1:], [1, "NaN"]]}, ("centroids[3][1]", "NaN")),
                            ('{"centroids":[[1,NaN]]}', ("centroids[0][1]", "NaN")),
                            ({"centroids": [[1, 1e39]]}, ("centroids[0][1]", "1e+39")),
                            ({"centroids": [*good[1:], []]}, ("centroids[3]", "empty")),
                            ({"centroids": 1}, ("centroids", "1")),
                            ({"centroids": good, "seq": 3}, ("seq",)),
                            ({}, ("centroids", "missing"))):
            self.refused("PUT", path, body, *words)
        self.refused("PUT", path, {"centroids": [*good[1:], [1, 2, 3]]}, "centroids[3]", "3 dimensions",
                     code="dimension_mismatch")
        self.assertEqual(self.docs.call("GET", "/centroids")["seq"], 0)

    def test_training_that_does_not_fit(self):
        path = self.docs.path + "/centroids/train"
        for body, words in (({"sample": 0}, ("sample", "0")), ({"sample": 100_001}, ("sample", "100001")),
                            ({"sample": 3}, ("sample", "3", "4 shards")), ({"iterations": 0}, ("iterations", "0")),
                            ({"iterations": 1_001}, ("iterations", "1001")), ({"seed": -1}, ("seed", "-1")),
                            ({"clusters": 4}, ("clusters",)), ([], ("object",))):
            self.refused("POST", path, body, *words)
        self.assertEqual(self.node.get("/api/v1/jobs").json(), {"jobs": []})

    def test_collections_that_are_routed_by_hash(self):
        Collection(self.node, "plain").make(dimension=2, embedder="none", shards=SHARDS)
        path = "/api/v1/collections/plain"
        for method, end, body in (("GET", "/centroids", None), ("PUT", "/centroids", {"centroids": [[1, 0]] * SHARDS}),
                                  ("POST", "/centroids/train", {})):
            self.refused(method, path + end, body, "plain", "hash", "centroid")
        self.refused("POST", path + "/search", {"vector": [1, 0], "shards_to_search": 1}, "shards_to_search", "hash")
        found = self.node.post(path + "/search", {"vector": [1, 0], "shards_to_search": 0})
        self.assertEqual(found.status, 200, found)

    def test_searches_of_more_shards_than_there_can_be(self):
        for value in (1_025, -1, 1.5, "all"):
            self.refused("POST", self.docs.path + "/search", {"vector": [1, 0], "shards_to_search": value},
                         "shards_to_search", str(value))

    def test_collections_that_are_not_there(self):
        for method, end, body in (("GET", "", None), ("PUT", "", {"centroids": [[1]]}), ("POST", "/train", {})):
            self.refused(method, "/api/v1/collections/none/centroids" + end, body, "none", code="not_found", status=404)


if __name__ == "__main__":
    unittest.main()
