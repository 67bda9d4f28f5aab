"""SIGTERM ends the process in time whatever is stuck, says by its exit code whether something was, and loses nothing."""

import signal
import threading
import time
import unittest

from chaos import inject
from load import Load
from node import Collection, SystemTest, poll

DRAIN_S, STOP_S = 1, 2
# What is not waiting: the process' own start of the end, and the machine.
MARGIN_S = 2
STALL_MS = 60_000
# An answer that was kept would hide what fails.
FLAGS = ("--debug.fault_injection", "true", "--search.result_cache_bytes", "0", "--http.drain_timeout_s", str(DRAIN_S),
         "--node.stop_timeout_s", str(STOP_S))
SEARCH = {"vector": [1, 1], "timeout_ms": 300}


class Shutdown(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node(*FLAGS)
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=2, metric="l2", embedder="none", shards=3)
        self.docs.upsert([{"id": f"d{number}", "vector": [number, 1]} for number in range(100)])
        self.acknowledged = {f"d{number}" for number in range(100)}

    def end(self):
        """SIGTERM; (exit code, seconds that it took). A process that hangs fails the test."""
        begin = time.monotonic()
        self.node.process.send_signal(signal.SIGTERM)
        code = self.node.process.wait(60)
        took_s = time.monotonic() - begin
        self.node.kill()  # lets go of what is left of the process
        return code, took_s

    def check(self, expected, limit_s=DRAIN_S + STOP_S + MARGIN_S):
        code, took_s = self.end()
        self.assertEqual(code, expected, self.node.stderr())
        self.assertLess(took_s, limit_s, self.node.stderr())
        if expected == 1:
            self.assertIn("do not end", self.node.stderr())
        self.node.start()
        self.assertEqual(self.acknowledged - set(self.docs.pages("ids", limit=10_000)), set(), "lost")
        return took_s

    def under_load(self, meanwhile=lambda: None):
        """SIGTERM while clients search and write; they may see the connection end, and nothing worse."""
        with Load(self.node, "docs", [SEARCH], writers=2) as load:
            poll(lambda: len(load.acknowledged) > 50 and len(load.searches) > 20, 30, "load")
            meanwhile()
            code, took_s = self.end()
        self.acknowledged |= set(load.acknowledged)
        statuses = {seen.status for seen in load.searches + load.writes}
        self.assertLessEqual(statuses, {0, 200, 503, 504}, "what clients saw")
        return code, took_s

    def stall(self, part):
        body = {"collection": "docs", "shard": 0} if part in ("shard", "searcher") else {}
        inject(self.node, part=part, fault="stall", duration_ms=STALL_MS, **body)

    def test_idle(self):
        for _ in range(5):
            self.check(0, limit_s=MARGIN_S)

    def test_for_a_short_time_it_goes_on_serving_and_says_that_it_is_not_ready(self):
        self.node.terminate()
        self.node.flags += ("--http.drain_notice_ms", "3000")
        self.node.start()
        self.node.process.send_signal(signal.SIGTERM)
        refused = poll(lambda: next((answer for answer in [self.node.get("/ready")] if answer.status != 200), None), 3,
                       "it is not ready")
        self.assert_problem(refused, 503, "unavailable", "ending")
        answer = self.node.post(self.docs.path + "/search", SEARCH)
        self.assertEqual((answer.status, answer.headers["Connection"]), (200, "close"))
        self.assertIn("\nmosaic_ready 0\n", self.node.get("/metrics").body.decode())
        self.assertEqual(self.node.process.wait(60), 0)

    def test_under_load(self):
        for _ in range(3):
            code, took_s = self.under_load()
            self.assertEqual(code, 0, self.node.stderr())
            self.assertLess(took_s, DRAIN_S + STOP_S + MARGIN_S)
            self.node.start()
            self.check(0)

    def test_with_a_part_that_stalls(self):
        for part in ("shard", "searcher", "coordinator", "ingest", "ranker", "log", "supervisor", "jobs", "engine"):
            with self.subTest(part=part):
                self.stall(part)
                took_s = self.check(1)
                print(f"{part}: ended in {took_s:.2f} s")

    def test_under_load_with_a_part_that_stalls(self):
        for part in ("shard", "searcher", "coordinator"):
            with self.subTest(part=part):
                code, took_s = self.under_load(lambda part=part: self.stall(part))
                print(f"{part} under load: ended in {took_s:.2f} s")
                self.assertEqual(code, 1, self.node.stderr())
                self.assertLess(took_s, DRAIN_S + STOP_S + MARGIN_S)
                self.node.start()
                self.check(0)

    def test_a_second_signal_changes_nothing(self):
        self.stall("coordinator")
        timer = threading.Timer(0.5, lambda: self.node.process.send_signal(signal.SIGTERM))
        timer.start()
        self.check(1)
        timer.join()


if __name__ == "__main__":
    unittest.main()
