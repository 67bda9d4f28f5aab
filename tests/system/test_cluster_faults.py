"""Nodes of a cluster that die, hang, lose their files or come late: nothing acknowledged is lost, the others go on."""

import http.client
import shutil
import threading
import unittest

from cluster import ClusterTest, Member
from cluster_load import NAME, PATH, ClusterLoad
from exposition import Scrape
from node import Collection, poll, seeded

WRITES_AGAIN_S = 10
ASK_LIMIT_S = 15
SEARCH = {"vector": [1, 1], "k": 1_000, "include": []}
SMALL_LOG = ("--log.retained_bytes", "4194304", "--storage.wal_bytes_max", "1048576", "--storage.checkpoint_interval_s",
             "1")
TINY_LOG = ("--log.retained_bytes", "1048576", *SMALL_LOG[2:])


class Faults(ClusterTest):
    def start(self, size=3, *flags, documents=0):
        self.random = seeded(self.id())
        self.cluster = self.start_cluster(size, *flags)
        docs = Collection(self.cluster[0], NAME)
        docs.make(dimension=2, metric="l2", embedder="none", shards=2, replicas=3)
        self.before = {f"still-{n}": {"id": f"still-{n}", "vector": [n, 1], "text": f"still {n}"}
                       for n in range(documents)}
        batches = list(self.before.values())
        for first in range(0, documents, 1_000):
            docs.upsert(batches[first:first + 1_000])
        for node in self.cluster.nodes:
            poll(lambda at=node: self.found(at) == set(self.before), 30, f"{node.name} has the collection")

    def found(self, node, name=NAME, **more):
        """The ids that a whole answer names; nothing where there is none."""
        answer = node.post(f"/api/v1/collections/{name}/search",
                           {**SEARCH, "k": 10_000, "timeout_ms": 10_000, **more}, limit_s=ASK_LIMIT_S)
        whole = answer.status == 200 and not answer.json()["partial"]
        return {hit["id"] for hit in answer.json()["hits"]} if whole else None

    def check(self, *loads):
        """All nodes that serve hold the same, and all that was acknowledged; what the loads saw was right."""
        stored = self.cluster.wait_until_equal(NAME)
        self.assertEqual(sorted(self.before.keys() - stored.keys()), [])
        for load in loads:
            self.assertEqual(load.differences(stored), [])
            self.assertEqual((load.wrong, load.uncounted), ([], []))
            self.assertEqual(load.failed_searches, [])
        return stored

    def write_until_forgotten(self, seq, *nodes):
        """Up to there, by each of these."""
        for number in range(1_000):
            if min(self.forgotten(node) for node in nodes) > seq:
                return
            Collection(nodes[0], "busy").upsert([{"id": f"{number % 6}-{part}", "vector": [1, number],
                                                  "text": "x" * 80_000} for part in range(5)])
        self.fail("the log never forgets")

    @staticmethod
    def forgotten(node):
        """About how many entries the log of a node no longer has."""
        scrape = Scrape(node.get("/metrics").body.decode())
        return scrape.of("mosaic_log_seq") - scrape.of("mosaic_log_entries")

    def write(self, node, key, expect=200):
        return Collection(node, NAME).call("POST", "/documents", {"documents": [{"id": key, "vector": [1, 1]}]},
                                           expect=expect, limit_s=ASK_LIMIT_S)

    def wait_until_written(self, node, key):
        def written():
            try:
                return node.post(PATH + "/documents", {"documents": [{"id": key, "vector": [1, 1]}]},
                                 limit_s=ASK_LIMIT_S).status == 200
            except (OSError, http.client.HTTPException):
                return False

        poll(written, 60, f"{node.name} takes writes")


class Kills(Faults):
    def test_a_leader_killed_under_load_loses_nothing(self):
        self.start(documents=500)
        for _ in range(3):
            leader = self.cluster.leader()
            others = self.cluster.others(leader)
            with ClusterLoad(others, writers=2, searchers=2) as load:
                leader.kill()
                self.assertLess(load.until_written(20), WRITES_AGAIN_S)
                self.assertEqual(load.broken, [])
                self.check_roles(leader)
                leader.start()
                self.cluster.wait_until_up()
                load.until_written(20)
            self.check(load)

    def check_roles(self, dead):
        self.cluster.leader()
        for node in self.cluster.serving():
            self.cluster.wait_for(lambda at=node: at.knows(dead.name)["state"] == "down", "the dead node is seen as down")

    def test_a_follower_killed_under_load_disturbs_nobody(self):
        self.start(documents=500)
        dead = self.cluster.followers()[0]
        with ClusterLoad(self.cluster.others(dead), writers=2, searchers=2) as load:
            dead.kill()
            load.until_written(100)
            self.assertEqual((load.refused, load.broken), ([], []))
            dead.start()
            self.cluster.wait_until_up()
        self.check(load)

    def test_all_nodes_killed_at_once_keep_everything(self):
        self.start(documents=500)
        for _ in range(2):
            with ClusterLoad(self.cluster.nodes, writers=2, searchers=0) as load:
                load.until_written(60)
                for node in self.cluster.nodes:
                    node.kill()
            self.cluster.restart_all()
            self.cluster.wait_until_up()
            self.wait_until_written(self.cluster[0], "after")
            self.check(load)


