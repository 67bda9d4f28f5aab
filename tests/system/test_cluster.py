"""A cluster of three nodes: any of them answers any request, and all of them tell the same."""

import socket
import subprocess
import threading
import unittest
import uuid

from cluster import ClusterTest
from node import BINARY, Collection, poll, run, seeded

SHARDS = 2
SEEN_LIMIT_S = 30


class Whole(ClusterTest):
    """One cluster for all of these tests, which leave it whole; each has a collection of its own, all of it on all
    nodes."""

    replicas = 3

    @classmethod
    def setUpClass(cls):
        owner = ClusterTest("start_cluster")
        owner.setUp()
        cls.addClassCleanup(owner.doCleanups)
        cls.cluster = owner.start_cluster(3, "--history.purge_interval_s", "1")

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.name = self.id().rsplit(".", 1)[-1]
        self.nodes = self.cluster.nodes

    def at(self, node):
        return Collection(node, self.name)

    def make(self, **more):
        settings = {"dimension": 2, "metric": "l2", "embedder": "none", "shards": SHARDS, "replicas": self.replicas,
                    **more}
        made = self.at(self.cluster.followers()[0]).make(**settings)
        self.wait_everywhere(lambda docs: docs.node.get(docs.path).status == 200, "the collection is known")
        return made

    def wait_everywhere(self, condition, what):
        for node in self.nodes:
            poll(lambda at=self.at(node): condition(at), SEEN_LIMIT_S, f"{node.name}: {what}")

    def pairs(self):
        return [(a, b) for a in self.nodes for b in self.nodes if a is not b]

    @staticmethod
    def found(docs, **search):
        reply = docs.search(**{"vector": [0, 0], "k": 1_000, "include": [], "timeout_ms": 10_000, **search})
        if reply["partial"]:
            raise AssertionError(f"partial: {reply}")
        return {hit["id"] for hit in reply["hits"]}

    def test_every_node_knows_every_node(self):
        for node in self.nodes:
            poll(lambda at=node: [(known["name"], known["address"], known["state"]) for known in at.status()["nodes"]] ==
                 [(other.name, other.address, "up") for other in self.nodes], SEEN_LIMIT_S, "all names and addresses")
            status = node.status()
            self.assertEqual(sorted(known["role"] for known in status["nodes"]), ["leader", "voter", "voter"])
            self.assertIn(status["leader"], [other.name for other in self.nodes])
            self.assertEqual(node.get("/health").json()["node"], node.name)
            self.assertEqual(node.get("/health").json()["status"], "ok")

    def test_every_shard_is_on_as_many_nodes_as_it_shall(self):
        self.make()

        def whole(docs):
            shards = [shard for shard in docs.node.status()["shards"] if shard["collection"] == self.name]
            return [[replica["node"] for replica in shard["replicas"]] for shard in shards] == \
                [[node.name for node in self.nodes]] * SHARDS

        self.wait_everywhere(whole, "the shards of all nodes")

    def test_the_command_line_shows_the_cluster(self):
        for node in self.nodes:
            done = run("cluster", "status", env={"MOSAIC_URL": node.url})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for other in self.nodes:
                self.assertIn(other.address, done.stdout)

    def test_collections_are_made_and_changed_at_any_node(self):
        settings = {"dimension": 2, "metric": "l2", "embedder": "none", "shards": SHARDS, "replicas": self.replicas}
        for number, maker in enumerate(self.nodes):
            name = f"{self.name}-{number}"
            Collection(maker, name).make(**settings)
            for node in self.nodes:
                Collection(node, name).call("PUT", body=settings)
                self.assert_problem(node.put(f"/api/v1/collections/{name}", {**settings, "dimension": 3}), 409,
                                    "already_exists")
            self.nodes[number - 1].request("PATCH", f"/api/v1/collections/{name}", {"indexed": ["n"]})
            for node in self.nodes:
                poll(lambda at=Collection(node, name): at.info()["indexed"] == ["n"], SEEN_LIMIT_S, "the change is seen")

    def test_documents_are_written_and_read_at_any_node(self):
        self.make()
        for writer in self.nodes:
            seq = self.at(writer).upsert([{"id": writer.name, "vector": [1, 2], "text": f"by {writer.name}"}])["seq"]
            for reader in self.nodes:
                self.assertIn(writer.name, self.found(self.at(reader), min_seq=seq))
                self.assertEqual(self.at(reader).document(writer.name)["text"], f"by {writer.name}")
        stored = self.cluster.wait_until_equal(self.name)
        self.assertEqual(sorted(stored), [node.name for node in self.nodes])

    def test_a_deletion_counts_what_was_there_whatever_node_is_asked(self):
        self.make(indexed=["n"])
        for number, (writer, eraser) in enumerate(self.pairs()):
            keys = [f"{number}-{part}" for part in range(6)]
            self.at(writer).upsert([{"id": key, "vector": [1, 1], "metadata": {"n": number}} for key in keys])
            deleted = self.at(eraser).call("DELETE", f"/documents/{keys[0]}")
            self.assertEqual(deleted["deleted"], 1)
            self.assertEqual(self.at(writer).call("DELETE", f"/documents/{keys[0]}")["deleted"], 0)
            self.assertEqual(self.at(eraser).delete(ids=keys[:3])["deleted"], 2)
            self.assertEqual(self.at(eraser).delete(filter={"n": number})["deleted"], 3)
            self.assertEqual(self.at(writer).delete(where=f"metadata->>'n' = {number}")["deleted"], 0)
        self.cluster.wait_until_equal(self.name, {})

    def test_a_search_with_min_seq_sees_that_write_at_any_node(self):
        self.make()
        for number in range(20):
            writer, reader = self.random.choice(self.pairs())
            seq = self.at(writer).upsert([{"id": f"d{number}", "vector": [number, 1]}])["seq"]
            self.assertEqual(len(self.found(self.at(reader), min_seq=seq)), number + 1)

    def test_a_strong_search_sees_what_was_acknowledged_at_any_node(self):
        self.make()
        for number in range(30):
            writer, reader = self.random.choice(self.pairs())
            self.at(writer).upsert([{"id": f"d{number}", "vector": [number, 1]}])
            self.assertEqual(len(self.found(self.at(reader), consistency="strong")), number + 1)

    def test_a_seq_that_is_never_reached_ends_in_time(self):
        self.make()
        for node in self.nodes:
            answer = node.post(self.at(node).path + "/search", {"vector": [0, 0], "min_seq": 1 << 40, "timeout_ms": 300})
            self.assert_problem(answer, 503, "unavailable", str(1 << 40))

    def test_searches_answer_alike_everywhere(self):
        self.make()
        words = ["apple", "stone", "river", "cloud"]
        seq = self.at(self.nodes[0]).upsert(
            [{"id": f"d{n}", "vector": [n, self.random.randint(0, 9)], "text": " ".join(self.random.choices(words, k=5))}
             for n in range(200)])["seq"]
        for search in ({"vector": [3, 3], "exact": True}, {"query": "apple river", "mode": "text"}):
            replies = [self.at(node).search(**search, min_seq=seq, k=50)["hits"] for node in self.nodes]
            self.assertEqual(replies[0], replies[1])
            self.assertEqual(replies[0], replies[2])

    def test_one_key_is_one_write_whatever_node_is_asked(self):
        self.make()
        for first, second in self.pairs():
            key, tag = str(uuid.uuid4()), uuid.uuid4().hex
            body = {"documents": [{"id": tag, "vector": [1, 1], "text": "first"}]}
            answers = [node.post(self.at(node).path + "/documents", body, headers={"Idempotency-Key": key})
                       for node in (first, second)]
            self.assertEqual([answer.status for answer in answers], [200, 200], answers)
            self.assertEqual(answers[0].body, answers[1].body)
            body["documents"][0]["text"] = "second"
            for node in (first, second):
                other = node.post(self.at(node).path + "/documents", body, headers={"Idempotency-Key": key})
                self.assert_problem(other, 400, "invalid_argument", key)

    def test_one_key_at_all_nodes_at_once_is_one_write(self):
        self.make()
        for number in range(10):
            key = str(uuid.uuid4())
            self.at(self.nodes[0]).upsert([{"id": "d", "vector": [1, number]}])
            answers = []

            def erase(node, key=key, answers=answers):
                answers.append(node.post(self.at(node).path + "/documents/delete", {"ids": ["d"]},
                                         headers={"Idempotency-Key": key}))

            threads = [threading.Thread(target=erase, args=(node,)) for node in self.nodes for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([answer.status for answer in answers], [200] * 6, answers)
            self.assertEqual({answer.body for answer in answers}, {answers[0].body})
            self.assertEqual(answers[0].json()["deleted"], 1)

    def test_snapshots_and_earlier_states_are_the_same_at_every_node(self):
        self.make(retention_s=3_600)
        first, second, third = self.nodes
        self.at(first).upsert([{"id": f"d{n}", "vector": [n, 1]} for n in range(10)])
        snapshot = self.at(second).call("POST", "/snapshots", {"name": "ten"}, expect=201)
        seq = self.at(third).delete(ids=["d1", "d2"])["seq"]
        for node in self.nodes:
            docs = self.at(node)
            self.assertEqual(len(self.found(docs, min_seq=seq)), 8)
            self.assertEqual(len(self.found(docs, as_of="ten")), 10)
            self.assertEqual(len(self.found(docs, as_of=snapshot["seq"])), 10)
            self.assertEqual(len(docs.pages("ids", as_of="ten")), 10)
            self.assertEqual(docs.call("GET", "/snapshots")["snapshots"], [snapshot])
        self.assertEqual(self.at(first).call("DELETE", "/snapshots/ten")["deleted"], ["ten"])
        self.wait_everywhere(lambda docs: docs.call("GET", "/snapshots")["snapshots"] == [], "the snapshot is gone")

    def test_a_collection_dropped_at_one_node_is_gone_at_all(self):
        for number, eraser in enumerate(self.nodes):
            self.make()
            self.at(eraser).upsert([{"id": "a", "vector": [number, 1]}])
            self.at(eraser).call("DELETE")
            self.wait_everywhere(lambda docs: docs.node.get(docs.path).status == 404, "the collection is gone")
            for node in self.nodes:
                self.assert_problem(node.post(self.at(node).path + "/documents", {"documents": [{"id": "a"}]}), 404,
                                    "not_found", self.name)

    def test_ranks_computed_at_one_node_are_everywhere(self):
        self.make()
        for number, node in enumerate(self.nodes):
            self.at(node).upsert([{"id": f"{number}-{part}", "links": [f"{number}-0"]} for part in range(4)])
            job = self.at(node).call("POST", "/pagerank", {}, expect=202)
            poll(lambda at=node, path=f"/api/v1/jobs/{job['id']}": at.get(path).json()["state"] == "done", SEEN_LIMIT_S,
                 "the job ends")
            # The job ran where the leader is: this node may be a moment behind it.
            wanted = poll(lambda docs=self.at(node), key=f"{number}-0": docs.document(key)["pagerank"], SEEN_LIMIT_S,
                          "the job's values are seen")
            self.wait_everywhere(lambda docs, key=f"{number}-0", rank=wanted: docs.document(key)["pagerank"] == rank,
                                 "the rank is seen")

    def test_what_is_wrong_with_a_request_is_said_by_any_node(self):
        self.make()
        for node in self.nodes:
            path = self.at(node).path
            self.assert_problem(node.post(path + "/documents", {"documents": [{"id": "a", "vector": [1]}]}), 400,
                                "dimension_mismatch")
            self.assert_problem(node.get(path + "/documents/none"), 404, "not_found", "none")
            self.assert_problem(node.post(path + "/search", {"vector": [1, 1], "consistency": "weak"}), 400,
                                "invalid_argument", "weak")
            self.assert_problem(node.request("DELETE", "/api/v1/cluster/nodes/nobody"), 404, "not_found", "nobody")

    def test_a_name_that_is_taken_is_refused(self):
        done = run("serve", "--data-dir", self.folder / "twin", "--listen", "127.0.0.1:0", "--node-name", "n2", "--join",
                   self.nodes[0].address)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("n2", done.stderr.strip().splitlines()[-1])


class Spread(Whole):
    """The same where each shard is on one node alone."""

    replicas = 1

    def test_every_shard_is_on_as_many_nodes_as_it_shall(self):
        self.make(shards=40)
        shards = [shard for shard in self.nodes[0].status()["shards"] if shard["collection"] == self.name]
        self.assertEqual([len(shard["replicas"]) for shard in shards], [1] * 40)
        self.assertEqual({shard["replicas"][0]["node"] for shard in shards}, {node.name for node in self.nodes})


class Alone(ClusterTest):
    def test_a_node_by_itself_is_a_cluster_of_one(self):
        cluster = self.start_cluster(1)
        status = cluster[0].status()
        self.assertEqual((status["leader"], [node["role"] for node in status["nodes"]]), ("n1", ["leader"]))
        docs = Collection(cluster[0], "docs")
        docs.make(dimension=2, embedder="none", replicas=3)
        docs.upsert([{"id": "a", "vector": [1, 1]}])
        self.assertEqual(len(docs.search(vector=[1, 1], consistency="strong")["hits"]), 1)
        self.assert_problem(cluster[0].request("DELETE", "/api/v1/cluster/nodes/n1"), 400, "invalid_argument", "n1")

    def test_an_address_for_others_needs_certificates(self):
        for flags in (("--cluster-listen", "0.0.0.0:0"), ("--cluster.listen", "0.0.0.0:0")):
            done = run("serve", "--data-dir", self.folder / "d", "--listen", "127.0.0.1:0", *flags)
            self.assertIn(done.returncode, (1, 2), done)
            self.assertEqual((done.stdout, len(done.stderr.strip().splitlines())), ("", 1), done)
            for word in ("0.0.0.0:0", "cluster.certificate", "cluster.insecure"):
                self.assertIn(word, done.stderr)

    def test_nobody_to_join_is_said(self):
        for join in ("127.0.0.1", "127.0.0.1:0", "http://"):
            done = run("serve", "--data-dir", self.folder / "d", "--listen", "127.0.0.1:0", "--join", join)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn(join, done.stderr)


    def test_a_node_that_finds_no_cluster_ends_when_it_is_told(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            node = subprocess.Popen([BINARY, "serve", "--data-dir", self.folder / "d", "--listen", "127.0.0.1:0", "--join",
                                     f"127.0.0.1:{nobody.getsockname()[1]}"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(node.kill)
            with node:
                self.assertIn("the cluster is not reached yet", node.stderr.readline())
                node.terminate()
                self.assertEqual((node.wait(timeout=30), node.stdout.read()), (0, ""))


class Leaving(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster = self.start_cluster(3)
        self.docs = Collection(self.cluster[0], "docs")
        self.docs.make(dimension=2, embedder="none", replicas=3)

    def test_any_node_ends_in_order_while_others_go_on(self):
        for number in range(3):
            leaving = self.cluster.followers()[0] if number < 2 else self.cluster.leader()
            self.assertEqual(leaving.terminate(), 0, leaving.stderr())
            self.cluster.leader()
            for node in self.cluster.serving():
                Collection(node, "docs").upsert([{"id": f"{number}-{node.name}", "vector": [1, 1]}])
            self.assertNotIn(" critical ", leaving.stderr())
            leaving.start()
            self.cluster.wait_until_up()
        self.assertEqual(len(self.cluster.wait_until_equal("docs")), 6)

    def test_a_node_that_is_removed_counts_no_more(self):
        asked, gone = self.cluster.followers()
        done = run("cluster", "remove", gone.name, env={"MOSAIC_URL": asked.url})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertIn("is out of the cluster and counts no more", done.stdout)
        poll(lambda: not gone.running(), SEEN_LIMIT_S, "the removed node ends")
        self.cluster.wait_until_up(voters=1)
        for node in self.cluster.serving():
            self.assertIsNone(node.knows(gone.name))
            Collection(node, "docs").upsert([{"id": node.name, "vector": [1, 1]}])
        self.assertEqual(len(self.cluster.wait_until_equal("docs")), 2)
        again = run("cluster", "remove", gone.name, env={"MOSAIC_URL": self.cluster.serving()[0].url})
        self.assertEqual(again.returncode, 1)
        self.assertIn("not_found", again.stderr)


if __name__ == "__main__":
    unittest.main()
