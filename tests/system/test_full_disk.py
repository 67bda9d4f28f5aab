"""A disk that is full or fails: writes are refused or the process ends, nothing is half applied, and all is well
again when the disk is. The storage shim makes the calls fail; a control file says which."""

import http.client
import unittest

from crash import ShimmedNode, checked, died, needs_shim
from mixed_writes import NAME, MixedWrites
from node import Collection, Node, SystemTest, poll, seeded

FAILING_S = 2.0
AGAIN_LIMIT_S = 40
LATER = 10
# More of them than the log may have room ready for.
LARGE_MAX = 80
SAVE_OFTEN = ("--storage.wal_bytes_max", "1048576", "--storage.checkpoint_interval_s", "1")
# What a refusal of a write may say. Nothing else may come of it.
REFUSALS = {503, 504, 507}


@needs_shim
class FullDisk(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.control = self.folder / "control"
        self.data = self.folder / "data"
        self.node = ShimmedNode(self.data, *SAVE_OFTEN, control=self.control)
        self.addCleanup(self.node.kill)
        self.writes = MixedWrites(self.random)
        self.writes.prepare(self.node.start())
        self.docs = Collection(self.node, NAME)

    def fail(self, *lines):  # pylint: disable=arguments-differ
        self.control.write_text("".join(line + "\n" for line in lines))

    def work(self):
        """Mixed writes for a while; each client goes on after a refusal, until the node is gone."""
        self.writes.start(self.node)
        gone = died(self.node, FAILING_S)
        self.writes.stop()
        return gone

    def recover(self):
        """The disk works again: so does the node, or one that is started in its place."""
        self.control.unlink()
        if died(self.node, 0):
            self.node.start()
        poll(self._writes_again, AGAIN_LIMIT_S, "writes that are applied again")
        poll(lambda: self.node.get("/ready").status == 200, AGAIN_LIMIT_S, "ready")
        self.assertEqual(self.writes.check(self.node), [], self.node.stderr())
        self.writes.start(self.node)
        poll(lambda: self.writes.acknowledged > self.before + LATER, AGAIN_LIMIT_S, "more writes")
        self.writes.stop()
        self.assertEqual(self.writes.check(self.node), [])
        self.assertEqual(self.node.terminate(), 0, self.node.stderr())
        self.assertEqual(checked(self.data), [])

    def _writes_again(self):
        self.before = self.writes.acknowledged
        if not self.node.running():
            self.node.start()
        try:
            answer = self.node.request("POST", f"/api/v1/collections/{NAME}/documents/delete", {"ids": ["nobody"]})
        except (OSError, http.client.HTTPException):
            return False
        return answer.status == 200

    def check_refusals(self):
        for method, path, status, body in self.writes.refusals:
            self.assertIn(status, REFUSALS, (method, path, body))
            self.assertIn(b'"detail"', body)

    def disk(self, *lines):
        self.work()
        unapplied = self.writes.unapplied
        self.fail(*lines)
        gone = self.work()
        if not gone:
            # Reading needs no room.
            answer = self.node.post(f"/api/v1/collections/{NAME}/search",
                                    {"vector": [1] * 8, "k": 3, "timeout_ms": 5_000})
            self.assertEqual(answer.status, 200, answer)
            # Shards that the disk has stopped at different states have none in common: they are named.
            reply = answer.json()
            self.assertTrue(len(reply["hits"]) == 3 or reply["partial"] and reply["shards"]["failed"], answer)
        self.check_refusals()
        self.assertTrue(gone or self.writes.refusals or self.writes.unapplied > unapplied,
                        "nobody noticed that the disk fails")
        self.recover()

    def test_no_room_for_anything(self):
        self.disk("ENOSPC * *")

    def test_no_room_for_the_shards(self):
        self.disk("ENOSPC * shard-.db", "ENOSPC * shard-.db-wal", "ENOSPC * shard-.index.tmp")

    def test_no_room_for_the_log(self):
        """The log has room ready for some more entries: they are taken, and none is lost."""
        self.fail("ENOSPC * open-", "ENOSPC * folder")
        taken = 0
        try:
            while taken < LARGE_MAX and self.writes.upsert_large(self.node, taken):
                taken += 1
        except (OSError, http.client.HTTPException):
            pass
        self.assertLess(taken, LARGE_MAX, "the log went on without room")
        self.check_refusals()
        self.recover()

    def test_no_room_for_the_catalog(self):
        self.disk("ENOSPC * catalog.db", "ENOSPC * catalog.db-wal")

    def test_syncs_that_fail(self):
        """What was written before a failed sync may be gone: nothing of it is acknowledged."""
        self.disk("EIO sync *")

    def test_writes_of_shards_that_fail(self):
        self.disk("EIO write shard-.db", "EIO write shard-.db-wal")

    def test_writes_of_the_log_that_fail(self):
        self.disk("EIO write open-", "EIO write log.db-wal")


if __name__ == "__main__":
    unittest.main()
