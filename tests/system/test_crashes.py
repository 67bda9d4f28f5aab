"""Nothing acknowledged is lost by kill -9 at any moment, by a power cut, or by a disk that fails.

MOSAIC_KILLS and MOSAIC_CUTS say how many of them; MOSAIC_SEED repeats a run. A cut drops all that was not synced,
or keeps a random part of it (power_loss.py). With syncs ignored the same test must find losses.
"""

import os
import shutil
import unittest

from crash import ShimmedNode, checked, died, fingerprint, needs_shim
from mixed_writes import SHARDS, MixedWrites
from node import Node, SystemTest, poll, seeded

KILLS = int(os.environ.get("MOSAIC_KILLS", 10))
CUTS = int(os.environ.get("MOSAIC_CUTS", 6))
# After so many crashes in a row on one folder the next begins with a new one.
CRASHES_PER_FOLDER = 25
UNDER_WRITES_S = (0.05, 1.2)
# Saves, truncates and seals all the time.
SAVE_OFTEN = ("--storage.wal_bytes_max", "1048576", "--storage.checkpoint_interval_s", "1")
READY_LIMIT_S = 60
# Enough vectors in each shard for a graph, where many crashes are asked for.
VECTORS = 16_000
MANY = 50
ENOUGH = 30
ACTIONS = ("before", "after", "torn")


@needs_shim
class Crashes(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.numbers = 0
        self.begin()

    def begin(self, vectors=0):
        """A new folder and new clients."""
        self.numbers += 1
        self.torn = False
        self.data = self.folder / f"data{self.numbers}"
        self.writes = MixedWrites(self.random)
        node = self.plain()
        self.writes.prepare(node.start(), vectors)
        self.assertEqual(node.terminate(), 0, node.stderr())

    def plain(self):
        node = Node(self.data, *SAVE_OFTEN)
        self.addCleanup(node.kill)
        return node

    def shimmed(self, **more):
        node = ShimmedNode(self.data, *SAVE_OFTEN, **more)
        self.addCleanup(node.kill)
        return node

    def run_until_dead(self, node, planned):
        """Mixed writes until the node dies by its plan, or is killed at a moment of its own."""
        limit = self.random.uniform(*UNDER_WRITES_S)
        if node.start_or_die():
            self.writes.start(node)
            died(node, 3 * limit if planned else limit)
            node.kill()
            self.writes.stop()

    def verify(self, what):
        """A plain start over the folder, without anything done by hand, and every promise kept."""
        with self.subTest(crash=what):
            # What a crash leaves is no damage; a power cut may tear a write-ahead log that the log repeats, and
            # pages that stay so until the write-ahead log is moved.
            self.torn |= "seed" in what or "torn" in what
            found = checked(self.data, self.torn)
            node = self.plain().start()
            problems = found + self.writes.check(node)
            self.writes.problems = []
            if self.random.random() < 0.5:
                node.kill()
            else:
                self.assertEqual(node.terminate(), 0, node.stderr())
            self.assertEqual(problems + checked(self.data, self.torn), [], f"{what}; {node.stderr()[-1500:]}")

    def points(self):
        """The points that a start, mixed writes and an end pass, and how often."""
        node = self.shimmed(counts=True)
        node.start()
        self.writes.start(node)
        died(node, UNDER_WRITES_S[1])
        self.writes.stop()
        self.assertEqual(node.terminate(), 0, node.stderr())
        return node.points()

    def plan(self, points):
        """A point of the run, each kind as likely as any other, early passages as likely as late ones."""
        point = self.random.choice(sorted(points))
        number = int(points[point] ** self.random.random())
        return f"{point}:{max(1, number)}:{self.random.choice(ACTIONS)}"

    def test_kills_at_random_moments_and_at_every_kind_of_point_lose_nothing(self):
        points = self.points()
        self.assertLessEqual({"sync", "write", "open"}, {point.split(":")[0] for point in points}, points)
        for number in range(KILLS):
            if number % CRASHES_PER_FOLDER == CRASHES_PER_FOLDER - 1:
                self.begin(VECTORS if KILLS >= MANY else 0)
            plan = self.plan(points) if self.random.random() < 0.7 else None
            self.run_until_dead(self.shimmed(at=plan), plan)
            self.verify(f"{number}: {plan or 'at random'}")
        print(f"{KILLS} kills over {len(points)} kinds of points, {self.writes.acknowledged} changes acknowledged last")

    def test_power_cuts_lose_nothing_acknowledged(self):
        for number in range(CUTS):
            if number % CRASHES_PER_FOLDER == CRASHES_PER_FOLDER - 1:
                self.begin(VECTORS if CUTS >= MANY else 0)
            seed = self.random.choice([None, self.random.randrange(1 << 30)])
            self.cut(seed)
            self.verify(f"{number}: cut, {'strict' if seed is None else f'seed {seed}'}")

    def test_an_index_is_never_ahead_of_what_a_power_cut_leaves_of_its_shard(self):
        node = self.shimmed(journal=True)
        self.writes.add_still(node.start(), VECTORS)
        poll(lambda: len(list(self.data.rglob("shard-*.index"))) == SHARDS, READY_LIMIT_S, "an index of each shard")
        self.data = self.folder / "after"
        node.cut(self.data)
        # They are made one after the other: of the last, the name may not be durable yet.
        self.assertGreaterEqual(len(list(self.data.rglob("shard-*.index"))), SHARDS - 1)
        self.verify("cut, strict, with new indexes")

    def cut(self, seed, **more):
        node = self.shimmed(journal=True, **more)
        self.run_until_dead(node, planned=False)
        self.numbers += 1
        after = self.folder / f"data{self.numbers}"
        disk = node.cut(after, seed)
        shutil.rmtree(self.data)
        self.data = after
        return disk

    def test_the_control_run_without_syncs_loses_what_was_acknowledged(self):
        node = self.shimmed(journal=True, ignore_syncs=True)
        node.start()
        before = self.writes.acknowledged
        self.writes.start(node)
        poll(lambda: self.writes.acknowledged > before + ENOUGH, READY_LIMIT_S, "acknowledged changes")
        node.kill()
        self.writes.stop()
        self.data = self.folder / "after"
        node.cut(self.data)
        problems = self.writes.check(self.plain().start())
        self.assertTrue(any("neither before nor after" in line for line in problems),
                        f"nothing was lost, though syncs did nothing: {problems}")

    def test_the_journal_sees_every_change(self):
        """Replayed whole, the journal gives the folder as it really is."""
        node = self.shimmed(journal=True)
        node.start()
        self.writes.start(node)
        died(node, UNDER_WRITES_S[1])
        self.writes.stop()
        self.assertEqual(node.terminate(), 0, node.stderr())
        disk = node.cut(self.folder / "strict")
        disk.write_now(self.folder / "now")
        self.assertEqual(fingerprint(self.folder / "now"), fingerprint(self.data))


if __name__ == "__main__":
    unittest.main()
