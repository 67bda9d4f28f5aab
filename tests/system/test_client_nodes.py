"""A program that knows the nodes of a cluster over CAF, while the one that it uses is killed."""

import os
import queue
import subprocess
import threading
import unittest

from node import Collection, SystemTest, clean_environment, poll
from test_remote_client import free_port

LOAD = os.environ.get("MOSAIC_CLIENT_LOAD", "client_load")
LOAD_S = 20
LOAD_LIMIT_S = 120
MOVE_LIMIT_S = 30
JOIN_LIMIT_S = 60


class Load:
    """`client_load` at work, whose lines are collected."""

    def __init__(self, collection, seconds, nodes):
        self.process = subprocess.Popen([LOAD, collection, str(seconds), *nodes], stdout=subprocess.PIPE,
                                        text=True, env=clean_environment())
        self.lines, self.used, self.moves = [], [], queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                words = line.split()
                self.lines.append(words)
                if words[0] == "using":
                    self.used.append(words[1])
                    self.moves.put(words[1])

    def next_node(self):
        """The node that the client went to, when it does."""
        return self.moves.get(timeout=MOVE_LIMIT_S)

    def count(self, what):
        return sum(words[0] == what for words in self.lines)

    def wait(self):
        self.process.wait(LOAD_LIMIT_S)
        self.reader.join()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


class ClientNodes(SystemTest):

    def start_cluster(self, size):
        """All nodes vote; the address of each for CAF clients."""
        self.nodes = {}
        first = None
        for number in range(size):
            address = f"127.0.0.1:{free_port()}"
            join = ["--join", f"{first.host}:{first.port}"] if first else []
            node = self.start_node("--node-name", f"n{number}", "--caf.listen", address, *join, name=f"n{number}")
            first = first or node
            self.nodes[address] = node
        poll(lambda: self.roles(first) == ["leader"] + ["voter"] * (size - 1), JOIN_LIMIT_S, "all vote")
        for node in self.nodes.values():
            # Started again at the same place.
            node.listen = f"{node.host}:{node.port}"
        Collection(first, "docs").make(dimension=32, replicas=3)

    @staticmethod
    def roles(node):
        return sorted(each["role"] for each in node.get("/api/v1/cluster").json()["nodes"])

    def load(self, seconds=LOAD_S):
        load = Load("docs", seconds, list(self.nodes))
        self.addCleanup(load.end)
        return load

    def let_it_work(self, load):
        """Something of each kind has been answered since."""
        before = {what: load.count(what) for what in ("wrote", "removed", "found")}
        poll(lambda: all(load.count(what) > before[what] + 3 for what in before), MOVE_LIMIT_S, "answers")

    def assert_done_once(self, load, node):
        failed = [" ".join(words) for words in load.lines if words[0] == "failed"]
        self.assertEqual(failed, [])
        removed = {words[1]: words[2] for words in load.lines if words[0] == "removed"}
        # A deletion that was done twice would have found nothing the second time.
        self.assertEqual(set(removed.values()), {"1"})
        kept = {words[1]: int(words[2]) for words in load.lines
                if words[0] == "wrote" and words[1] not in removed}
        docs = Collection(node, "docs")
        poll(lambda: docs.info()["documents"] == len(kept), MOVE_LIMIT_S, "the node has all")
        # A document that was written twice would have the seq of the second.
        for key, seq in kept.items():
            self.assertEqual(docs.document(key)["seq"], seq, key)

    def test_no_request_fails_while_the_clients_node_is_killed(self):
        self.start_cluster(3)
        load = self.load()
        first = load.next_node()
        self.assertEqual(first, next(iter(self.nodes)))
        self.let_it_work(load)
        self.nodes[first].kill()  # It leads, too.
        second = load.next_node()
        self.assertEqual(second, list(self.nodes)[1])
        self.let_it_work(load)
        load.wait()
        self.assertEqual(load.used, [first, second])
        self.assert_done_once(load, self.nodes[second])

    def test_a_client_goes_round_as_its_nodes_are_killed_and_started(self):
        self.start_cluster(3)
        load = self.load(2 * LOAD_S)
        used = []
        for _ in range(3):
            used.append(load.next_node())
            self.let_it_work(load)
            node = self.nodes[used[-1]]
            node.kill()
            self.let_it_work(load)
            node.start()
        load.wait()
        self.assertEqual(load.used, [*self.nodes, used[0]])
        self.assert_done_once(load, self.nodes[used[0]])

    def test_no_request_fails_while_the_clients_node_is_stopped_in_order(self):
        self.start_cluster(3)
        load = self.load()
        first = load.next_node()
        self.let_it_work(load)
        self.assertEqual(self.nodes[first].terminate(), 0)
        second = load.next_node()
        self.let_it_work(load)
        load.wait()
        self.assert_done_once(load, self.nodes[second])


if __name__ == "__main__":
    unittest.main()
