"""Damaged files: said, never served. And what stock sqlite3 reads of an undamaged shard."""

import json
import os
import shutil
import sqlite3
import struct
import unittest

from node import Collection, SystemTest, poll, run, seeded

DOCUMENTS = 300
SHARDS = 3
HURT = 1
PAGE = 4096
SINGLE_FLIPS = 12


def flip(file, random, every_page=False, count=1):
    """Changes one bit in some bytes, or in one byte of every page."""
    data = bytearray(file.read_bytes())
    places = [page + random.randrange(min(PAGE, len(data) - page)) for page in range(0, len(data), PAGE)] if every_page else \
        [random.randrange(len(data)) for _ in range(count)]
    for place in places:
        data[place] ^= 1 << random.randrange(8)
    file.write_bytes(data)
    return places


def zero(file, first, last):
    data = bytearray(file.read_bytes())
    begin, end = int(len(data) * first), int(len(data) * last)
    data[begin:end] = bytes(end - begin)
    file.write_bytes(data)


class Damage(SystemTest):
    """A folder with documents in three shards, left by an orderly SIGTERM; each test hurts a copy."""

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        node = self.start_node(name="whole")
        docs = Collection(node, "docs")
        docs.make(dimension=4, metric="l2", embedder="none", shards=SHARDS)
        self.documents = {f"d{number}": {
            "id": f"d{number}", "title": f"title {number}", "text": f"common word{number} " + "filler " * 80,
            "vector": [number, number % 7, 1, -1], "metadata": {"n": number}} for number in range(DOCUMENTS)}
        docs.upsert([{**item, "text": "an older version"} for item in self.documents.values()])
        docs.upsert(list(self.documents.values()))
        self.home = {key: docs.document(key)["shard"] for key in self.documents}
        self.assertEqual(node.terminate(), 0, node.stderr())
        self.whole = node.folder
        # Otherwise the pages to be hurt would be read from there.
        self.assertEqual(list(self.whole.glob("collections/*/*-wal")), [], "SIGTERM left a write-ahead log")

    def copy(self, name="hurt"):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.whole, folder)
        return folder

    def shard_file(self, folder, shard=HURT):
        return next(folder.glob(f"collections/*/shard-{shard}.db"))

    def right(self, found):
        wanted = self.documents[found["id"]]
        self.assertEqual({part: found[part] for part in ("title", "text", "metadata")},
                         {part: wanted[part] for part in ("title", "text", "metadata")}, "a wrong document served")

    def check_documents(self, node, strict):
        """Every document is served right or refused as damaged, those of sound shards always served."""
        refused = 0
        for key, shard in self.home.items():
            answer = node.get(f"/api/v1/collections/docs/documents/{key}")
            if shard == HURT and (strict or answer.status != 200):
                refused += 1
                self.assert_problem(answer, 503, "corrupt_data", str(HURT))
            else:
                self.assertEqual(answer.status, 200, (key, shard, answer))
                self.right(answer.json())
        return refused

    def check_search(self, docs, asked, strict):
        """The answer is whole, or partial with the hurt shard named and all that the others hold."""
        answer = docs.search(k=10_000, **asked)
        for hit in answer["hits"]:
            self.right(hit)
        found = {hit["id"] for hit in answer["hits"]}
        self.assertEqual(len(found), len(answer["hits"]))
        if not answer["partial"] and not strict:
            self.assertEqual(found, set(self.documents))
            return False
        self.assertTrue(answer["partial"], answer["shards"])
        self.assertEqual([failed["shard"] for failed in answer["shards"]["failed"]], [HURT])
        self.assertEqual(answer["shards"]["total"], SHARDS)
        others = {key for key, shard in self.home.items() if shard != HURT}
        self.assertLessEqual(others, found)
        if strict:
            self.assertEqual(others, found)
        return True

    def check_searches(self, node, strict):
        docs = Collection(node, "docs")
        asked = ({"vector": [1, 2, 3, 4]}, {"query": "common", "mode": "text"},
                 {"vector": [1, 2, 3, 4], "filter": {"n": {"$gte": 0}}},
                 {"query": "common", "mode": "text", "where": "length(text) > 3"})
        return sum(self.check_search(docs, item, strict) for item in asked)

    def check_list(self, node):
        """The list leaves nothing out silently."""
        answer = node.get("/api/v1/collections/docs/documents", limit=10_000)
        if answer.status != 200:
            self.assertIn(answer.json()["code"], ("corrupt_data", "unavailable"), answer)
            return True
        page = answer.json()
        for document in page["documents"]:
            self.right(document)
        if not page.get("partial"):
            self.assertEqual({item["id"] for item in page["documents"]}, set(self.documents))
        return bool(page.get("partial"))

    def check_down(self, hurt):
        """A node over the hurt folder says what is missing and serves the rest."""
        node = self.start_node(name=hurt.name, ready=False)
        poll(lambda: "parked" in self.states(node), 20, "the shard is given up for now")
        health = node.get("/health").json()
        self.assertEqual((health["status"], health["shards"]), ("degraded", {"up": SHARDS - 1, "down": 1}))
        self.assert_problem(node.get("/ready"), 503, "unavailable", f"shard {HURT}", "docs")
        self.assertEqual(self.check_documents(node, strict=True),
                         sum(shard == HURT for shard in self.home.values()))
        self.assertEqual(self.check_searches(node, strict=True), 4)
        self.assertTrue(self.check_list(node), "the list hides that a shard is missing")
        self.check_writes(node)
        self.assertTrue(node.running())
        self.assertEqual(node.terminate(), 0, node.stderr())

    def states(self, node):
        """What each shard is; none while the node does not know its collections yet."""
        answer = node.get("/api/v1/collections/docs")
        return [shard["state"] for shard in answer.json()["shards"]] if answer.status == 200 else []

    def settled(self, node):
        states = self.states(node)
        return states and "starting" not in states

    def check_writes(self, node):
        """A write to a sound shard is applied."""
        key = next(key for key, shard in self.home.items() if shard != HURT)
        docs = Collection(node, "docs")
        self.assertTrue(docs.upsert([self.documents[key]])["applied"], "the write waits for the hurt shard")

    def test_a_truncated_shard(self):
        for part in (0.5, 0.05, 0):
            with self.subTest(part=part):
                hurt = self.copy()
                file = self.shard_file(hurt)
                os.truncate(file, int(file.stat().st_size * part))
                self.check_down(hurt)

    def test_a_shard_zeroed_in_the_middle(self):
        hurt = self.copy()
        zero(self.shard_file(hurt), 0.3, 0.7)
        self.check_down(hurt)

    def test_a_shard_flipped_in_every_page(self):
        hurt = self.copy()
        flip(self.shard_file(hurt), self.random, every_page=True)
        self.check_down(hurt)

    def test_a_shard_of_a_newer_format(self):
        hurt = self.copy()
        database = sqlite3.connect(self.shard_file(hurt))
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version = {version + 1}")
        database.close()
        self.check_down(hurt)

    def test_a_missing_shard(self):
        hurt = self.copy()
        self.shard_file(hurt).unlink()
        self.check_down(hurt)

    def test_shards_that_changed_places(self):
        hurt = self.copy()
        shutil.copy(self.shard_file(hurt, 0), self.shard_file(hurt, HURT))
        self.check_down(hurt)

    def test_single_flips_are_never_served(self):
        noticed = 0
        for number in range(SINGLE_FLIPS):
            hurt = self.copy(f"flip{number}")
            file = self.shard_file(hurt)
            places = flip(file, self.random, count=self.random.choice([1, 3, 10]))
            with self.subTest(places=places, pages=file.stat().st_size // PAGE):
                node = self.start_node(name=hurt.name, ready=False)
                poll(lambda node=node: self.settled(node), 20, "every shard is up or down")
                refused = self.check_documents(node, strict=False) + self.check_searches(node, strict=False)
                noticed += bool(self.check_list(node) or refused)
                self.assertTrue(node.running(), node.stderr())
                node.kill()
        print(f"{noticed} of {SINGLE_FLIPS} damaged files noticed; the rest hit bytes that nothing asked for")
        self.assertGreater(noticed, 0)

    def test_damage_under_a_running_node_is_noticed(self):
        hurt = self.copy()
        node = self.start_node(name=hurt.name)
        flip(self.shard_file(hurt), self.random, every_page=True)
        self.check_documents(node, strict=False)
        self.check_searches(node, strict=False)
        self.assertTrue(node.running(), node.stderr())

    def test_a_damaged_log_or_catalog_ends_the_node_with_one_line(self):
        for name in ("log", "catalog.db"):
            for way in ("flip", "truncate", "zero"):
                with self.subTest(file=name, way=way):
                    hurt = self.copy()
                    # After an orderly end, entries are in closed segments.
                    file = max((hurt / "log").glob("0*"), key=lambda path: path.stat().st_size) if name == "log" else hurt / name
                    if way == "flip":
                        flip(file, self.random, every_page=True)
                    elif way == "zero":
                        zero(file, 0, 1)
                    else:
                        os.truncate(file, file.stat().st_size // 2)
                    done = run("serve", "--data-dir", hurt, "--listen", "127.0.0.1:0", limit_s=30)
                    self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                    lines = [line for line in done.stderr.splitlines() if line.startswith("mosaic: ")]
                    self.assertEqual(len(lines), 1, done.stderr)
                    self.assertIn(name, lines[0])


class StockSqlite(Damage):
    def test_stock_sqlite_reads_rows_text_and_vectors(self):
        seen = {}
        for shard in range(SHARDS):
            database = sqlite3.connect(f"file:{self.shard_file(self.whole, shard)}?mode=ro", uri=True)
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            rows = database.execute("SELECT id, title, text, metadata, vector FROM documents JOIN vectors USING (row)")
            for key, title, text, metadata, vector in rows:
                self.assertEqual(self.home[key], shard)
                seen[key] = {"id": key, "title": title, "text": text, "metadata": json.loads(metadata),
                             "vector": list(struct.unpack("<4f", vector))}
            found = database.execute("SELECT id FROM documents_fts f JOIN documents d ON d.row = f.rowid "
                                     "WHERE documents_fts MATCH 'common' ORDER BY id").fetchall()
            self.assertEqual([row[0] for row in found], sorted(k for k, home in self.home.items() if home == shard))
            older = database.execute("SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'older'")
            self.assertEqual(older.fetchone()[0], 0, "the text of ended versions is still found")
            database.close()
        self.assertEqual(seen, self.documents)


def load_tests(loader, _tests, _pattern):
    """StockSqlite borrows the folder of Damage, not its tests."""
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(Damage))
    suite.addTest(StockSqlite("test_stock_sqlite_reads_rows_text_and_vectors"))
    return suite


if __name__ == "__main__":
    unittest.main()
