"""`mosaic bench` against a real node: every kind of request, an open loop, errors, an early end."""

import json
import signal
import subprocess
import unittest
import xml.etree.ElementTree

from node import BINARY, Collection, SystemTest, clean_environment, run

WAIT_S = 60


class Bench(SystemTest):
    def setUp(self):
        super().setUp()
        # However slow the machine, no search ends partial for want of time.
        self.node = self.start_node("--search.timeout_ms", "60000")
        self.docs = Collection(self.node, "docs")
        self.docs.make(shards=2)
        self.docs.upsert([{"id": f"d{i}", "title": f"title {i} word{i % 7}", "text": f"text of {i}",
                           "metadata": {"partial": True, "n": i}} for i in range(60)])

    def arguments(self, *more):
        return ["bench", "docs", "--url", self.node.url, "--warmup", "0", "--json", *map(str, more)]

    def bench(self, *more, code=0):
        done = run(*self.arguments(*more), limit_s=WAIT_S)
        self.assertEqual(done.returncode, code, done)
        return json.loads(done.stdout)

    def start(self, *more):
        process = subprocess.Popen([BINARY, *self.arguments(*more)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=clean_environment())
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        # A line of progress says that the load is under way.
        self.assertIn("loading docs", process.stderr.readline())
        return process

    def assert_adds_up(self, found):
        self.assertEqual(sum(found["statuses"].values()), found["requests"], found)
        self.assertEqual(found["ok"] + found["errors"], found["requests"])
        self.assertEqual(found["latency_ms"]["count"], found["ok"])
        self.assertEqual(found["failed_latency_ms"]["count"], found["errors"])
        self.assertEqual(sum(interval["requests"] for interval in found["over_time"]), found["requests"])
        for key in ("requests", "ok", "errors", "partial", "bytes_sent", "bytes_received"):
            self.assertEqual(sum(each[key] for each in found["operations"].values()), found[key], key)
        times = found["latency_ms"]
        ordered = [times[key] for key in ("min", "p50", "p90", "p95", "p99", "p99_9", "max")]
        self.assertEqual(ordered, sorted(ordered))

    def test_every_kind_of_request_succeeds_and_leaves_nothing_behind(self):
        before = self.docs.pages("ids")
        plot = self.folder / "load.svg"
        found = self.bench("--mode", "text,vector,hybrid", "--writes", 20, "--reads", 20, "--batch", 3, "--duration",
                           "3s", "--connections", 4, "--plot", plot, "--recall", "--recall-queries", 10, "--seed", 5)
        self.assert_adds_up(found)
        self.assertEqual(set(found["operations"]), {"text", "vector", "hybrid", "write", "get"}, found)
        self.assertEqual((found["errors"], found["partial"], found["seed"]), (0, 0, 5), found["codes"])
        self.assertEqual(found["documents_written"], found["documents_deleted"])
        self.assertGreaterEqual(found["documents_written"], 3 * found["operations"]["write"]["requests"])
        self.assertEqual(self.docs.pages("ids"), before)
        self.assertEqual(found["recall"], {"k": 10, "queries": 10, "skipped": 0, "mean": 1, "min": 1})
        self.assertEqual(xml.etree.ElementTree.parse(plot).getroot().tag, "{http://www.w3.org/2000/svg}svg")

    def test_documents_of_vectors_alone_are_enough(self):
        vectors = Collection(self.node, "vectors")
        vectors.make(dimension=2, embedder="none")
        vectors.upsert([{"id": str(i), "vector": [i, 1]} for i in range(20)])
        found = json.loads(run("bench", "vectors", "--mode", "vector", "--duration", "300ms", "--warmup", "0ms", "--json",
                               "--url", self.node.url).stdout)
        self.assertEqual((found["errors"], found["ok"]), (0, found["requests"]))
        self.assertGreater(found["ok"], 0)

    def test_an_open_loop_has_as_many_requests_as_were_due(self):
        found = self.bench("--mode", "text", "--rate", 40, "--duration", "2s", "--connections", 30)
        self.assert_adds_up(found)
        self.assertEqual(found["requests"] + found["unsent"], 80)
        self.assertEqual(found["waiting_ms"]["count"], found["requests"])

    def test_too_few_connections_for_the_rate_are_seen(self):
        # One connection; each answer is a write that waits for the disk.
        found = self.bench("--writes", 100, "--rate", 20000, "--duration", "1s", "--connections", 1)
        self.assert_adds_up(found)
        self.assertEqual(found["requests"] + found["unsent"], 20000)
        self.assertGreater(found["unsent"], 0)
        self.assertGreater(found["waiting_ms"]["p50"], found["client_lag_ms"]["p50"])

    def test_errors_are_counted_by_status_and_code(self):
        queries = self.folder / "queries"
        queries.write_text('title\n{"query": "title", "filter": {"n": {"$wrong": 1}}}\n')
        found = self.bench("--mode", "text", "--queries", queries, "--duration", "1s")
        self.assert_adds_up(found)
        self.assertGreater(found["statuses"]["200"], 0)
        self.assertEqual(found["codes"], {"invalid_argument": found["statuses"]["400"]})

    def test_a_node_that_dies_is_counted_and_stops_nothing(self):
        process = self.start("--duration", "5s", "--connections", 4)
        self.node.kill()
        out, _ = process.communicate(timeout=WAIT_S)
        found = json.loads(out)
        self.assertEqual(process.returncode, 0)
        self.assert_adds_up(found)
        self.assertGreater(found["ok"], 0)
        self.assertGreater(found["statuses"]["none"], 0)
        self.assertEqual(found["codes"]["unavailable"], found["statuses"]["none"])

    def test_control_c_shows_what_has_been_measured_and_deletes_what_was_written(self):
        process = self.start("--duration", "10m", "--writes", 50)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=WAIT_S)
        found = json.loads(out)
        self.assertEqual(process.returncode, 130)
        self.assertTrue(found["interrupted"])
        self.assert_adds_up(found)
        self.assertLess(found["seconds"], WAIT_S)
        self.assertGreater(found["documents_written"], 0)
        self.assertEqual(found["given_up"], 0)
        self.assertEqual(len(self.docs.pages("ids")), 60)

    def test_a_missing_collection_is_one_line(self):
        done = run("bench", "nothing", "--url", self.node.url)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("nothing", done.stderr)


if __name__ == "__main__":
    unittest.main()
