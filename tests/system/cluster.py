"""A cluster under test: nodes on this machine that are killed, stopped, started again and compared.

Every node is a process of its own with a folder and ports of its own. Nothing here waits for a time to pass: it waits
for what must become true, with a generous limit.
"""

import http.client
import json
import signal
import threading

from mixed_writes import by_id, difference, export, same
from node import START_LIMIT_S, Answer, Collection, Node, SystemTest, poll

CLUSTER = "/api/v1/cluster"
SETTLED_LIMIT_S = 60
ASK_LIMIT_S = 10


class Member(Node):
    """One node; after its first start it keeps its HTTP address."""

    def __init__(self, folder, name, *flags, **more):
        super().__init__(folder / name, "--node-name", name, *flags, **more)
        self.name, self.stopped = name, False

    def start(self, ready=True):
        super().start(False)
        self.listen = self.address
        if ready:
            poll(self._is_ready, START_LIMIT_S, f"{self.url}/ready")
        return self

    def _is_ready(self):
        """One that lacks much starts once more by itself to fetch it, and cannot be reached for a moment."""
        try:
            return self.get("/ready").status == 200
        except (OSError, http.client.HTTPException):
            if not self.running():
                raise
            return False

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def restart(self, ready=True):
        """Starts it again on the same folder and address."""
        self.kill()
        return self.start(ready)

    def stop(self):
        """SIGSTOP: it answers nothing, but its connections stay."""
        self.process.send_signal(signal.SIGSTOP)
        self.stopped = True

    def cont(self):
        self.process.send_signal(signal.SIGCONT)
        self.stopped = False

    def kill(self):
        super().kill()
        self.stopped = False

    def serves(self):
        return self.running() and not self.stopped

    def status(self):
        """The cluster as this node knows it."""
        answer = self.request("GET", CLUSTER, limit_s=ASK_LIMIT_S)
        if answer.status != 200:
            raise AssertionError(answer)
        return answer.json()

    def knows(self, name):
        """What it says of a node; nothing when it knows none of that name."""
        return next((node for node in self.status()["nodes"] if node["name"] == name), None)


class Connection:
    """HTTP over one connection that stays open, as applications do it; for one thread."""

    def __init__(self, node, limit_s):
        self.node, self.limit_s, self.open = node, limit_s, None

    def post(self, path, body, headers=()):
        """The answer. OSError or HTTPException when none came: the outcome is unknown."""
        try:
            if self.open is None:
                self.open = http.client.HTTPConnection(self.node.host, self.node.port, timeout=self.limit_s)
            self.open.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **dict(headers)})
            answer = self.open.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.open is not None:
            self.open.close()
        self.open = None


class Cluster:
    """Nodes n1, n2, ... below `folder`; the first begins the cluster and the others join it."""

    def __init__(self, folder, *flags, make=Member):
        self.folder, self.flags, self.make, self.nodes = folder, flags, make, []

    def __getitem__(self, index):
        return self.nodes[index]

    def start(self, size=3):
        for _ in range(size):
            self.add()
        self.wait_until_up()
        return self

    def add(self, name=None, to=None):
        """A new node that joins by the address of `to`."""
        joins = ("--join", (to or self.nodes[0]).address) if self.nodes else ()
        node = self.make(self.folder, name or f"n{len(self.nodes) + 1}", *self.flags, *joins)
        self.nodes.append(node)
        return node.start()

    def end(self):
        for node in self.nodes:
            node.kill()

    def serving(self):
        return [node for node in self.nodes if node.serves()]

    def others(self, *but):
        """Those that serve, without these."""
        return [node for node in self.serving() if node not in but]

    def wait_for(self, condition, what, limit_s=SETTLED_LIMIT_S):
        """The first true value of `condition()`; what cannot be reached meanwhile counts as not true."""

        def reached():
            try:
                return condition()
            except (OSError, http.client.HTTPException):
                return None

        return poll(reached, limit_s, what)

    def leader(self, limit_s=SETTLED_LIMIT_S):
        """The node that leads, as soon as all that serve say so."""

        def agreed():
            said = {node.status()["leader"] for node in self.serving()}
            return next((node for node in self.serving() if said == {node.name}), None)

        return self.wait_for(agreed, f"a leader that {self.names(self.serving())} agree on", limit_s)

    def followers(self):
        return self.others(self.leader())

    @staticmethod
    def names(nodes):
        return [node.name for node in nodes]

    def wait_until_up(self, voters=3, limit_s=SETTLED_LIMIT_S):
        """Until every node that serves says that all of them are up and agree on a leader, and so many vote, or as many
        as there are: an odd number."""
        serving = self.serving()
        names = self.names(serving)
        votes = min(voters, len(names) - 1 + len(names) % 2)

        def up():
            seen = [node.status() for node in serving]
            return all(
                [node["name"] for node in status["nodes"] if node["state"] == "up"] == sorted(names)
                and sum(node["role"] != "follower" for node in status["nodes"]) == votes
                and status["leader"] in names and status["leader"] == seen[0]["leader"] for status in seen)

        try:
            self.wait_for(up, f"{names} are up", limit_s)
        except AssertionError as late:
            raise AssertionError(f"{late}: {[node.status() for node in serving]}") from None
        return self

    def restart_all(self, nodes=None):
        """Starts nodes at the same time: none of them waits until another one is there."""
        nodes = nodes or self.nodes
        threads = [threading.Thread(target=node.restart) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(node.running() for node in nodes):
            raise AssertionError(f"not all of {self.names(nodes)} start: {[node.stderr() for node in nodes]}")

    def wait_until_equal(self, name, wanted=None, limit_s=SETTLED_LIMIT_S):
        """Until all that serve hold the same documents of a collection, and those of `wanted` where that is given;
        nobody may write meanwhile. Answers with them, by id."""
        serving, seen = self.serving(), []

        def equal():
            seen[:] = ["no answer"]
            answers = [node.request("GET", f"/api/v1/collections/{name}/export") for node in serving]
            seen[:] = [f"{node.name}: {answer}" for node, answer in zip(serving, answers) if answer.status != 200]
            if seen:
                return False
            found = [by_id(answer.body) for answer in answers]
            first = wanted if wanted is not None else found[0]
            seen[:] = [f"{node.name}: {difference(first, stored)}"
                       for node, stored in zip(serving, found) if not same(first, stored)]
            return not seen

        try:
            self.wait_for(equal, "equal replicas", limit_s)
        except AssertionError as late:
            raise AssertionError(f"{late}: {seen}") from None
        stored = export(serving[0], name)
        for node in serving:
            paged = [document["id"] for document in Collection(node, name).pages(limit=1000)]
            if sorted(paged) != sorted(stored):
                raise AssertionError(f"{node.name} lists other documents than it exports: {len(paged)} {len(stored)}")
        return stored


class ClusterTest(SystemTest):
    """Clusters that end with their test."""

    def start_cluster(self, size=3, *flags):
        cluster = Cluster(self.folder, *flags)
        self.addCleanup(cluster.end)
        return cluster.start(size)
