"""`mosaic check` over every kind of file that a node leaves, whole and hurt in every way; and what a node that is
started over a hurt folder serves: never anything wrong."""

import http.client
import json
import pathlib
import shutil
import unittest

from crash import fingerprint
from mixed_writes import alike, export
from node import Collection, SystemTest, poll, run, seeded

PAGE = 4096
# Enough in one shard for an index file.
DOCUMENTS = 6_000
SMALL = 300
SHARDS = 2
INDEX_LIMIT_S = 60
SETTLED_LIMIT_S = 40
# Nothing of these could be missed: SQLite makes the one anew, the other is empty.
FREE = ("-shm", "LOCK")
WAYS = ("flip", "truncate", "zero", "delete")


def kind_of(path):
    """Files of one kind are in the same part of the folder and have the same name but for numbers."""
    return path.parts[0] + " " + "".join(letter for letter in path.name if not letter.isdigit())


class Check(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())

    def make(self, kill):
        """A folder with an index, several collections and PageRank; `kill`: left by SIGKILL with unsaved writes."""
        node = self.start_node(name="whole")
        self.stored = {}
        self.fill(node, "one", 1, DOCUMENTS)
        self.fill(node, "many", SHARDS, SMALL)
        poll(lambda: list(node.folder.glob("collections/one-*/*.index")), INDEX_LIMIT_S, "an index file")
        Collection(node, "many").call("POST", "/snapshots", {"name": "then"}, expect=201)
        Collection(node, "many").call("PATCH", "", {"indexed": ["n"]})
        Collection(node, "many").call("POST", "/pagerank", {}, expect=202)
        if kill:
            self.assertEqual(node.terminate(), 0, node.stderr())
            node.start()
            self.fill(node, "many", SHARDS, SMALL, make=False)
            node.kill()
        else:
            self.assertEqual(node.terminate(), 0, node.stderr())
        self.whole = node.folder

    def fill(self, node, name, shards, count, make=True):
        docs = Collection(node, name)
        if make:
            docs.make(dimension=4, metric="l2", embedder="none", shards=shards)
        documents = [{"id": f"d{number}", "title": f"title {number}", "text": f"common word{number}",
                      "vector": [number % 97, number % 89, 1, self.random.randint(0, 50)], "metadata": {"n": number},
                      "links": [{"to": f"d{(number * 7 + 1) % count}", "kind": "next", "weight": 1.0}]}
                     for number in range(count)]
        for first in range(0, count, 1000):
            docs.upsert(documents[first:first + 1000])
        self.stored[name] = {document["id"]: document for document in documents}

    def check(self, folder, *flags):
        done = run("check", folder, "--json", *flags)
        self.assertIn(done.returncode, (0, 1), done)
        report = json.loads(done.stdout)
        self.assertEqual(report["sound"], done.returncode == 0, report)
        return report

    def copy(self):
        folder = self.folder / "hurt"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.whole, folder)
        return folder

    def files(self):
        """One file of each kind, those with something in them."""
        found = {}
        for path in sorted(self.whole.rglob("*")):
            # Segments that the log has got ready hold nothing but zeros.
            if path.is_file() and not path.name.endswith(FREE) and path.read_bytes().strip(b"\0"):
                path = path.relative_to(self.whole)
                found.setdefault(kind_of(path), []).append(path)
        return {kind: self.random.choice(paths) for kind, paths in found.items()}

    def hurt(self, file, way):
        data = bytearray(file.read_bytes())
        # In the part that is used: segments of the log end in zeros.
        used = len(bytes(data).rstrip(b"\0"))
        if way == "flip":
            data[self.random.randrange(used)] ^= 1 << self.random.randrange(8)
        elif way == "truncate":
            del data[self.random.randrange(used):]
        elif way == "zero":
            page = self.random.randrange(used) // PAGE * PAGE
            data[page:page + PAGE] = bytes(len(data[page:page + PAGE]))
        if way == "delete":
            file.unlink()
        else:
            file.write_bytes(data)

    def damage(self):
        for kind, path in self.files().items():
            for way in WAYS:
                with self.subTest(kind=kind, way=way):
                    folder = self.copy()
                    self.hurt(folder / path, way)
                    before = fingerprint(folder)
                    report = self.check(folder)
                    self.assertEqual(fingerprint(folder), before, "check changed something")
                    derived = way == "delete" and (path.suffix == ".index" or path.name == "ports")
                    # Pages that the write-ahead log holds are not missed in the file.
                    if way in ("flip", "delete") or not (folder / f"{path}-wal").exists():
                        self.assertEqual(report["sound"], derived, f"{path} {way}: {report}")
                    self.served(folder, report)

    def served(self, folder, report):
        """A start refuses with one line, or serves nothing wrong."""
        node = self.start_node(name=folder.name, ready=False) if self.starts(folder) else None
        if node is None:
            return
        try:
            for name in self.stored:
                poll(lambda name=name: self.settled(node, name), SETTLED_LIMIT_S, "every shard is up or down")
                self.check_served(node, name, report)
            self.assertTrue(node.running(), node.stderr())
        finally:
            node.kill()

    def starts(self, folder):
        """Whether a node starts; if not, that it says why."""
        probe = self.folder / "probe"
        shutil.rmtree(probe, ignore_errors=True)
        shutil.copytree(folder, probe)
        node = None
        try:
            node = self.start_node(name="probe", ready=False)
            return True
        except AssertionError:
            lines = [line for line in (self.folder / "probe.stderr").read_text().splitlines()
                     if line.startswith("mosaic: ")]
            self.assertTrue(lines, "it ended without a word")
            return False
        finally:
            if node:
                node.kill()

    def settled(self, node, name):
        answer = node.get(f"/api/v1/collections/{name}")
        if answer.status != 200:
            return answer.status == 404
        return all(shard["state"] not in ("starting", "replaying") for shard in answer.json()["shards"])

    def check_served(self, node, name, report):
        info = node.get(f"/api/v1/collections/{name}")
        if info.status == 404:
            self.assertFalse(report["sound"])
            return
        wanted = self.stored[name]
        for key in self.random.sample(sorted(wanted), 20):
            answer = node.get(f"/api/v1/collections/{name}/documents/{key}")
            self.assertIn(answer.status, (200, 503), (key, answer))
            if answer.status == 200:
                found = answer.json()
                self.assertEqual((found["text"], found["metadata"]), (wanted[key]["text"], wanted[key]["metadata"]))
        found = self.exported(node, name)
        if found is not None:
            self.assertEqual(found.keys(), wanted.keys())
            self.assertTrue(all(alike(found[key], wanted[key]) for key in wanted), "a wrong document served")
        self.check_search(node, name, wanted)

    def exported(self, node, name):
        """Every document, or None where the answer is an error or breaks off in the middle."""
        try:
            return export(node, name)
        except (AssertionError, OSError, http.client.HTTPException):
            return None

    def check_search(self, node, name, wanted):
        vector = [50, 40, 1, 20]
        reply = Collection(node, name).search(vector=vector, k=20, include=[], timeout_ms=10_000)
        far = {key: sum((a - b) ** 2 for a, b in zip(document["vector"], vector)) ** 0.5
               for key, document in wanted.items()}
        for hit in reply["hits"]:
            self.assertAlmostEqual(hit["distance"], far[hit["id"]], 3)
        if not reply["partial"]:
            best = sorted(far.values())[:20]
            self.assertLessEqual(sum(all(abs(hit["distance"] - at) > 1e-3 for hit in reply["hits"]) for at in best), 2)

    def test_a_sound_folder_is_sound_and_every_file_is_known(self):
        for kill in (False, True):
            shutil.rmtree(self.folder / "whole", ignore_errors=True)
            self.make(kill)
            before = fingerprint(self.whole)
            report = self.check(self.whole)
            self.assertEqual(report["findings"], [])
            self.assertEqual(fingerprint(self.whole), before)
            self.assertEqual((report["documents"], report["links"]), (DOCUMENTS + SMALL,) * 2)

    def test_damage_after_an_orderly_end(self):
        self.make(kill=False)
        self.damage()

    def test_damage_after_a_kill(self):
        self.make(kill=True)
        self.damage()

    def test_wrong_usage_is_told_apart(self):
        empty = self.folder / "empty"
        empty.mkdir()
        for folder, word in ((self.folder / "none", "there is no folder"), (empty, "not a data folder")):
            done = run("check", folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn(word, done.stderr)
        node = self.start_node(name="busy")
        done = run("check", node.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("in use", done.stderr)
        self.assertEqual(node.terminate(), 0)
        self.assertEqual(run("check", node.folder).returncode, 0)

    def test_what_is_derived_is_repaired(self):
        self.make(kill=False)
        folder = self.copy()
        self.hurt(next(folder.glob("collections/one-*/*.index")), "flip")
        self.hurt(next(folder.glob("snapshots/*/then/snapshot.json")), "delete")
        self.assertFalse(self.check(folder)["sound"])
        self.assertTrue(self.check(folder, "--repair")["sound"])
        self.assertTrue(self.check(folder)["sound"])
        node = self.start_node(name="hurt")
        poll(lambda: list(pathlib.Path(folder).glob("collections/one-*/*.index")), INDEX_LIMIT_S, "a new index file")
        self.check_served(node, "one", {"sound": True})


if __name__ == "__main__":
    unittest.main()
