"""A short run of random faults against a cluster, and a few kills of its leader; cluster_chaos.py runs for longer.

Nodes are cut from each other and delayed, too, where namespaces can be made."""

import contextlib
import os
import shutil
import sqlite3
import time
import unittest

import cluster_network
import replica_rows
from cluster_chaos import Chaos
from node import Collection, SystemTest, seeded

SECONDS = float(os.environ.get("MOSAIC_CHAOS_S") or 20)
LEADER_KILLS = 3
STANDSTILL_LIMIT_S = 10
DELAY_S = 0.3


class ClusterChaos(SystemTest):
    def start(self, network=None):
        chaos = Chaos(self.folder, seeded(self.id()), network)
        self.addCleanup(chaos.cluster.end)
        return chaos.start()

    def network(self):
        if not cluster_network.usable():
            print("no namespaces can be made: without cuts and delays")
            return None
        return self.enterContext(cluster_network.Network(3))

    def test_what_clients_see_under_faults_can_be(self):
        chaos = self.start(self.network())
        chaos.run(SECONDS)
        print(dict(chaos.faults), chaos.registers.summary())
        self.assertEqual(chaos.problems, [])

    def test_writes_go_on_soon_after_the_leader_is_killed(self):
        chaos = self.start()
        gaps = chaos.kill_leaders(LEADER_KILLS)
        self.assertEqual(chaos.problems, [])
        self.assertLess(max(gaps), STANDSTILL_LIMIT_S)


class Place:
    """One of a network, with a socket in it."""

    def __init__(self, network, name):
        self.name, self.socket = name, network.socket(network.place(name))
        self.address = self.socket.getsockname()
        self.socket.settimeout(3 * DELAY_S)


@unittest.skipUnless(cluster_network.usable(), "no namespaces can be made")
class Network(unittest.TestCase):
    """What cuts and delays do to what one place sends to another."""

    def setUp(self):
        self.network = self.enterContext(cluster_network.Network(3))
        if not self.network.carrier:
            self.skipTest("no tunnels can be made")
        self.places = [Place(self.network, name) for name in ("a", "b", "c")]
        for place in self.places:
            self.addCleanup(place.socket.close)

    def takes(self, sender, receiver, texts=(b"1", b"2", b"3")):
        """The seconds until all of some packets are there, in their order; nothing when one is lost."""
        begin = time.monotonic()
        for text in texts:
            sender.socket.sendto(text, receiver.address)
        try:
            self.assertEqual([receiver.socket.recv(100) for _ in texts], list(texts))
        except TimeoutError:
            return None
        return time.monotonic() - begin

    def assert_prompt(self, *pairs):
        for sender, receiver in pairs:
            self.assertLess(self.takes(sender, receiver), DELAY_S, (sender.name, receiver.name))

    def test_a_delay_is_of_one_way_between_two(self):
        a, b, c = self.places
        self.network.delay_one_way(a, b, DELAY_S)
        self.assertGreaterEqual(self.takes(a, b), DELAY_S)
        self.assert_prompt((b, a), (a, c), (c, a), (b, c), (c, b))
        self.network.heal()
        self.assert_prompt((a, b))

    def test_what_is_cut_is_lost_whether_it_is_delayed_or_not(self):
        a, b, c = self.places
        self.network.cut_one_way(a, b)
        self.network.delay_one_way(a, b, DELAY_S)
        self.assertIsNone(self.takes(a, b))
        self.network.delay_one_way(b, a, DELAY_S)
        self.network.cut_one_way(b, a)
        self.assertIsNone(self.takes(b, a))
        self.assert_prompt((a, c), (c, a), (b, c), (c, b))
        self.network.heal()
        self.assert_prompt((a, b), (b, a))