class Silence(Faults):
    def test_a_stopped_leader_counts_as_lost_and_comes_back_as_a_follower(self):
        self.start(documents=100)
        old = self.cluster.leader()
        others = self.cluster.others(old)
        with ClusterLoad(others, writers=1, searchers=1) as load:
            old.stop()
            self.assertLess(load.until_written(20), WRITES_AGAIN_S)
            new = self.cluster.leader()
            for node in others:
                self.cluster.wait_for(lambda at=node: at.knows(old.name)["state"] == "down", "the stopped node is down")
            old.cont()
            self.cluster.wait_until_up()
            self.assertIs(self.cluster.leader(), new)
        self.check(load)
        self.write(old, "by the old leader")

    def test_a_leader_that_wakes_up_gives_no_old_answer(self):
        self.start()
        for number in range(3):
            old = self.cluster.leader()
            old.stop()
            other = self.cluster.others(old)[0]
            self.wait_until_written(other, f"d{number}")
            old.cont()
            found = poll(lambda at=old: self.found(at, consistency="strong"), 30, f"{old.name} gives a strong answer")
            self.assertIn(f"d{number}", found)
            self.cluster.wait_until_up()

    def test_with_two_nodes_dead_writes_are_refused_and_searches_go_on(self):
        self.refuse_without_majority(Member.kill)

    def test_with_two_nodes_stopped_writes_are_refused_and_searches_go_on(self):
        self.refuse_without_majority(Member.stop)

    def refuse_without_majority(self, end):
        self.start(documents=50)
        left = self.random.choice(self.cluster.nodes)
        gone = self.cluster.others(left)
        for node in gone:
            end(node)
        for number in range(3):
            answer = left.post(PATH + "/documents", {"documents": [{"id": f"x{number}", "vector": [1, 1]}]},
                               limit_s=ASK_LIMIT_S)
            self.assert_problem(answer, 503, "unavailable")
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.assert_problem(left.request("DELETE", PATH, limit_s=ASK_LIMIT_S), 503, "unavailable")
        for consistency in ("eventual", "session"):
            reply = Collection(left, NAME).search(**SEARCH, consistency=consistency)
            self.assertEqual((len(reply["hits"]), reply["partial"]), (50, False))
        strong = left.post(PATH + "/search", {**SEARCH, "consistency": "strong"}, limit_s=ASK_LIMIT_S)
        self.assert_problem(strong, 503, "unavailable")
        self.assertEqual(left.get("/ready").status, 200)
        poll(lambda: left.status()["leader"] is None, 30, "there is no leader")
        for node in gone:
            node.cont() if node.running() else node.start(ready=False)
        self.cluster.wait_until_up()
        self.wait_until_written(left, "after")
        stored = self.check()
        self.assertIn("after", stored)


class Joining(Faults):
    def test_a_node_joins_under_load_without_a_failed_request(self):
        self.start(2, documents=4_000)
        with ClusterLoad(self.cluster.nodes, writers=2, searchers=2, batch=3) as load:
            self.cluster.add(to=self.cluster.followers()[0])
            self.cluster.wait_until_up()
            load.until_written(50)
        self.assertEqual((load.refused, load.broken), ([], []))
        self.check(load)
        fourth = self.cluster.add()
        self.cluster.wait_until_up()
        self.assertEqual(fourth.knows(fourth.name)["role"], "follower")
        self.write(fourth, "by the fourth")
        self.check(load)

    def test_a_node_that_lost_its_files_joins_again_under_its_name(self):
        self.start(documents=1_000)
        for lost in (self.cluster.followers()[0], self.cluster.leader()):
            lost.kill()
            shutil.rmtree(lost.folder)
            other = self.cluster.others(lost)[0]
            self.wait_until_written(other, f"while {lost.name} was away")
            lost.flags = (*lost.flags[:2], "--join", other.address)
            lost.start()
            self.cluster.wait_until_up()
            self.assertEqual(len(self.cluster[0].status()["nodes"]), 3)
            self.check()

    def test_a_node_that_was_stopped_too_long_for_the_log_comes_back(self):
        self.come_back_late(Member.stop)  # with what had been sent to it, or by files

    def test_a_node_that_was_dead_too_long_for_the_log_fetches_files(self):
        late = self.come_back_late(Member.kill)
        self.cluster.wait_for(lambda: "comes from" in late.errors.read_text(), "files are fetched")
        self.cluster.wait_until_up()
        self.check()

    def come_back_late(self, away):
        self.start(3, *SMALL_LOG, documents=100)
        late = self.cluster.followers()[0]
        away(late)
        leader = self.cluster.leader()
        self.cluster.wait_for(lambda: leader.knows(late.name)["state"] == "down", f"{late.name} is seen as down")
        Collection(leader, "busy").make(dimension=2, embedder="none", replicas=3)
        self.write_until_forgotten(leader.status()["seq"], leader)
        # The first snapshot is whole before another is begun.
        self.write_until_forgotten(self.forgotten(leader), leader)
        late.cont() if late.running() else late.start(ready=False)
        newest = leader.status()["seq"]
        self.cluster.wait_for(lambda: leader.knows(late.name)["seq"] >= newest, f"{late.name} has what was written", 120)
        self.cluster.wait_until_up(limit_s=120)
        self.check()
        self.cluster.wait_until_equal("busy")
        return late


