"""Three nodes behind a real nginx are restarted one after the other under readers and writers: nobody notices."""

import http.client
import json
import re
import threading
import time
import unittest

from dns_stub import DnsStub
from node import Collection, Node, SystemTest, poll
from tools import ROOT, free_port, replaced, start_nginx, tool

SETTLED_LIMIT_S = 60
NAMES = ("north", "south", "west")
READERS, WRITERS, BATCH = 3, 3, 3
# Between two restarts clients get so many answers more: each node that is back takes part again.
ANSWERS, ANSWERS_LIMIT_S = 50, 240
PATH = "/api/v1/collections/docs"


class Client(threading.Thread):
    """Asks one thing after the other through nginx until it is stopped; keeps every answer that is no success."""

    def __init__(self, nginx):
        super().__init__(daemon=True)
        self.nginx, self.answers, self.failures, self.slowest_s = nginx, 0, [], 0.0
        self._stopped = threading.Event()

    def run(self):
        while not self._stopped.is_set():
            self.step()

    def stop(self):
        self._stopped.set()
        self.join(90)

    def step(self):
        raise NotImplementedError

    def post(self, path, body):
        """The parsed answer, or nothing when it was none or a failure."""
        begin = time.monotonic()
        try:
            answer = self.nginx.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        except (OSError, http.client.HTTPException) as error:
            self.failures.append((path, repr(error)))
            return None
        self.answers += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
        if answer.status != 200:
            self.failures.append((path, answer))
            return None
        return answer.json()


class Reader(Client):
    def __init__(self, nginx):
        super().__init__(nginx)
        self.partial = []

    def step(self):
        reply = self.post(PATH + "/search", {"query": "word", "mode": "text", "k": 10})
        if reply is None:
            return
        if reply["partial"]:
            self.partial.append({key: value for key, value in reply.items() if key != "hits"})
        if not reply["partial"] and len(reply["hits"]) != 10:
            self.failures.append(("incomplete", reply))


class Writer(Client):
    """Each batch is new. Its first document is deleted again: a write that is done twice, late, brings it back."""

    def __init__(self, nginx, number):
        super().__init__(nginx)
        self.number, self.written, self.deleted, self.seqs = number, set(), set(), []

    def step(self):
        first = len(self.written) + len(self.deleted)
        ids = [f"w{self.number}-{first + i}" for i in range(BATCH)]
        documents = [{"id": each, "text": "other text"} for each in ids]
        upserted = self.post(PATH + "/documents", {"documents": documents})
        deleted = self.post(PATH + "/documents/delete", {"ids": ids[:1]})
        if upserted is None or deleted is None:
            return
        self.written |= set(ids[1:])
        self.deleted.add(ids[0])
        self.seqs += [upserted["seq"], deleted["seq"]]
        if upserted["upserted"] != BATCH or deleted["deleted"] != 1:
            self.failures.append(("counts", (upserted, deleted)))


