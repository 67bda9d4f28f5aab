"""Clients that write, erase and read a few documents at every node of a cluster, and record what they saw.

Each document is a register: what is read or written is the value in its metadata. Strong searches are the reads of
the histories; a session search must show at least the client's own last write. A collection of one shard is read
without the cut that several need, so there is one of each.
"""

import collections
import http.client
import itertools
import math
import threading
import time

from cluster import Connection
from linearizable import ERASE, READ, WRITE, Operation, find_violation
from node import Collection

SHARDS = {"registers": 2, "one-shard": 1}  # by collection
KEYS = 10  # that take turns at the collections
LIMIT_S = 4
PAUSE_S = 0.01
REFUSED_PAUSE_S = 0.05
SEARCH_MS = 2_000


class RegisterClients:
    """`clients` threads; each sends one request at a time to a node by chance."""

    def __init__(self, nodes, random, clients=6):
        self.nodes, self.random = list(nodes), random
        self.histories = {f"r{number}": [] for number in range(KEYS)}
        self.paths = {key: f"/api/v1/collections/{name}" for key, name in zip(self.histories, itertools.cycle(SHARDS))}
        self.outcomes, self.problems = collections.Counter(), []
        self._seqs = {}  # of acknowledged writes, by value
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(f"c{number}", random.randrange(1 << 30)))
                         for number in range(clients)]

    def prepare(self, replicas=3):
        for name, shards in SHARDS.items():
            Collection(self.nodes[0], name).make(dimension=2, metric="l2", embedder="none", shards=shards,
                                                 replicas=replicas, indexed=["key"])
        return self

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def _run(self, who, seed):
        chance = type(self.random)(seed)
        connections = [Connection(node, LIMIT_S) for node in self.nodes]
        serial, last = 0, None
        while not self._stopped.is_set():
            serial += 1
            key, connection, roll = chance.choice(list(self.histories)), chance.choice(connections), chance.random()
            if roll < 0.45:
                self._read(connection, who, key)
            elif roll < 0.80:
                last = self._write(connection, who, key, f"{who}-{serial}") or last
            elif roll < 0.88:
                self._erase(connection, who, key)
            elif last:
                self._read_own(connection, who, *last)
            self._stopped.wait(chance.random() * PAUSE_S)
        for connection in connections:
            connection.close()

    def _send(self, connection, kind, key, path, body):
        """The answer; False when the request was certainly not made, None when its outcome is unknown."""
        try:
            answer = connection.post(self.paths[key] + path, body)
        except ConnectionRefusedError:
            self.outcomes[kind, "no connection"] += 1
            self._stopped.wait(REFUSED_PAUSE_S)
            return False
        except (OSError, http.client.HTTPException):
            self.outcomes[kind, "no answer"] += 1
            return None
        self.outcomes[kind, answer.status] += 1
        if answer.status == 200:
            return answer
        if answer.status not in (503, 504):
            self.problems.append(f"{kind} at {connection.node.name}: {answer}")
        return None

    def _write(self, connection, who, key, value):
        """Its key and seq when it was acknowledged."""
        operation = Operation(WRITE, value, time.monotonic(), math.inf, f"{who}@{connection.node.name}")
        self.histories[key].append(operation)
        body = {"documents": [{"id": key, "vector": [1, 1], "metadata": {"key": key, "value": value}}]}
        answer = self._send(connection, WRITE, key, "/documents", body)
        if answer is False:
            self.histories[key].remove(operation)
        if not answer:
            return None
        operation.end = time.monotonic()
        self._seqs[value] = answer.json()["seq"]
        return key, self._seqs[value]

    def _erase(self, connection, who, key):
        operation = Operation(ERASE, None, time.monotonic(), math.inf, f"{who}@{connection.node.name}")
        self.histories[key].append(operation)
        answer = self._send(connection, ERASE, key, "/documents/delete", {"ids": [key]})
        if answer is False:
            self.histories[key].remove(operation)
        if answer:
            # A node that has not applied it cannot tell.
            counted = answer.json().get("applied") is not False
            operation.value, operation.end = answer.json()["deleted"] == 1 if counted else None, time.monotonic()

    def _search(self, connection, kind, key, **more):
        """A list of the value, or nothing when there is no answer that says it."""
        body = {"vector": [1, 1], "k": 2, "filter": {"key": key}, "include": ["metadata"], "timeout_ms": SEARCH_MS, **more}
        answer = self._send(connection, kind, key, "/search", body)
        if not answer:
            return None
        reply = answer.json()
        if reply["partial"]:
            self.outcomes[kind, "partial"] += 1
            return None
        if len(reply["hits"]) > 1:
            self.problems.append(f"'{key}' is found twice at {connection.node.name}: {reply}")
        return [reply["hits"][0]["metadata"]["value"] if reply["hits"] else None]

    def _read(self, connection, who, key):
        begin = time.monotonic()
        found = self._search(connection, READ, key, consistency="strong")
        if found:
            self.histories[key].append(
                Operation(READ, found[0], begin, time.monotonic(), f"{who}@{connection.node.name}"))

    def _read_own(self, connection, who, key, seq):
        found = self._search(connection, "session", key, consistency="session", min_seq=seq)
        if found and self._seqs.get(found[0], seq) < seq:
            self.problems.append(f"{who} at {connection.node.name} asks for '{key}' as of seq {seq} or later and gets "
                                 f"{found[0]!r} of seq {self._seqs[found[0]]}")

    def read_all(self):
        """Every register at every node, at the end; all must answer."""
        for node in self.nodes:
            connection = Connection(node, LIMIT_S)
            for key in self.histories:
                before = len(self.histories[key])
                self._read(connection, "last", key)
                if len(self.histories[key]) == before:
                    self.problems.append(f"no strong answer for '{key}' at {node.name} in the end")
            connection.close()

    def violations(self):
        """For each register whose history could not have happened, that part of it, as lines of text."""
        found = {key: find_violation(history) for key, history in self.histories.items()}
        return [f"'{key}' is not linearizable:\n  " + "\n  ".join(map(str, operations))
                for key, operations in found.items() if operations]

    def summary(self):
        count = sum(map(len, self.histories.values()))
        return f"{count} operations on {KEYS} registers of collections with {list(SHARDS.values())} shards; " + ", ".join(
            f"{kind} {outcome}: {times}" for (kind, outcome), times in sorted(self.outcomes.items(), key=str))