class Restarts(Faults):
    """Of a cluster whose log has forgotten most of what it held."""

    def start(self, size=3):
        super().start(size, *TINY_LOG, documents=100)
        Collection(self.cluster[0], "busy").make(dimension=2, embedder="none", replicas=3)
        self.write_until_forgotten(self.cluster[0].status()["seq"], *self.cluster.nodes)

    def test_a_node_that_lacks_nothing_fetches_nothing(self):
        self.start()
        for node in self.cluster.nodes:
            node.restart()
            self.cluster.wait_until_up()
        self.check()
        self.assert_nothing_was_fetched()

    def test_all_nodes_come_back_without_asking_each_other(self):
        self.start()
        for node in self.cluster.nodes:
            node.kill()
        self.cluster.restart_all()
        self.cluster.wait_until_up()
        self.check()
        self.assert_nothing_was_fetched()

    def assert_nothing_was_fetched(self):
        for node in self.cluster.nodes:
            self.assertNotIn("comes from", node.errors.read_text())


class Restores(Faults):
    def test_a_restored_collection_is_on_all_nodes(self):
        self.start(documents=300)
        target = f"file://{self.folder / 'backups'}"
        leader, (first, second) = self.cluster.leader(), self.cluster.followers()
        made = first.post("/api/v1/backups", {"collection": NAME, "target": target}, limit_s=60)
        self.assertEqual(made.status, 201, made)
        for name, at in (("by-leader", leader), ("by-follower", second)):
            answer = at.post("/api/v1/restore", {"source": target, "collection": NAME, "as": name}, limit_s=60)
            self.assertEqual((answer.status, answer.json().get("documents")), (200, 300), answer)
            for node in self.cluster.nodes:
                poll(lambda at=node: self.found(at, name) == set(self.before), 60, f"{node.name} has '{name}'")
            Collection(first, name).upsert([{"id": "new", "vector": [1, 1]}])
            self.assertIn("new", self.cluster.wait_until_equal(name))
        for node in self.cluster.nodes:
            node.restart()
            self.cluster.wait_until_up()
        for name in ("by-leader", "by-follower"):
            self.assertEqual(len(self.cluster.wait_until_equal(name)), 301)


class Many(Faults):
    def test_writes_of_one_key_across_a_lost_leader_are_made_once(self):
        self.start()
        answers = []
        leader = self.cluster.leader()
        others = self.cluster.others(leader)

        def erase(number):
            node = others[number % 2]
            answers.append((number, node.post(PATH + "/documents/delete", {"ids": [f"d{number}"]},
                                              headers={"Idempotency-Key": f"key-{number}"})))

        count = 40
        Collection(others[0], NAME).upsert([{"id": f"d{number}", "vector": [1, 1]} for number in range(count)])
        threads = [threading.Thread(target=erase, args=(number,)) for number in range(count)]
        for number, thread in enumerate(threads):
            thread.start()
            if number == count // 2:
                leader.kill()
        for thread in threads:
            thread.join()
        self.assertEqual(len(answers), count)
        self.cluster.leader()
        for number, answer in answers:
            if answer.status != 200:
                self.assertIn(answer.json()["code"], ("unavailable", "deadline_exceeded"), answer)
                self.wait_until_written(others[0], "ready")
                answer = others[1].post(PATH + "/documents/delete", {"ids": [f"d{number}"]},
                                        headers={"Idempotency-Key": f"key-{number}"})
            self.assertEqual((answer.status, answer.json()["deleted"]), (200, 1), (number, answer))
        leader.start()
        self.cluster.wait_until_up()
        self.assertEqual(sorted(set(self.check()) - {"ready"}), [])


if __name__ == "__main__":
    unittest.main()