class Rows(SystemTest):
    """What tells replicas apart, on copies of one shard's file of which one was changed."""

    def setUp(self):
        super().setUp()
        self.one, self.other = self.folder / "one.db", self.folder / "other.db"
        node = self.start_node()
        docs = Collection(node, "docs")
        docs.make(dimension=2, metric="l2", embedder="none", retention_s=3600)
        for turn in range(3):
            docs.upsert([{"id": f"d{number}", "title": f"title {number}", "text": f"word {number} {turn}",
                          "vector": [number, turn], "metadata": {"turn": turn}, "links": [f"d{number + 1}"]}
                         for number in range(20)])
        docs.delete(ids=["d1"])
        node.request("POST", docs.path + "/documents", {"documents": [{"id": "d2"}]}, {"Idempotency-Key": "key"})
        self.assertEqual(node.terminate(), 0)
        file, = node.folder.glob("collections/docs-*/shard-0.db")
        shutil.copy(file, self.one)

    def found(self, *statements):
        """The differences once the other file was changed."""
        shutil.copy(self.one, self.other)
        with contextlib.closing(sqlite3.connect(self.other)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()
        return replica_rows.differences(self.one, self.other)

    def test_a_file_equals_its_copy(self):
        self.assertEqual(self.found(), [])

    def test_what_is_a_nodes_own_is_no_difference(self):
        self.assertEqual(self.found("UPDATE meta SET value = 17 WHERE key = 'index_seq'"), [])
        self.assertEqual(self.found("INSERT INTO documents_fts(documents_fts) VALUES('optimize')"), [])

    def test_a_changed_byte_in_a_row(self):
        for table, column in (("versions", "id"), ("versions", "text"), ("versions", "metadata"), ("vectors", "vector"),
                              ("edges", "target")):
            value = f"replace(cast({column} AS TEXT), substr(cast({column} AS TEXT), 1, 1), '~')"
            if column == "vector":
                value = "cast(x'01' || substr(vector, 2) AS BLOB)"
            line, = self.found(f"UPDATE {table} SET {column} = {value} WHERE rowid = 7")
            self.assertIn(f"{table}, after 6 equal rows: ", line)

    def test_a_changed_number(self):
        for table, column in (("versions", "seq"), ("ended", "seq_ended"), ("times", "seq"), ("requests", "outcome"),
                              ("sqlite_sequence", "seq"), ("ended_edges", "seq_ended")):
            first = f"(SELECT min(rowid) FROM {table})"
            line, = self.found(f"UPDATE {table} SET {column} = {column} + 1 WHERE rowid = {first}")
            self.assertIn(f"{table}, after 0 equal rows: ", line)
        for key in ("applied_seq", "documents", "edges", "history_from"):
            line, = self.found(f"UPDATE meta SET value = value + 1 WHERE key = '{key}'")
            self.assertIn("meta, after ", line)

    def test_a_missing_row_and_one_too_many(self):
        for table in ("versions", "ended", "vectors", "edges", "ended_edges", "times", "requests"):
            last = f"(SELECT max(rowid) FROM {table})"
            line, = self.found(f"DELETE FROM {table} WHERE rowid = {last}")
            self.assertIn(f"{table}, after ", line)
            self.assertIn("nothing", line)
        line, = self.found("INSERT INTO pins VALUES('snapshot', 1, 1)")
        self.assertIn("pins, after 0 equal rows: nothing beside (b'snapshot', 1, 1)", line)

    def test_a_text_that_the_index_has_lost(self):
        lines = self.found("INSERT INTO documents_fts(documents_fts, rowid, title, text) "
                           "SELECT 'delete', row, title, text FROM documents WHERE id = 'd7'")
        self.assertEqual([line[:line.index(",")] for line in lines],
                         ["documents_fts (sizes)", "documents_fts (sums)", "documents_fts (words)"])

    def test_an_index_or_a_table_that_only_one_has(self):
        self.assertEqual(len(self.found("DROP INDEX ended_by_seq")), 1)
        self.assertIn("table staged_vectors is only in one of both",
                      self.found("CREATE TABLE staged_vectors(row INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT"))


if __name__ == "__main__":
    unittest.main()
