"""GET /metrics after real traffic: the right counts, the same names from the start, and no part is asked."""

import time
import unittest

from chaos import inject
from exposition import Scrape, complaints
from node import Collection, SystemTest, poll
from tools import run_tool

POLL_LIMIT_S = 10
SCRAPE_LIMIT_S = 2.0
# Series that need a collection: they are known only once there is one.
LATER = {"mosaic_shard_up"}


class Metrics(SystemTest):
    # What is counted here is what searches do.
    FLAGS = ("--search.result_cache_bytes", "0")

    def setUp(self):
        super().setUp()
        self.node = self.start_node("--debug.fault_injection", "true", *self.FLAGS)

    def scrape(self):
        answer = self.node.get("/metrics")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return Scrape(answer.body.decode())

    def until(self, value, name, **labels):
        """Waits for what is pushed now and then, as by the log."""
        poll(lambda: self.scrape().of(name, **labels) == value, POLL_LIMIT_S, f"{name} {labels} is {value}")

    def make_docs(self, shards=2):
        docs = Collection(self.node, "docs")
        docs.make(dimension=2, embedder="none", shards=shards)
        docs.upsert([{"id": f"d{i}", "vector": [1, i], "text": "word", "metadata": {"n": i}} for i in range(5)])
        return docs


class Counts(Metrics):
    def traffic(self):
        docs = self.make_docs()
        docs.search(vector=[1, 0])
        docs.search(vector=[1, 2], filter={"n": 1})
        docs.search(vector=[1, 2], filter={"n": 1})
        docs.search(query="word", mode="text")
        docs.search(query="word", vector=[1, 0])
        docs.search(document="d1", mode="vector", diversity=0.5)
        docs.search(expect=400, vector=[1, 2, 3])
        docs.call("POST", "/documents", {"documents": [{"id": "x", "vector": [1]}]}, expect=400)
        docs.document("gone", expect=404)
        docs.delete(ids=["d0", "gone"])
        self.assertEqual(self.node.get("/nowhere").status, 404)

    def test_searches(self):
        self.traffic()
        now = self.scrape()
        for mode, outcome, count in (("vector", "complete", 4), ("vector", "error", 1), ("text", "complete", 1),
                                     ("hybrid", "complete", 1), ("hybrid", "partial", 0)):
            self.assertEqual(now.of("mosaic_searches_total", mode=mode, outcome=outcome), count, (mode, outcome))
        self.assertEqual(now.of("mosaic_search_duration_seconds_count", mode="vector"), 5)
        stages = {"document": 1, "text_stats": 2, "candidates": 6, "rank": 6, "documents": 6, "diversify": 1}
        for stage, count in stages.items():
            self.assertEqual(now.of("mosaic_search_stage_duration_seconds_count", stage=stage), count, stage)
        self.assertEqual(now.of("mosaic_searcher_duration_seconds_count", question="search"), 12)
        self.assertEqual(now.total("mosaic_shard_search_duration_seconds_count", collection="docs"), 12)
        self.assertEqual(now.of("mosaic_cache_requests_total", cache="filter", result="miss"), 2)
        self.assertEqual(now.of("mosaic_cache_requests_total", cache="filter", result="hit"), 2)
        self.assertEqual(now.of("mosaic_cache_entries", cache="filter"), 2)

    def test_writes_and_the_log(self):
        self.traffic()
        self.until(3, "mosaic_log_seq")
        now = self.scrape()
        self.assertEqual(now.of("mosaic_writes_total", outcome="applied"), 2)
        self.assertEqual(now.of("mosaic_writes_total", outcome="error"), 1)
        self.assertEqual(now.of("mosaic_documents_upserted_total"), 5)
        self.assertEqual(now.of("mosaic_documents_deleted_total"), 1)
        self.assertEqual(now.of("mosaic_documents"), 4)
        self.assertEqual(now.of("mosaic_collections"), 1)
        for stage in ("commit", "apply"):
            self.assertEqual(now.of("mosaic_write_stage_duration_seconds_count", stage=stage), 2, stage)
        self.assertEqual((now.of("mosaic_log_entries"), now.of("mosaic_log_lag_entries")), (3, 0))
        self.assertGreater(now.of("mosaic_log_bytes"), 0)
        self.assertEqual(now.total("mosaic_shard_documents"), 4)
        self.assertGreater(now.total("mosaic_shard_bytes"), 0)
        self.assertGreater(now.total("mosaic_shard_memory_bytes"), 0)

    def test_requests(self):
        self.traffic()
        now = self.scrape()
        search, one = "/api/v1/collections/{name}/search", "/api/v1/collections/{name}/documents/{id}"
        for route, method, status, count in (
                (search, "POST", 200, 6), (search, "POST", 400, 1), (one, "GET", 404, 1), (one, "GET", 200, 0),
                ("/api/v1/collections/{name}/documents", "POST", 400, 1), ("other", "GET", 404, 1)):
            found = now.of("mosaic_http_requests_total", route=route, method=method, status=str(status))
            self.assertEqual(found, count, (route, status))
        self.assertEqual(now.of("mosaic_http_request_duration_seconds_count", route=search, method="POST"), 7)
        self.assertEqual(now.of("mosaic_http_requests_in_flight"), 1)

    def test_names_and_series_are_there_from_the_start(self):
        start = self.scrape()
        self.traffic()
        now = self.scrape()
        self.assertEqual(start.types, now.types)
        named = {name for name, _ in now.values}
        self.assertEqual({name for name, _ in start.values}, named - LATER)

    def test_jobs(self):
        docs = self.make_docs()
        job = docs.call("POST", "/pagerank", {}, expect=202)
        poll(lambda: self.node.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done", POLL_LIMIT_S, "the job")
        now = self.scrape()
        self.assertEqual((now.of("mosaic_jobs", state="done"), now.of("mosaic_jobs", state="running")), (1, 0))

    def test_a_dropped_collection_leaves_no_series(self):
        docs = self.make_docs()
        docs.call("DELETE")
        now = self.scrape()
        self.assertFalse([series for series in now.values if ("collection", "docs") in series[1]])
        self.assertEqual(now.of("mosaic_shards", state="up"), 0)


class Conventions(Metrics):
    def test_our_own_lint(self):
        self.make_docs().search(vector=[1, 0])
        self.assertEqual(complaints(self.scrape()), [])

    def test_promtool(self):
        self.make_docs().search(vector=[1, 0])
        done = run_tool("promtool", "check", "metrics", input=self.node.get("/metrics").body.decode())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Trouble(Metrics):
    def test_a_crash_is_counted(self):
        docs = self.make_docs()
        inject(self.node, part="shard", fault="crash", collection="docs", shard=1)
        self.until(1, "mosaic_shard_restarts_total", collection="docs", shard="1")
        self.until(2, "mosaic_shards", state="up")
        inject(self.node, part="coordinator", fault="crash")
        poll(lambda: self.scrape().of("mosaic_part_restarts_total", part="coordinator") > 0, POLL_LIMIT_S, "a restart")
        poll(lambda: self.node.get("/ready").status == 200, POLL_LIMIT_S, "all is well")
        self.until(1, "mosaic_ready")
        now = self.scrape()
        self.assertEqual(now.of("mosaic_part_restarts_total", part="shard"), 1)
        self.assertGreater(now.of("mosaic_log_lines_total", level="error"), 0)
        self.assertEqual(len(docs.search(vector=[1, 0])["hits"]), 5)

    def test_stuck_parts_do_not_hold_up_a_scrape(self):
        self.make_docs()
        for part in ("supervisor", "coordinator", "jobs", "log"):
            inject(self.node, part=part, fault="stall", duration_ms=8_000)
        stalled = time.monotonic()
        while time.monotonic() < stalled + 4:
            began = time.monotonic()
            ready = self.scrape().of("mosaic_ready")
            self.assertLess(time.monotonic() - began, SCRAPE_LIMIT_S)
            if ready == 0:
                return
            time.sleep(0.1)
        self.fail("a node whose log is stuck counts as ready")


if __name__ == "__main__":
    unittest.main()
