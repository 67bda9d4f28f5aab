"""Shards that live on some of the nodes: they move as nodes come and go, and every node answers for all."""

import collections
import threading
import time

from cluster import ClusterTest
from mixed_writes import export
from node import Collection, poll, run, seeded

NAME = "docs"
PATH = f"/api/v1/collections/{NAME}"
SEARCH = {"vector": [1, 1], "k": 10_000, "exact": True, "include": [], "timeout_ms": 10_000}
SETTLED_LIMIT_S = 60


class Searching:
    """Searches through nodes, over and over, for as long as it is entered."""

    def __init__(self, nodes, wanted):
        self.nodes, self.wanted, self.bad, self.answers = nodes, wanted, [], 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            for node in list(self.nodes):
                # Another limit each time: an answer that is kept shows nothing.
                answer = node.post(PATH + "/search", {**SEARCH, "k": 5_000 + self.answers % 5_000}, limit_s=15)
                self.answers += 1
                found = answer.json()
                if answer.status != 200 or found["partial"] or len(found["hits"]) < self.wanted:
                    self.bad.append(f"{node.name}: {answer.status} {len(found.get('hits', []))} {answer.body[-300:]}")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()


class Placement(ClusterTest):
    def start(self, size, documents=1_000, **settings):
        self.random = seeded(self.id())
        self.cluster = self.start_cluster(size)
        self.docs = Collection(self.cluster[0], NAME)
        self.docs.make(**{"dimension": 2, "metric": "l2", "embedder": "none", "shards": 6, **settings})
        self.before = {f"d{number}" for number in range(documents)}
        for begin in range(0, documents, 500):
            self.docs.upsert([{"id": f"d{number}", "vector": [number, self.random.randint(0, 99)], "text": f"word {number}"}
                              for number in range(begin, min(begin + 500, documents))])

    def shards(self, node=None):
        """The nodes of each shard, as one node knows it."""
        status = (node or self.cluster.serving()[0]).status()
        return {shard["id"]: {replica["node"]: replica["state"] for replica in shard["replicas"]}
                for shard in status["shards"] if shard["collection"] == NAME}

    def wait_until_placed(self, replicas, without=()):
        def placed():
            shards = self.shards().values()
            return all(len(nodes) == replicas and set(nodes.values()) == {"up"} and not set(nodes) & set(without)
                       for nodes in shards)

        self.cluster.wait_for(placed, f"{replicas} replicas of each shard", SETTLED_LIMIT_S)

    def held(self):
        """How many shards each node has, the fewest first."""
        return sorted(collections.Counter(name for nodes in self.shards().values() for name in nodes).values())

    def found(self, node, **more):
        answer = node.post(PATH + "/search", {**SEARCH, "k": self.random.randint(9_000, 10_000), **more}, limit_s=15)
        self.assertEqual(answer.status, 200, answer)
        return {hit["id"] for hit in answer.json()["hits"]}, answer.json()

    def check(self, wanted=None):
        """Every node answers for all of it."""
        for node in self.cluster.serving():
            poll(lambda at=node: self.found(at)[0] == (wanted or self.before), 30, f"{node.name} finds everything")
            self.assertEqual(set(export(node, NAME)), wanted or self.before)
            self.assertEqual(Collection(node, NAME).info()["documents"], len(wanted or self.before))


