"""Snapshots of a collection on a real node: one state under load, files that stand alone, kills in between."""

import hashlib
import json
import sqlite3
import threading
import time
import unittest

from node import Collection, SystemTest, poll, run, seeded

SHARDS = 3
WRITERS = 3
BATCH = 12  # documents of one write, over all shards
KILLS = 6


class Snapshots(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=4, embedder="none", shards=SHARDS)

    def batch(self, writer, number):
        """One write: the same ids each time, all with the number of the write."""
        return [{"id": f"w{writer}-{i}", "vector": [1, number, i, 1], "text": f"write {number}",
                 "metadata": {"number": number}, "links": [f"w{writer}-{(i + 1) % BATCH}"]} for i in range(BATCH)]

    def write_on(self, writer, done, written):
        docs = Collection(self.node, "docs")
        while not done.is_set():
            answer = docs.upsert(self.batch(writer, written[writer] + 1))
            if answer["upserted"] != BATCH:
                raise AssertionError(answer)
            written[writer] += 1

    def under_load(self, work):
        done, written = threading.Event(), [0] * WRITERS
        threads = [threading.Thread(target=self.write_on, args=(writer, done, written)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            poll(lambda: min(written) >= 2, 30, "every writer writes")
            return work(written)
        finally:
            done.set()
            for thread in threads:
                thread.join()

    def files(self, snapshot):
        return [self.node.folder / file["path"] for file in snapshot["files"]]

    def rows(self, snapshot):
        """Every live document of the files, as stock SQLite reads them."""
        found = {}
        for path in self.files(snapshot):
            with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
                self.assertEqual(database.execute("PRAGMA journal_mode").fetchone(), ("delete",))
                self.assertEqual(database.execute("SELECT value FROM meta WHERE key = 'applied_seq'").fetchone(),
                                 (snapshot["seq"],))
                for key, metadata in database.execute("SELECT id, metadata FROM documents"):
                    self.assertNotIn(key, found)
                    found[key] = json.loads(metadata)["number"]
        return found

    def check(self, snapshot):
        """Its files are what it says, and every write is in it whole or not at all."""
        for path, file in zip(self.files(snapshot), snapshot["files"], strict=True):
            self.assertEqual(path.stat().st_size, file["bytes"])
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), file["sha256"])
            self.assertEqual([entry for entry in path.parent.iterdir() if path.name in entry.name], [path])
        rows = self.rows(snapshot)
        self.assertEqual(len(rows), snapshot["documents"])
        numbers = {}
        for writer in range(WRITERS):
            of_writer = {number for key, number in rows.items() if key.startswith(f"w{writer}-")}
            self.assertEqual(len(of_writer), 1, (writer, of_writer))
            numbers[writer] = of_writer.pop()
        self.assertEqual(len(rows), WRITERS * BATCH)
        written = json.loads((self.files(snapshot)[0].parent / "snapshot.json").read_text())
        for key in ("name", "seq", "documents", "files"):
            self.assertEqual(written[key], snapshot[key])
        self.assertEqual(written["settings"]["shards"], SHARDS)
        return numbers

    def test_each_is_one_state_while_writers_go_on(self):
        def make(written):
            made = []
            for number in range(5):
                before = list(written)
                snapshot = self.docs.call("POST", "/snapshots", {"name": f"s{number}"}, expect=201)
                made.append((before, snapshot, list(written)))
            return made

        for before, snapshot, after in self.under_load(make):
            numbers = self.check(snapshot)
            for writer in range(WRITERS):
                self.assertLessEqual(before[writer], numbers[writer])
                self.assertLessEqual(numbers[writer], after[writer] + 1)
        listed = self.docs.call("GET", "/snapshots")["snapshots"]
        self.assertEqual([snapshot["name"] for snapshot in listed], ["s4", "s3", "s2", "s1", "s0"])
        self.assertEqual(sorted((snapshot["seq"] for snapshot in listed), reverse=True),
                         [snapshot["seq"] for snapshot in listed])

    def test_it_outlives_a_restart_and_goes_when_it_is_deleted(self):
        self.docs.upsert(self.batch(0, 1) + self.batch(1, 1) + self.batch(2, 1))
        snapshot = self.docs.call("POST", "/snapshots", {"name": "kept"}, expect=201)
        unnamed = self.docs.call("POST", "/snapshots", expect=201)
        self.docs.upsert(self.batch(0, 2))
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        listed = self.docs.call("GET", "/snapshots")["snapshots"]
        self.assertEqual(listed, [unnamed, snapshot])
        self.check(snapshot)
        answer = self.node.request("POST", self.docs.path + "/snapshots", {"name": "kept"})
        self.assert_problem(answer, 409, "already_exists", "kept")
        pruned = self.docs.call("POST", "/snapshots/prune", {"keep": 1})
        self.assertEqual(pruned, {"deleted": ["kept"], "snapshots": [unnamed]})
        self.assertFalse(self.files(snapshot)[0].parent.exists())
        gone = self.docs.call("DELETE", f"/snapshots/{unnamed['name']}")
        self.assertEqual(gone, {"deleted": [unnamed["name"]], "snapshots": []})
        answer = self.node.request("DELETE", self.docs.path + f"/snapshots/{unnamed['name']}")
        self.assert_problem(answer, 404, "not_found", unnamed["name"])
        self.docs.call("POST", "/snapshots", {"name": "again"}, expect=201)
        self.docs.call("DELETE")
        poll(lambda: not list((self.node.folder / "snapshots").iterdir()), 10, "the files are gone")

    def test_names_are_checked(self):
        for name in ("12", "", ".a", "a/b", "a b", "2026-11-29T15:04:05Z", "x" * 129):
            answer = self.node.request("POST", self.docs.path + "/snapshots", {"name": name})
            self.assert_problem(answer, 400, "invalid_argument", "name")
        for body in ({"nam": "a"}, {"name": 1}):
            answer = self.node.request("POST", self.docs.path + "/snapshots", body)
            self.assert_problem(answer, 400, "invalid_argument")
        for body in ({}, {"keep": -1}, {"keep": "1"}):
            answer = self.node.request("POST", self.docs.path + "/snapshots/prune", body)
            self.assert_problem(answer, 400, "invalid_argument", "keep")
        self.assertEqual(self.docs.call("GET", "/snapshots"), {"snapshots": []})

    def test_a_kill_in_between_leaves_a_whole_one_or_none(self):
        for writer in range(WRITERS):
            self.docs.upsert(self.batch(writer, 1))
        for number in range(KILLS):
            asked = threading.Thread(target=self.try_to_make, args=(f"k{number}",))
            asked.start()
            time.sleep(self.random.uniform(0, 0.1))
            self.node.kill()
            asked.join()
            self.node.start()
            listed = self.docs.call("GET", "/snapshots")["snapshots"]
            for snapshot in listed:
                self.check(snapshot)
            root = self.node.folder / "snapshots"
            folders = {folder.name for entry in root.iterdir() for folder in entry.iterdir()} if root.exists() else set()
            self.assertEqual(folders, {snapshot["name"] for snapshot in listed})
            # The name is free again if it was not kept.
            if f"k{number}" not in folders:
                poll(lambda name=f"k{number}": self.try_to_make(name) == 201, 20, "the name is free")

    def try_to_make(self, name):
        try:
            return self.node.request("POST", self.docs.path + "/snapshots", {"name": name}).status
        except OSError:
            return None
        except Exception as error:  # the connection ends in many ways
            return str(error)

    def test_the_command_line_makes_lists_and_deletes_them(self):
        self.docs.upsert(self.batch(0, 1))
        environment = {"MOSAIC_URL": self.node.url}
        made = run("snapshot", "create", "docs", "one", env=environment)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.assertIn("snapshot 'one' of collection 'docs': 12 documents", made.stdout)
        self.assertEqual(json.loads(run("snapshot", "create", "docs", "two", "--json", env=environment).stdout)["name"],
                         "two")
        listed = run("snapshot", "list", "docs", env=environment).stdout
        self.assertIn("one", listed)
        self.assertLess(listed.index("two"), listed.index("one"))
        again = run("snapshot", "create", "docs", "two", env=environment)
        self.assertEqual(again.returncode, 1)
        self.assertIn("already_exists", again.stderr)
        self.assertIn("deleted snapshot 'one'", run("snapshot", "prune", "docs", "--keep", "1", env=environment).stdout)
        self.assertEqual(run("snapshot", "delete", "docs", "two", env=environment).returncode, 0)
        self.assertEqual(run("snapshot", "list", env=environment).returncode, 2)


if __name__ == "__main__":
    unittest.main()
