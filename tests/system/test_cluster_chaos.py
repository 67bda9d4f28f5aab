"""A short run of random faults against a cluster, and a few kills of its leader; cluster_chaos.py runs for longer."""

import os
import unittest

from cluster_chaos import Chaos
from node import SystemTest, seeded

SECONDS = float(os.environ.get("MOSAIC_CHAOS_S") or 20)
LEADER_KILLS = 3
STANDSTILL_LIMIT_S = 10


class ClusterChaos(SystemTest):
    def start(self):
        chaos = Chaos(self.folder, seeded(self.id()))
        self.addCleanup(chaos.cluster.end)
        return chaos.start()

    def test_what_clients_see_under_faults_can_be(self):
        chaos = self.start()
        chaos.run(SECONDS)
        print(dict(chaos.faults), chaos.registers.summary())
        self.assertEqual(chaos.problems, [])

    def test_writes_go_on_soon_after_the_leader_is_killed(self):
        chaos = self.start()
        gaps = chaos.kill_leaders(LEADER_KILLS)
        self.assertEqual(chaos.problems, [])
        self.assertLess(max(gaps), STANDSTILL_LIMIT_S)


if __name__ == "__main__":
    unittest.main()
