"""PageRank over HTTP: values, how long they live, searches that use them, and the life of the job."""

import unittest

from node import Collection, SystemTest, poll, seeded

DOCUMENTS = 3000
JOB_LIMIT_S = 60


def random_links(random, count, each=8):
    """id -> targets: a few favourites, some links to nowhere and to itself, one in ten without any."""
    links = {}
    for number in range(count):
        targets = {f"d{int(count * random.random() ** 3)}" for _ in range(random.randint(0, each))}
        if random.random() < 0.1:
            targets.add("nowhere")
        links[f"d{number}"] = sorted(targets) if random.random() < 0.9 else []
    return links


def reference(links, damping=0.85, rounds=300):
    """PageRank by its definition on dictionaries."""
    inside = {source: [target for target in targets if target in links] for source, targets in links.items()}
    values = dict.fromkeys(links, 1 / len(links))
    for _ in range(rounds):
        loose = sum(values[source] for source, targets in inside.items() if not targets)
        following = dict.fromkeys(links, (1 - damping + damping * loose) / len(links))
        for source, targets in inside.items():
            for target in targets:
                following[target] += damping * values[source] / len(targets)
        values = following
    return values


class PageRank(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")

    def fill(self, links, shards=3):
        self.docs.make(dimension=2, embedder="none", shards=shards)
        items = [{"id": key, "text": "same", "links": targets} for key, targets in links.items()]
        for start in range(0, len(items), 1000):
            self.docs.upsert(items[start:start + 1000])

    def start_job(self, **options):
        return self.docs.call("POST", "/pagerank", options, expect=202)

    def job(self, key):
        return self.node.get(f"/api/v1/jobs/{key}").json()

    def wait_for(self, job):
        return poll(lambda: (found := self.job(job["id"]))["state"] != "running" and found, JOB_LIMIT_S,
                    f"job {job['id']} has ended")

    def rank(self, **options):
        ended = self.wait_for(self.start_job(**options))
        self.assertEqual((ended["state"], ended["progress"]), ("done", 1), ended)
        return ended["result"]

    def values(self):
        return {item["id"]: item["pagerank"] for item in self.docs.pages(limit=1000)}

    def test_values_are_those_of_the_definition_and_survive_a_restart(self):
        links = random_links(seeded(self.id()), DOCUMENTS)
        self.fill(links)
        result = self.rank(tolerance=1e-11)
        self.assertEqual(result["documents"], DOCUMENTS)
        self.assertEqual((result["converged"], result["applied"]), (True, True))
        inside = sum(len([target for target in targets if target in links]) for targets in links.values())
        self.assertEqual(result["links"], inside)
        found, wanted = self.values(), reference(links)
        self.assertLess(sum(abs(found[key] - wanted[key]) for key in wanted), 1e-9)
        self.assertAlmostEqual(sum(found.values()), 1, places=12)

        self.rank(tolerance=1e-11)
        self.assertEqual(self.values(), found)
        self.node.kill()
        self.node.start()
        self.assertEqual(self.values(), found)
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        self.assertEqual(self.values(), found)
        self.assertEqual(self.docs.document("d0")["pagerank"], found["d0"])

    def test_hybrid_search_uses_the_values(self):
        self.fill({"a": ["c"], "b": ["c"], "c": ["b"], "d": []}, shards=2)
        self.rank()
        hits = self.docs.search(query="same", weights={"text": 1, "vector": 0, "pagerank": 10})["hits"]
        self.assertEqual([hit["id"] for hit in hits][:2], ["c", "b"])
        shown = self.docs.document("c")["pagerank"]
        self.assertEqual(hits[0]["pagerank"], shown)
        self.assertGreater(hits[0]["scores"]["pagerank"], 0)

    def test_documents_written_later_have_no_value_until_the_next_job(self):
        self.fill({"a": ["b"], "b": ["a"]}, shards=1)
        self.rank()
        self.docs.upsert([{"id": "c", "links": ["a"]}])
        self.assertEqual(self.values(), {"a": 0.5, "b": 0.5, "c": None})
        self.rank()
        self.assertAlmostEqual(sum(self.values().values()), 1, places=12)

    def test_an_ended_job_stays_as_it_is(self):
        self.fill({"a": ["b"], "b": []}, shards=1)
        ended = self.wait_for(self.start_job())
        answer = self.node.request("DELETE", f"/api/v1/jobs/{ended['id']}")
        self.assertEqual((answer.status, answer.json()), (200, ended))
        self.assertEqual(self.node.get("/api/v1/jobs").json(), {"jobs": [ended]})

    def test_a_running_job_is_cancelled_and_writes_nothing(self):
        self.fill(random_links(seeded(self.id()), DOCUMENTS, each=80))
        seq = self.docs.info()["seq"]
        # Some seconds of work: a tolerance of 0 is met only by a round that changes nothing at all.
        job = self.start_job(damping=0.99999, iterations=10000, tolerance=0)
        self.assert_problem(self.node.post(self.docs.path + "/pagerank"), 409, "already_exists", job["id"])
        self.assertEqual(self.node.request("DELETE", f"/api/v1/jobs/{job['id']}").status, 200)
        self.assertEqual(self.wait_for(job)["state"], "cancelled")
        self.assertEqual(self.docs.info()["seq"], seq)
        self.assertEqual(set(self.values().values()), {None})

    def test_a_node_stops_although_a_job_runs(self):
        # The job is as fast as to end while a node gives notice of its own end.
        self.node.terminate()
        self.node.flags += ("--http.drain_notice_ms", "0")
        self.node.start()
        self.fill(random_links(seeded(self.id()), DOCUMENTS, each=80))
        job = self.start_job(damping=0.99999, iterations=10000, tolerance=0)
        self.assertEqual(self.job(job["id"])["state"], "running")
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        self.assertEqual(set(self.values().values()), {None})
        again = self.start_job()
        self.assertNotEqual(again["id"], job["id"])
        self.assertEqual(self.wait_for(again)["state"], "done")

    def test_unknown_names_and_bad_options_are_refused(self):
        self.fill({"a": []}, shards=1)
        refused = self.node.post(self.docs.path + "/pagerank", {"damping": 1})
        self.assert_problem(refused, 400, "invalid_argument", "damping")
        missing = self.node.post("/api/v1/collections/none/pagerank", {})
        self.assert_problem(missing, 404, "not_found", "none")
        for method in ("GET", "DELETE"):
            self.assert_problem(self.node.request(method, "/api/v1/jobs/x"), 404, "not_found", "x")


if __name__ == "__main__":
    unittest.main()