class Moving(Placement):
    def test_a_node_that_joins_takes_over_its_share_while_searches_go_on(self):
        self.start(1, shards=8)
        self.assertEqual([list(nodes) for nodes in self.shards().values()], [["n1"]] * 8)
        with Searching([self.cluster[0]], len(self.before)) as searching:
            for _ in range(2):
                self.cluster.add()
            self.cluster.wait_for(lambda: len({name for nodes in self.shards().values() for name in nodes}) == 3,
                                  "shards on all nodes", SETTLED_LIMIT_S)
            # Between two moves, too, every shard is on one node.
            self.cluster.wait_for(lambda: self.held() == [2, 3, 3], "an even share for each", SETTLED_LIMIT_S)
            self.wait_until_placed(1)
            searching.nodes.extend(self.cluster.nodes[1:])
            begun = searching.answers
            poll(lambda: searching.answers > begun + 20, 30, "searches after the moves")
        self.assertEqual(searching.bad, [])
        self.check()
        for node in self.cluster.nodes:
            held = {shard for shard, nodes in self.shards().items() if node.name in nodes}
            poll(lambda at=node, wanted=held: self.files(at) == wanted, 10, f"{node.name} holds what it shall alone")

    @staticmethod
    def files(node):
        return {int(file.stem.split("-")[1]) for file in node.folder.glob(f"collections/{NAME}-*/shard-*.db")}

    def test_more_and_fewer_replicas(self):
        self.start(3, replicas=1)
        with Searching(self.cluster.nodes, len(self.before)) as searching:
            for replicas in (3, 2, 1, 2):
                self.cluster[1].request("PATCH", PATH, {"replicas": replicas})
                self.wait_until_placed(replicas)
                self.check()
        self.assertEqual(searching.bad, [])

    def test_a_node_that_is_removed_gives_what_it_holds_to_others_first(self):
        self.start(3, replicas=1)
        gone = self.cluster.followers()[0]
        others = self.cluster.others(gone)
        with Searching(others, len(self.before)) as searching:
            answer = others[0].request("DELETE", f"/api/v1/cluster/nodes/{gone.name}", limit_s=30)
            self.assertEqual(answer.status, 200, answer)
            states = {node["name"]: node["state"] for node in answer.json()["nodes"]}
            self.assertEqual(states.get(gone.name), "leaving", states)
            self.cluster.wait_for(lambda: others[0].knows(gone.name) is None, f"{gone.name} is gone", SETTLED_LIMIT_S)
        self.assertEqual(searching.bad, [])
        poll(lambda: not gone.running(), 30, "a removed node ends")
        self.wait_until_placed(1, without=[gone.name])
        self.check()

    def test_what_is_written_while_shards_move_is_there(self):
        self.start(2, replicas=1, documents=500)
        written, wrong, over, nodes = [], [], threading.Event(), list(self.cluster.nodes)

        def write():
            while not over.is_set() and not wrong:
                node = self.random.choice(nodes)
                document = {"id": f"w{len(written)}", "vector": [1, len(written)]}
                answer = node.post(PATH + "/documents", {"documents": [document]}, limit_s=15)
                if answer.status == 200 and answer.json()["applied"]:
                    written.append(document["id"])
                else:
                    wrong.append(f"{node.name}: {answer}")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            nodes.append(self.cluster.add())
            for replicas in (2, 3, 1):
                self.cluster[0].request("PATCH", PATH, {"replicas": replicas})
                self.wait_until_placed(replicas)
        finally:
            over.set()
            writer.join()
        self.assertEqual(wrong, [])
        self.assertGreater(len(written), 50)
        self.check(self.before | set(written))


