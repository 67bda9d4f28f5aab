"""One part fails, by crash, stall, slowness or silence, and everybody else goes on: `partial`, in time, named.

MOSAIC_FAULTS is the number of random faults, 20 unless given; MOSAIC_SEED repeats a run.
"""

import os
import time
import unittest

from chaos import SHARDS, Chaos, inject
from load import Load
from node import Collection, SystemTest, poll, seeded

FAULTS = int(os.environ.get("MOSAIC_FAULTS") or 20)
WELL_AGAIN_S = 2.0
CRASHES_THAT_PARK = 6
# An answer that was kept would hide what fails.
FLAGS = ("--debug.fault_injection", "true", "--search.result_cache_bytes", "0")


def first_lines(problems):
    return "\n".join([f"{len(problems)} problems", *problems[:10]])


class Shards(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node(*FLAGS)
        self.chaos = Chaos(self.node, seeded(self.id()))

    def check(self):
        self.assertFalse(self.chaos.problems, first_lines(self.chaos.problems) + "\n" + self.node.stderr())
        self.assertEqual(self.chaos.lost(), set(), "acknowledged and lost")

    def test_faults_of_one_shard_cost_its_hits_and_nothing_else(self):
        self.chaos.run(FAULTS // 2, writers=0)
        self.chaos.run(FAULTS - FAULTS // 2, writers=1)
        self.check()
        self.node.kill()
        self.node.start()
        self.check()

    def test_a_shard_that_crashes_again_and_again_is_parked(self):
        for number in range(CRASHES_THAT_PARK):
            inject(self.node, part="shard", fault="crash", collection="docs", shard=1)
            poll(lambda: self.node.get("/health").json()["shards"]["down"] == 1, 5, "the crash")
            if number + 1 < CRASHES_THAT_PARK:
                poll(lambda: self.node.get("/health").json()["shards"]["down"] == 0, 5, "the restart")
        health = self.node.get("/health").json()
        self.assertEqual((health["status"], health["shards"]), ("degraded", {"up": SHARDS - 1, "down": 1}))
        self.assertEqual([(shard["collection"], shard["shard"], shard["state"]) for shard in health["failing"]],
                         [("docs", 1, "parked")])
        self.assertIn("crashed on purpose", health["failing"][0]["error"])
        self.assert_problem(self.node.get("/ready"), 503, "unavailable", "shard 1", "docs", "parked")
        self.without_shard_1()

    def without_shard_1(self):
        for asked in self.chaos.questions:
            reply = self.chaos.docs.search(**asked)
            self.assertEqual([failed["shard"] for failed in reply["shards"]["failed"]], [1])
            self.assertTrue(self.chaos.oracle.agrees(asked, frozenset({1}), reply["hits"]), (asked, reply))
        before = time.monotonic()
        applied = [self.chaos.docs.upsert([{"id": f"p{number}"}])["applied"] for number in range(40)]
        self.assertEqual({True, False}, set(applied), "writes to the other shards are applied")
        self.assertLess(time.monotonic() - before, 5, "writes wait for a shard that is parked")
        self.node.kill()
        self.node.start()
        self.chaos.acknowledged |= {f"p{number}" for number in range(40)}
        self.check()


class Parts(SystemTest):
    """A crash of a part that is no shard."""

    def setUp(self):
        super().setUp()
        self.node = self.start_node(*FLAGS)
        self.chaos = Chaos(self.node, seeded(self.id()))

    def well(self):
        """Whether the next search is whole and right, the next write applied, and the node ready."""
        reply = self.node.post(self.chaos.docs.path + "/search", self.chaos.questions[0])
        write = self.node.post(self.chaos.docs.path + "/documents", {"documents": [{"id": "probe"}]})
        return (reply.status == 200 and not reply.json()["partial"] and write.status == 200
                and write.json()["applied"] and self.node.get("/ready").status == 200
                and self.node.get("/api/v1/jobs").status == 200)

    def refused(self, answers):
        """What was neither served nor refused as a clean 503."""
        return [f"{answer.status} {answer.reply}" for answer in answers
                if answer.status != 200 and (answer.status != 503 or answer.reply["code"] != "unavailable")]

    def crash(self, part):
        with Load(self.node, "docs", self.chaos.questions, writers=2) as load:
            load.until_whole(self.chaos.questions[0])
            begin = time.monotonic()
            inject(self.node, part=part, fault="crash")
            time.sleep(0.05)
            poll(self.well, 20, f"all well after a crash of {part}")
            again_s = time.monotonic() - begin
        self.chaos.acknowledged |= set(load.acknowledged)
        print(f"{part}: {len(load.searches)} searches, {len(load.writes)} writes, "
              f"{sum(seen.status == 503 for seen in load.searches + load.writes)} of both refused, "
              f"{sum(seen.status == 200 and seen.reply['partial'] for seen in load.searches)} partial, "
              f"well after {again_s:.2f} s")
        self.assertEqual(load.broken, [])
        self.assertEqual(self.refused(load.searches) + self.refused(load.writes), [], self.node.stderr())
        self.assertLess(again_s, WELL_AGAIN_S, self.node.stderr())

    def test_a_crash_of_any_other_part_is_over_soon(self):
        for part in ("log", "supervisor", "coordinator", "ingest", "ranker", "embedding", "jobs", "engine"):
            with self.subTest(part=part):
                self.crash(part)
        self.assertEqual(self.chaos.lost(), set(), "acknowledged and lost")
        self.node.kill()
        self.node.start()
        self.assertEqual(self.chaos.lost(), set(), "acknowledged and lost after a restart")


class Requests(SystemTest):
    def test_faults_are_refused_unless_switched_on(self):
        answer = self.start_node().post("/api/v1/debug/faults", {"part": "log", "fault": "crash"})
        self.assert_problem(answer, 403, "permission_denied", "debug.fault_injection")

    def test_bad_requests_name_the_field_and_the_value(self):
        node = self.start_node(*FLAGS)
        Collection(node, "docs").make(dimension=2, embedder="none")
        shard = {"part": "shard", "fault": "stall", "collection": "docs", "duration_ms": 1}
        for change, words in (({"part": "door"}, ["part", "door"]), ({"fault": "yawn"}, ["fault", "yawn"]),
                              ({"duration_ms": 0}, ["duration_ms", "0"]), ({"duration_ms": 600_001}, ["duration_ms"]),
                              ({"count": 0}, ["count", "0"]), ({"colour": 1}, ["colour"]),
                              ({"collection": ""}, ["collection"]), ({"shard": -1}, ["shard", "-1"]),
                              ({"part": "log", "fault": "drop"}, ["log", "drop"])):
            with self.subTest(change=change):
                self.assert_problem(node.post("/api/v1/debug/faults", {**shard, **change}), 400, "invalid_argument",
                                    *words)
        for missing in ("part", "fault"):
            body = {key: value for key, value in shard.items() if key != missing}
            self.assert_problem(node.post("/api/v1/debug/faults", body), 400, "invalid_argument", missing)
        for change in ({"collection": "none"}, {"shard": 7}):
            self.assert_problem(node.post("/api/v1/debug/faults", {**shard, **change}), 404, "not_found",
                                *map(str, change.values()))


if __name__ == "__main__":
    unittest.main()