class RollingRestart(SystemTest):
    def setUp(self):
        super().setUp()
        tool("nginx")
        self.nodes = []

    def start_cluster(self, *listen):
        for name, address in zip(NAMES, listen):
            joins = ("--join", self.nodes[0].listen) if self.nodes else ()
            node = Node(self.folder / name, "--node-name", name, "--search.result_cache_bytes", "0", *joins)
            node.name, node.listen = name, address
            self.addCleanup(node.kill)
            self.nodes.append(node.start())
            node.listen = f"{node.host}:{node.port}"
        self.wait_until_up()

    def status(self, node):
        return node.get("/api/v1/cluster").json()

    def wait_until_up(self):
        """Until every node says that all are up, and who leads."""

        def up():
            said = [self.status(node) for node in self.nodes]
            return all(each["leader"] and [node["state"] for node in each["nodes"]] == ["up"] * len(NAMES)
                       and all(node["role"] != "follower" for node in each["nodes"]) for each in said)

        poll(up, SETTLED_LIMIT_S, "all nodes are up and vote")

    def fill(self):
        docs = Collection(self.nodes[0], "docs")
        docs.make(dimension=2, embedder="none", shards=2, replicas=3)
        docs.upsert([{"id": f"d{number}", "text": "a word"} for number in range(100)])

    def under_load(self, nginx, do):
        """`do(wait)`; `wait()` returns when clients have got some answers more. Answers with the writers."""
        clients = [Reader(nginx) for _ in range(READERS)] + [Writer(nginx, number) for number in range(WRITERS)]

        def wait():
            wanted = [client.answers + ANSWERS for client in clients]
            try:
                poll(lambda: all(client.answers >= count for client, count in zip(clients, wanted)), ANSWERS_LIMIT_S,
                     "answers for every client")
            except AssertionError as late:
                raise AssertionError(f"{late}: {[client.answers for client in clients]} of {wanted}, the slowest after "
                                     f"{max(client.slowest_s for client in clients):.2f} s") from None

        for client in clients:
            client.start()
        try:
            wait()
            do(wait)
            wait()
        finally:
            for client in clients:
                client.stop()
        print(f"{sum(client.answers for client in clients)} answers, the slowest after "
              f"{max(client.slowest_s for client in clients):.2f} s", flush=True)
        self.assertEqual([failure for client in clients for failure in client.failures], [], nginx.text()[-2000:])
        self.partial = [reply for reader in clients[:READERS] for reply in reader.partial]
        return clients[READERS:]

    def restart(self, wait, end):
        """One after the other, each by `end`, as soon as the one before takes part again."""
        leaders = set()
        for node in self.nodes:
            leaders.add(self.status(node)["leader"])
            end(node)
            node.start()
            self.wait_until_up()
            wait()
        print(f"led in turn: {sorted(leaders)}", flush=True)

    def drain(self, node):
        self.assertEqual(node.terminate(), 0, node.stderr())

    def check_documents(self, writers):
        """Every node has what was acknowledged, and nothing else."""
        expected = {f"d{number}" for number in range(100)}.union(*(writer.written for writer in writers))
        newest = max(seq for writer in writers for seq in writer.seqs)
        for node in self.nodes:
            docs = Collection(node, "docs")
            poll(lambda docs=docs: docs.info()["seq"] >= newest, SETTLED_LIMIT_S, f"{node.name} has all")
            self.assertEqual(set(docs.pages("ids", limit=10_000)), expected, node.name)

    def behind_names(self):
        """The name service, and an nginx that finds the nodes as in compose: one port, an address for each."""
        port = free_port()
        self.start_cluster(*(f"127.0.0.{number}:{port}" for number in (1, 2, 3)))
        self.fill()
        dns = DnsStub(self, [node.host for node in self.nodes])
        names = replaced((ROOT / "config/nodes.conf").read_text(), ("127.0.0.11", f"127.0.0.1:{dns.port}"),
                         ("mosaic:4040", f"mosaic:{port}"))
        return dns, start_nginx(self, named=names)

    def test_no_request_fails_and_no_write_is_lost_or_doubled(self):
        self.start_cluster(*["127.0.0.1:0"] * 3)
        self.fill()
        nginx = start_nginx(self, *self.nodes)
        self.check_documents(self.under_load(nginx, lambda wait: self.restart(wait, self.drain)))
        self.assertEqual(self.partial, [])

    def test_nor_where_nginx_finds_nodes_by_name(self):
        _, nginx = self.behind_names()
        self.check_documents(self.under_load(nginx, lambda wait: self.restart(wait, self.drain)))
        self.assertEqual(self.partial, [])

    def test_nor_when_nodes_are_killed(self):
        self.start_cluster(*["127.0.0.1:0"] * 3)
        self.fill()
        nginx = start_nginx(self, *self.nodes)
        self.check_documents(self.under_load(nginx, lambda wait: self.restart(wait, Node.kill)))
        self.assertEqual(self.partial, [])

    def test_nodes_that_come_into_the_name_service_are_asked(self):
        dns, nginx = self.behind_names()
        for addresses in ([self.nodes[0].host], [node.host for node in self.nodes], [self.nodes[2].host]):
            dns.addresses = addresses
            poll(lambda asked=set(addresses): self.asked(nginx) == asked, 30, f"{addresses} are asked")

    def asked(self, nginx):
        """The hosts of nodes that a row of requests reaches."""

        def searches(node):
            text = node.get("/metrics").body.decode()
            return sum(float(count) for count in re.findall(r"^mosaic_searches_total{.*} (\S+)$", text, re.MULTILINE))

        before = [searches(node) for node in self.nodes]
        for _ in range(30):
            nginx.request("POST", PATH + "/search", b'{"query": "word"}')
        return {node.host for node, count in zip(self.nodes, before) if searches(node) > count}


if __name__ == "__main__":
    unittest.main()
