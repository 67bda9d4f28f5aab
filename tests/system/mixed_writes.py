"""Clients that change a collection in every way and know what was acknowledged, and what must then be there.

Each client has ids of its own and makes one request at a time, so at any moment at most one change per client has
an unknown outcome. After a crash, what is stored must be what the client knows with that change, or without it.
"""

import http.client
import json
import threading
from dataclasses import dataclass, field

from node import Collection, poll
from oracle import ranked

NAME = "docs"
DIMENSION = 8
SHARDS = 3
CLIENTS = 4
IDS = 60
WORDS = ("amber", "basalt", "cedar", "dune", "ember", "fjord", "grove", "heath")
SETTLED_LIMIT_S = 30
REQUEST_LIMIT_S = 20
MARGIN = 1e-4


@dataclass
class Client:
    """`known` are its documents as acknowledged; `maybe` is what they are if the open change was made."""

    number: int
    known: dict = field(default_factory=dict)
    maybe: dict | None = None
    side: dict | None = None  # its side collection's settings
    side_maybe: list = field(default_factory=list)
    serial: int = 0
    applied: bool = True  # searches see its last change: what a filter finds is then known


class MixedWrites:
    """The clients on a node that comes and goes; `problems` are broken promises, as lines of text."""

    def __init__(self, random):
        self.random = random
        self.clients = [Client(number) for number in range(CLIENTS)]
        self.acknowledged = self.unapplied = 0
        self.last_seq = 0
        self.refusals, self.problems = [], []
        self._stopped = threading.Event()
        self._threads = []

    def prepare(self, node, vectors=0):
        """Makes the collection, with so many documents that stay as they are."""
        Collection(node, NAME).make(dimension=DIMENSION, metric="l2", embedder="none", shards=SHARDS, indexed=["n"])
        return self.add_still(node, vectors)

    def add_still(self, node, vectors):
        """Documents that stay as they are: enough of them make an index."""
        docs, keeper = Collection(node, NAME), self.clients[0]
        for first in range(0, vectors, 1000):
            batch = [self._document(f"still-{n}") for n in range(first, min(vectors, first + 1000))]
            docs.upsert(batch)
            keeper.known.update({document["id"]: document for document in batch})
        return self

    def start(self, node):
        self._stopped.clear()
        self._threads = [threading.Thread(target=self._run, args=(node, client, self.random.randrange(1 << 30)))
                         for client in self.clients]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def _run(self, node, client, seed):
        chance = type(self.random)(seed)
        try:
            while not self._stopped.is_set() and self._step(node, client, chance):
                pass
        except (OSError, http.client.HTTPException):
            pass  # The node is gone; the change that was under way stays open.

    def _step(self, node, client, chance):
        """One request; something false when its outcome is unknown, which only a look at the node can settle."""
        roll = chance.random()
        if roll < 0.35:
            return self._upsert(node, client, chance, 1)
        if roll < 0.70:
            return self._upsert(node, client, chance, chance.randint(2, 25))
        if roll < 0.82:
            gone = chance.sample(self._ids(client), chance.randint(1, 8))
            return self._delete(node, client, {"ids": gone}, lambda document: document["id"] in gone)
        if roll < 0.88 and client.applied:
            least = chance.randint(0, 900)
            what = {"filter": {"client": client.number, "n": {"$gte": least, "$lt": least + 60}}}
            return self._delete(node, client, what, lambda document: document["metadata"]["client"] == client.number
                                and least <= document["metadata"]["n"] < least + 60)
        if roll < 0.90 and client.number == 0:
            return self._send(node, "POST", f"/api/v1/collections/{NAME}/pagerank", {}, 202)
        if roll < 0.96:
            return self._change_side(node, client, chance)
        return self._send(node, "PATCH", f"/api/v1/collections/{NAME}",
                          {"indexed": chance.choice([["n"], ["n", "client"], []])}, 200)

    def _ids(self, client):
        return [f"c{client.number}-{n}" for n in range(IDS)]

    def _document(self, key, chance=None, client=None):
        chance = chance or self.random
        serial = 0
        if client:
            client.serial += 1
            serial = client.serial
        made = {"id": key, "title": f"{chance.choice(WORDS)} {key}",
                "text": f"{chance.choice(WORDS)} tag{key.replace('-', 'x')}v{serial} " + "filler " * chance.randint(0, 60),
                "vector": [chance.randint(-50, 50) / 4 for _ in range(DIMENSION)],
                "metadata": {"client": client.number if client else -1, "n": chance.randint(0, 1000), "serial": serial}}
        if client and chance.random() < 0.5:
            made["links"] = [{"to": f"c{chance.randrange(CLIENTS)}-{target}", "kind": "knows", "weight": 1.0}
                             for target in chance.sample(range(IDS), chance.randint(1, 3))]
        return made

    def _upsert(self, node, client, chance, count):
        batch = [self._document(key, chance, client) for key in chance.sample(self._ids(client), count)]
        client.maybe = {**client.known, **{document["id"]: document for document in batch}}
        return self._settle(node, client, "/documents", {"documents": batch})

    def upsert_large(self, node, number):
        """A document of nearly 1 MiB, while no client runs; false when it was not acknowledged."""
        client = self.clients[0]
        document = {**self._document(f"large-{number}"), "text": f"w tag{number}large " + "x" * 900_000}
        client.maybe = {**client.known, document["id"]: document}
        return self._settle(node, client, "/documents", {"documents": [document]})

    def _delete(self, node, client, what, hit):
        client.maybe = {key: document for key, document in client.known.items() if not hit(document)}
        return self._settle(node, client, "/documents/delete", what)

    def _settle(self, node, client, path, body):
        answer = self._send(node, "POST", f"/api/v1/collections/{NAME}{path}", body, 200)
        if not answer:
            return False
        gone = len(client.known) - len(client.maybe)
        if answer.get("deleted", gone) != gone and "filter" in body:
            self.problems.append(f"{body} deleted {answer['deleted']}, expected {gone}")
        client.known, client.maybe, client.applied = client.maybe, None, answer.get("applied", True)
        return True

    def _change_side(self, node, client, chance):
        """Makes the client's side collection, changes it or drops it."""
        path = f"/api/v1/collections/side-{client.number}"
        if client.side is None:
            following = {"dimension": 4, "shards": chance.randint(1, 2), "indexed": [], "embedder": "none"}
            done = self._send_side(node, client, "PUT", path, following, following, 201)
        elif chance.random() < 0.5:
            following = {**client.side, "indexed": [f"p{chance.randint(0, 3)}"]}
            done = self._send_side(node, client, "PATCH", path, {"indexed": following["indexed"]}, following, 200)
        else:
            done = self._send_side(node, client, "DELETE", path, None, None, 200)
        return done

    def _send_side(self, node, client, method, path, body, following, status):
        client.side_maybe = [client.side, following]
        if not self._send(node, method, path, body, status):
            return False
        client.side, client.side_maybe = following, []
        return True

    def _send(self, node, method, path, body, status):
        answer = node.request(method, path, body, limit_s=REQUEST_LIMIT_S)
        if answer.status != status:
            self.refusals.append((method, path, answer.status, answer.body[:300]))
            return False
        self.acknowledged += 1
        reply = answer.json()
        if path.startswith(f"/api/v1/collections/{NAME}/"):
            self.last_seq = max(self.last_seq, reply.get("seq", 0))
        self.unapplied += reply.get("applied") is False
        return reply

    # What must be there.

    def documents(self):
        return {key: document for client in self.clients for key, document in client.known.items()}

    def check(self, node):
        """Compares all that the node has with what the clients know, and settles what was open."""
        docs = Collection(node, NAME)
        stored = export(node, NAME)
        for client in self.clients:
            mine = {key: document for key, document in stored.items() if self._owner(key) is client}
            self._check_client(client, mine)
            self._check_side(node, client)
        info = docs.info()
        if info["seq"] < self.last_seq:
            self.problems.append(f"seq {info['seq']} after {self.last_seq} was acknowledged")
        self._check_counts(docs, stored)
        self._check_searches(docs, stored)
        return self.problems

    def _owner(self, key):
        return self.clients[int(key[1:key.index("-")])] if key[0] == "c" else self.clients[0]

    def _check_client(self, client, stored):
        allowed = [client.known] + ([client.maybe] if client.maybe is not None else [])
        for state in allowed:
            if same(state, stored):
                client.known, client.maybe, client.applied = dict(state), None, True
                return
        what = " or ".join(difference(state, stored) for state in allowed)
        self.problems.append(f"client {client.number}: neither before nor after its open change: {what}")
        client.known, client.maybe, client.applied = stored, None, True

    def _check_side(self, node, client):
        answer = node.get(f"/api/v1/collections/side-{client.number}")
        found = answer.json() if answer.status == 200 else None
        allowed = client.side_maybe or [client.side]
        for wanted in allowed:
            if wanted is None and answer.status == 404 or wanted is not None and found is not None and \
                    all(found[key] == value for key, value in wanted.items() if key != "shards") and \
                    len(found["shards"]) == wanted["shards"]:
                client.side, client.side_maybe = wanted, []
                return
        self.problems.append(f"side collection {client.number}: {answer}, expected one of {allowed}")

    def _check_counts(self, docs, stored):
        links = sum(len(document.get("links", [])) for document in stored.values())

        def settled():
            info = docs.info()
            return all(shard["indexed"] == shard["documents"] for shard in info["shards"]) and info

        info = poll(settled, SETTLED_LIMIT_S, "an index that covers every document")
        found = (info["documents"], sum(shard["documents"] for shard in info["shards"]), info["edges"])
        if found != (len(stored), len(stored), links):
            self.problems.append(f"counts {found}, expected {(len(stored), len(stored), links)}")

    def _check_searches(self, docs, stored):
        vector = [self.random.randint(-50, 50) / 4 for _ in range(DIMENSION)]
        expected = [hit[2] for hit in ranked(stored.values(), "l2", vector, {}, None, None)[:10]]
        for exact in (True, False):
            reply = docs.search(vector=vector, k=10, exact=exact, include=[], timeout_ms=10_000)
            found = [hit["distance"] for hit in reply["hits"]]
            wrong = sum(all(abs(a - b) > MARGIN for b in found) for a in expected)
            if reply["partial"] or wrong > (0 if exact else 1):
                self.problems.append(f"vector search, exact={exact}: {found}, expected {expected}")
        for document in self.random.sample(sorted(stored.values(), key=lambda d: d["id"]), min(5, len(stored))):
            word = document["text"].split()[1]
            ids = [hit["id"] for hit in docs.search(query=word, mode="text", k=10, include=[])["hits"]]
            if ids != [document["id"]]:
                self.problems.append(f"'{word}' finds {ids}, expected {document['id']}")
        word = self.random.choice(WORDS)
        expected = {key for key, document in stored.items() if word in (document["title"] + " " + document["text"]).split()}
        found = {hit["id"] for hit in docs.search(query=word, mode="text", k=10_000, include=[])["hits"]}
        if found != expected:
            self.problems.append(f"'{word}': missing {sorted(expected - found)[:5]}, too many {sorted(found - expected)[:5]}")


def export(node, name):
    """Every document with vector and links, by id."""
    answer = node.request("GET", f"/api/v1/collections/{name}/export")
    if answer.status != 200:
        raise AssertionError(answer)
    return by_id(answer.body)


def by_id(lines):
    """The documents of an export, none of which may be there twice."""
    documents = [json.loads(line) for line in lines.splitlines()]
    stored = {document["id"]: document for document in documents}
    if len(stored) != len(documents):
        raise AssertionError("an id twice in the export")
    return stored


def same(wanted, stored):
    return wanted.keys() == stored.keys() and all(alike(wanted[key], stored[key]) for key in wanted)


def alike(a, b):
    return all((a.get(part) or None) == (b.get(part) or None)
               for part in ("title", "text", "metadata", "vector", "links"))


def difference(known, stored):
    """The first ids that differ, and how."""
    lost = sorted(known.keys() - stored.keys())
    more = sorted(stored.keys() - known.keys())
    other = [key for key in known.keys() & stored.keys() if not alike(known[key], stored[key])]
    shown = [(known[key].get("metadata"), stored[key].get("metadata")) for key in other[:3]]
    return f"lost {lost[:5]} of {len(lost)}, unexpected {more[:5]} of {len(more)}, other {other[:5]} {shown}"
