"""Backup and restore on real nodes, to folders and buckets: what comes back is what was there, and damage makes nothing."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import unittest

import s3_stub
from node import Collection, SystemTest, poll, run, seeded

DOCUMENTS = 600
KILLS = 5
LIMIT_S = 120


class BackupTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.target = f"file://{self.folder}/backups"

    def fill(self, collection, count=DOCUMENTS, begin=0):
        documents = [{"id": f"d{number}", "title": f"title {number}", "text": f"text {self.random.random()}",
                      "metadata": {"number": number, "deep": {"er": [number]}},
                      "links": [f"d{self.random.randrange(count)}", {"to": "nowhere", "kind": "k", "weight": 0.5}]}
                     for number in range(begin, begin + count)]
        collection.upsert(documents)
        # Versions that ended, and documents that were deleted.
        collection.upsert(self.random.sample(documents, count // 10))
        collection.delete(ids=[f"d{begin + number}" for number in range(0, count // 10)])

    def make(self, **settings):
        self.docs.make(**{"dimension": 32, "embedder": "hash", "shards": 3, "indexed": ["number"], **settings})
        self.fill(self.docs)

    def export(self, collection):
        answer = collection.node.get(collection.path + "/export")
        self.assertEqual(answer.status, 200)
        return sorted(answer.body.splitlines())

    def back_up(self, expect=201, node=None, **more):
        answer = (node or self.node).post("/api/v1/backups", {"collection": "docs", "target": self.target, **more},
                                          limit_s=LIMIT_S)
        self.assertEqual(answer.status, expect, answer)
        return answer.json()

    def restore(self, node=None, expect=200, **more):
        answer = (node or self.node).post("/api/v1/restore",
                                          {"source": self.target, "collection": "docs", **more}, limit_s=LIMIT_S)
        self.assertEqual(answer.status, expect, answer)
        return answer.json()

    def leftovers(self, node=None):
        """Folders in the data folder that nothing should be in when nothing is under way."""
        folder = (node or self.node).folder
        found = [entry for name in ("incoming",) if (folder / name).exists() for entry in (folder / name).iterdir()]
        root = folder / "snapshots"
        return found + [copy for entry in (root.iterdir() if root.exists() else ())
                        for copy in entry.iterdir() if copy.name.startswith(".")]

    def collections(self, node=None):
        return {each["name"] for each in (node or self.node).get("/api/v1/collections").json()["collections"]}

    def equals_source(self, restored, wanted):
        self.assertEqual(self.export(restored), wanted)
        info = restored.info()
        self.assertEqual(info["documents"], len(wanted))
        self.assertEqual(info["indexed"], ["number"])
        hits = restored.search(query="title 77", mode="text", k=5)
        self.assertEqual(hits["partial"], False)
        self.assertEqual(hits["hits"][0]["id"], "d77")
        document = restored.document("d77")
        self.assertEqual(document["seq"], restored.document("d78")["seq"])
        self.assertLessEqual(document["seq"], info["seq"])
        # It is a collection like any other.
        restored.upsert([{"id": "d77", "text": "another"}, {"id": "new", "text": "one more"}])
        restored.delete(ids=["d78"])
        self.assertEqual(restored.info()["documents"], len(wanted))
        self.assertEqual(restored.document("d77")["text"], "another")
        restored.document("d78", expect=404)

    def check_round_trip(self):
        self.make()
        wanted = self.export(self.docs)
        backup = self.back_up()
        self.assertEqual((backup["collection"], backup["documents"]), ("docs", len(wanted)))
        self.assertGreater(backup["new_bytes"], 0)
        listed = self.node.get("/api/v1/backups", target=self.target).json()["backups"]
        self.assertEqual([each["id"] for each in listed], [backup["id"]])
        self.assertEqual(self.node.get("/api/v1/backups", target=self.target, collection="other").json(),
                         {"backups": []})
        self.docs.call("DELETE")
        restored = self.restore(**{"as": "again"})
        self.assertEqual((restored["collection"], restored["documents"], restored["backup"]),
                         ("again", len(wanted), backup["id"]))
        other = self.start_node(name="other")
        Collection(other, "first").make(dimension=4, embedder="none")
        self.restore(other)
        self.equals_source(Collection(other, "docs"), wanted)
        self.equals_source(Collection(self.node, "again"), wanted)
        for node in (self.node, other):
            self.assertEqual(self.leftovers(node), [])
            self.assertEqual(node.terminate(), 0)
            node.start()
        self.assertEqual(len(self.export(Collection(other, "docs"))), len(wanted))
        self.assertEqual(Collection(other, "docs").document("d77")["text"], "another")


class Backups(BackupTest):
    def test_a_collection_comes_back_under_another_name_and_on_another_node(self):
        self.check_round_trip()

    def test_only_what_is_new_goes_up_and_older_ones_can_be_chosen(self):
        self.make()
        first_state = self.export(self.docs)
        first = self.back_up()
        again = self.back_up()
        self.assertLess(again["new_bytes"], first["new_bytes"] / 2)
        self.fill(self.docs, 50, begin=10_000)
        second_state = self.export(self.docs)
        self.back_up()
        self.restore(**{"as": "newest"})
        self.restore(**{"as": "oldest", "backup": first["id"]})
        self.assertEqual(self.export(Collection(self.node, "newest")), second_state)
        self.assertEqual(self.export(Collection(self.node, "oldest")), first_state)
        self.assert_problem(self.node.post("/api/v1/restore", {"source": self.target, "collection": "docs", "as": "x",
                                                               "backup": "none-such"}), 404, "not_found")

    def test_a_snapshot_can_be_backed_up_later(self):
        self.make()
        wanted = self.export(self.docs)
        snapshot = self.docs.call("POST", "/snapshots", {"name": "then"}, expect=201)
        self.fill(self.docs, 30, begin=20_000)
        backup = self.back_up(snapshot="then")
        self.assertEqual((backup["seq"], backup["documents"]), (snapshot["seq"], snapshot["documents"]))
        self.restore(**{"as": "then"})
        self.assertEqual(self.export(Collection(self.node, "then")), wanted)
        self.back_up(snapshot="never", expect=404)
        path = self.node.folder / snapshot["files"][0]["path"]
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        self.assertEqual(self.back_up(snapshot="then", expect=503)["code"], "corrupt_data")

    def test_a_name_that_is_taken_is_replaced_only_when_asked(self):
        self.make()
        wanted = self.export(self.docs)
        self.back_up()
        self.docs.upsert([{"id": "later", "text": "not in the backup"}])
        before = self.export(self.docs)
        self.restore(expect=409)
        self.assertEqual(self.export(self.docs), before)
        seen, done = [], threading.Event()

        def look():
            while not done.is_set():
                seen.append(self.node.get(self.docs.path).status)

        looker = threading.Thread(target=look)
        looker.start()
        self.restore(replace=True)
        done.set()
        looker.join()
        self.assertEqual(self.export(self.docs), wanted)
        self.assertLessEqual(set(seen), {200, 503})
        self.assertEqual(len(list((self.node.folder / "collections").iterdir())), 1)

    def test_damage_at_the_source_is_refused_and_leaves_nothing(self):
        self.make()
        self.back_up()
        objects = [path for path in (self.folder / "backups").rglob("*") if path.is_file()]
        for number, path in enumerate(self.random.sample(objects, min(6, len(objects)))):
            content = path.read_bytes()
            harm = number % 3
            if harm == 0:
                at = self.random.randrange(len(content))
                path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
            elif harm == 1:
                path.write_bytes(content[:len(content) // 2])
            else:
                path.unlink()
            answer = self.node.post("/api/v1/restore",
                                    {"source": self.target, "collection": "docs", "as": "harmed"}, limit_s=LIMIT_S)
            self.assertIn(answer.json().get("code"), ("corrupt_data", "not_found"), (path, harm, answer))
            self.assertEqual(self.collections(), {"docs"})
            self.assertEqual(self.leftovers(), [])
            path.write_bytes(content)
        self.restore(**{"as": "whole"})
        self.assertEqual(self.export(Collection(self.node, "whole")), self.export(self.docs))

    def test_bad_requests_are_refused(self):
        self.make()
        for body in ({}, {"collection": "docs"}, {"target": self.target}, {"collection": "docs", "target": "/tmp"},
                     {"collection": "docs", "target": self.target, "keep": 1}):
            self.assert_problem(self.node.post("/api/v1/backups", body), 400, "invalid_argument")
        self.assert_problem(self.node.post("/api/v1/backups", {"collection": "none", "target": self.target}), 404,
                            "not_found", "none")
        self.assert_problem(self.node.get("/api/v1/backups"), 400, "invalid_argument", "target")
        for body in ({}, {"source": self.target}, {"collection": "docs"},
                     {"source": self.target, "collection": "docs", "as": "bad name"}):
            self.assert_problem(self.node.post("/api/v1/restore", body), 400, "invalid_argument")
        self.assert_problem(self.node.post("/api/v1/restore", {"source": self.target, "collection": "docs", "as": "x"}),
                            404, "not_found")
        self.assertEqual(self.collections(), {"docs"})

    def try_to(self, path, body):
        try:
            return self.node.post(path, body, limit_s=LIMIT_S).status
        except Exception:  # the node was killed
            return None

    def test_a_kill_in_between_leaves_a_node_that_starts_clean(self):
        self.make()
        wanted = self.export(self.docs)
        self.back_up()
        for number in range(2 * KILLS):
            name = f"r{number}"
            call = (("/api/v1/restore", {"source": self.target, "collection": "docs", "as": name}) if number % 2 else
                    ("/api/v1/backups", {"collection": "docs", "target": self.target}))
            asked = threading.Thread(target=self.try_to, args=call)
            asked.start()
            time.sleep(self.random.uniform(0, 0.4))
            self.node.kill()
            asked.join()
            self.node.start()
            poll(lambda: not self.leftovers(), 20, "nothing is left over")
            self.assertEqual(self.export(self.docs), wanted)
            if name in self.collections():
                self.assertEqual(self.export(Collection(self.node, name)), wanted)
            else:
                self.assertLessEqual(len(list((self.node.folder / "collections").iterdir())), len(self.collections()))
        poll(lambda: self.try_to("/api/v1/backups", {"collection": "docs", "target": self.target}) == 201, 30,
             "backups go on")
        self.restore(**{"as": "last"})
        self.assertEqual(self.export(Collection(self.node, "last")), wanted)

    def test_backups_are_made_by_schedule_and_only_the_newest_stay(self):
        self.make()
        self.assertEqual(self.node.terminate(), 0)
        self.node.flags = ("--backup.schedule", "24h", "--backup.target", self.target, "--backup.keep", "2")
        listed = lambda: self.node.get("/api/v1/backups", target=self.target).json()["backups"]
        self.node.start()
        poll(lambda: len(listed()) == 1, 30, "the first one is made at once")
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        time.sleep(3)
        self.assertEqual(len(listed()), 1)  # that one is young enough
        for _ in range(2):
            self.fill(self.docs, 20, begin=30_000)
            self.back_up()
        self.assertEqual(len(listed()), 3)
        metrics = self.node.get("/metrics").body.decode()
        self.assertIn("mosaic_backups_total 3", metrics)
        shutil.rmtree(self.folder / "backups")
        self.assertEqual(self.node.terminate(), 0)
        self.node.start()
        poll(lambda: len(listed()) == 1, 30, "one is made since there is none")

    def test_the_command_line_backs_up_and_restores(self):
        self.make()
        environment = {"MOSAIC_URL": self.node.url}
        made = run("backup", "create", "docs", "--target", self.target, env=environment)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("of collection 'docs'", made.stdout)
        listed = json.loads(run("backup", "list", "--target", self.target, "--json", env=environment).stdout)
        self.assertEqual(len(listed["backups"]), 1)
        self.assertIn("docs", run("backup", "list", "--target", self.target, env=environment).stdout)
        restored = run("restore", self.target, "docs", "--as", "copy", env=environment)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.assertIn("restored collection 'copy'", restored.stdout)
        taken = run("restore", self.target, "docs", "--as", "copy", env=environment)
        self.assertEqual((taken.returncode, "already_exists" in taken.stderr), (1, True))
        self.assertEqual(run("restore", self.target, "docs", "--as", "copy", "--replace", env=environment).returncode, 0)
        self.assertEqual(run("backup", "create", "docs", env=environment).returncode, 2)
        self.assertEqual(self.export(Collection(self.node, "copy")), self.export(self.docs))


class CentroidBackups(BackupTest):
    """The same collection, with documents where their vectors want them."""

    def make(self, **settings):
        super().make(routing="centroid", **settings)
        job = self.docs.call("POST", "/centroids/train", {"sample": 300}, expect=202)
        poll(lambda: self.node.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done", LIMIT_S, "centroids are there")
        self.centroids = self.docs.call("GET", "/centroids")["centroids"]

    def equals_source(self, restored, wanted):
        centroids = restored.call("GET", "/centroids")
        self.assertEqual((centroids["centroids"], centroids["settled"]), (self.centroids, True))
        super().equals_source(restored, wanted)

    def test_a_collection_comes_back_with_its_centroids(self):
        self.check_round_trip()


class S3Backups(BackupTest):
    """The same in a bucket: of the stub that verifies every request, and of a real server where MOSAIC_S3_ENDPOINT,
    MOSAIC_S3_BUCKET and the AWS_... variables name one."""

    def start_with(self, endpoint, bucket, **environment):
        self.node = self.start_node("--backup.s3_endpoint", endpoint, name="s3", env=environment)
        self.docs = Collection(self.node, "docs")
        self.target = f"s3://{bucket}/{self.random.randrange(1 << 40):x}"

    def start_stub(self, **environment):
        stub = subprocess.Popen([sys.executable, "-B", s3_stub.__file__], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(stub.wait, 10)
        self.addCleanup(stub.stdout.close)
        self.addCleanup(stub.stdin.close)
        keys = {"AWS_REGION": s3_stub.REGION, "AWS_ACCESS_KEY_ID": s3_stub.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": s3_stub.SECRET_KEY}
        self.start_with(f"http://127.0.0.1:{int(stub.stdout.readline())}", s3_stub.BUCKET, **{**keys, **environment})

    def test_a_collection_goes_to_the_stub_and_comes_back(self):
        self.start_stub()
        self.check_bucket()

    @unittest.skipUnless(os.environ.get("MOSAIC_S3_ENDPOINT"), "MOSAIC_S3_ENDPOINT is not set")
    def test_a_collection_goes_to_a_real_server_and_comes_back(self):
        self.start_with(os.environ["MOSAIC_S3_ENDPOINT"], os.environ["MOSAIC_S3_BUCKET"])
        self.check_bucket()

    def check_bucket(self):
        self.make()
        first_state = self.export(self.docs)
        first = self.back_up()
        self.fill(self.docs, 50, begin=10_000)
        second_state = self.export(self.docs)
        self.assertLess(self.back_up()["new_bytes"], first["new_bytes"])
        listed = self.node.get("/api/v1/backups", target=self.target).json()["backups"]
        self.assertEqual([each["damage"] if "damage" in each else "" for each in listed], ["", ""])
        self.restore(**{"as": "newest"})
        self.restore(**{"as": "oldest", "backup": first["id"]})
        self.assertEqual(self.export(Collection(self.node, "newest")), second_state)
        self.assertEqual(self.export(Collection(self.node, "oldest")), first_state)

    def test_a_wrong_key_is_an_error_that_names_the_bucket(self):
        self.start_stub(AWS_SECRET_ACCESS_KEY="wrong")
        self.docs.make(dimension=2, embedder="none")
        problem = self.back_up(expect=403)
        self.assertIn(s3_stub.BUCKET, problem["detail"])


if __name__ == "__main__":
    unittest.main()