class Losing(Placement):
    def test_with_two_replicas_a_lost_node_costs_no_answer(self):
        self.start(3, replicas=2)
        self.check()
        for lost in (self.cluster.followers()[0], self.cluster.leader()):
            others = self.cluster.others(lost)
            with Searching(others, len(self.before)) as searching:
                poll(lambda s=searching: s.answers > 20, 30, "searches")
                lost.kill()
                begun = searching.answers
                poll(lambda s=searching, b=begun: s.answers > b + 100, 30, "searches without it")
            self.assertEqual(searching.bad, [])
            lost.start()
            self.cluster.wait_until_up()
        self.check()

    def test_with_one_replica_the_answer_names_what_is_missing(self):
        self.start(3, replicas=1)
        lost = next(node for node in self.cluster.followers()
                    if any(node.name in nodes for nodes in self.shards().values()))
        missing = {shard for shard, nodes in self.shards().items() if lost.name in nodes}
        at = self.cluster.others(lost)[0]
        lost.kill()
        hits, answer = self.found(at)
        self.assertTrue(answer["partial"])
        self.assertEqual({failed["shard"] for failed in answer["shards"]["failed"]}, missing)
        self.assertEqual({failed["node"] for failed in answer["shards"]["failed"]}, {lost.name})
        self.assertLess(hits, self.before)
        listed = at.get(f"{PATH}/documents?limit=10")
        self.assert_problem(listed, 503, "unavailable", lost.name)
        written = at.post(f"{PATH}/documents", {"documents": [{"id": f"e{number}", "vector": [1, 1]}
                                                              for number in range(50)]}, limit_s=30)
        self.assertEqual((written.status, written.json()["applied"]), (200, False), written)
        lost.start()
        self.cluster.wait_until_up()
        self.check(self.before | {f"e{number}" for number in range(50)})

    def test_what_only_a_lost_node_has_is_not_given_up(self):
        self.start(3, replicas=1)
        lost = next(node for node in self.cluster.followers()
                    if any(node.name in nodes for nodes in self.shards().values()))
        at = self.cluster.leader()
        lost.kill()
        self.cluster.wait_for(lambda: at.knows(lost.name)["state"] == "down", f"{lost.name} is seen as down")
        refused = at.request("DELETE", f"/api/v1/cluster/nodes/{lost.name}", limit_s=30)
        self.assert_problem(refused, 400, "invalid_argument", lost.name, NAME)
        lost.start()
        self.cluster.wait_until_up()
        self.check()

    def test_all_nodes_start_again_with_what_they_had(self):
        self.start(3, replicas=1)
        before = self.shards()
        for node in self.cluster.nodes:
            node.kill()
            checked = run("check", node.folder)
            self.assertEqual(checked.returncode, 0, checked)
        self.cluster.restart_all()
        self.cluster.wait_until_up()
        self.assertEqual({shard: set(nodes) for shard, nodes in self.shards().items()},
                         {shard: set(nodes) for shard, nodes in before.items()})
        self.check()

    def test_the_first_answer_of_a_node_that_starts_is_whole(self):
        self.start(3, replicas=1)
        for node in self.cluster.nodes:
            node.restart()
            answers = []

            def answered(at=node, got=answers):
                got.append(at.post(PATH + "/search", SEARCH, limit_s=15))
                return got[-1].status == 200

            poll(answered, 30, f"{node.name} answers")
            answer = answers[-1].json()
            self.assertEqual((len(answer["hits"]), answer["partial"]), (len(self.before), False), answer)


class Keeping(Placement):
    def test_snapshots_and_backups_hold_shards_of_all_nodes(self):
        self.start(3, replicas=1)
        snapshot = Collection(self.cluster.followers()[0], NAME).call("POST", "/snapshots", {"name": "kept"}, expect=201)
        self.assertEqual(len(snapshot["files"]), 6)
        target = f"file://{self.folder / 'backups'}"
        made = self.cluster[1].post("/api/v1/backups", {"collection": NAME, "target": target}, limit_s=60)
        self.assertEqual(made.status, 201, made)
        self.docs.delete(ids=["d1", "d2"])
        answer = self.cluster[2].post("/api/v1/restore", {"source": target, "collection": NAME, "as": "again"}, limit_s=60)
        self.assertEqual((answer.status, answer.json().get("documents")), (200, len(self.before)), answer)
        for node in self.cluster.nodes:
            poll(lambda at=node: set(export(at, "again")) == self.before, 60, f"{node.name} has what was restored")
        self.check(self.before - {"d1", "d2"})


class Waiting(Placement):
    def test_a_search_does_not_wait_for_a_node_that_is_stopped(self):
        self.start(3, replicas=2)
        stopped = self.cluster.followers()[0]
        others = self.cluster.others(stopped)
        stopped.stop()
        self.cluster.wait_for(lambda: others[0].knows(stopped.name)["state"] == "down", "it is seen as down")
        for node in others:
            begun = time.monotonic()
            hits, answer = self.found(node)
            self.assertEqual((len(hits), answer["partial"]), (len(self.before), False), answer)
            self.assertLess(time.monotonic() - begun, 5)
        stopped.cont()
        self.cluster.wait_until_up()
        self.check()
