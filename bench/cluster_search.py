#!/usr/bin/env python3
"""What a search costs when its shards are on several nodes, beside the same shards on one node.

Two clusters with the same data: one node that has all shards, and three with one replica of each. Both are asked the
same searches by turns; counted is the processor time of all nodes together, the clients' apart.

    MOSAIC_BINARY=build/release/mosaic bench/cluster_search.py [--documents 60000] [--dimension 128] [--shards 6] [--clients 8]
    MOSAIC_BINARY=build/release/mosaic bench/cluster_search.py --texts examples/packages.jsonl.gz

With `--texts` the documents are those of the file, as `mosaic import` takes them, with the built-in embedder's vectors,
and their titles are the queries.
"""
import argparse
import gzip
import json
import pathlib
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))

from cluster import Cluster, Connection  # noqa: E402
from node import Collection, poll  # noqa: E402
from vector_nodes import cpu_s  # noqa: E402

NAME = "docs"
PATH = f"/api/v1/collections/{NAME}"
WORDS = [f"word{number}" for number in range(2_000)]
TURN = 400


class Drawn:
    """Documents and queries by chance."""

    def __init__(self, chosen):
        self.chosen, self.random = chosen, random.Random(chosen.seed)

    def settings(self):
        return {"dimension": self.chosen.dimension, "metric": "l2", "embedder": "none"}

    def vector(self):
        return [self.random.gauss(0, 1) for _ in range(self.chosen.dimension)]

    def documents(self):
        self.random.seed(self.chosen.seed)
        for number in range(self.chosen.documents):
            yield {"id": f"d{number}", "vector": self.vector(), "text": " ".join(self.random.choices(WORDS, k=20))}

    def query(self, mode):
        by_vector = {"vector": self.vector()} if mode != "text" else {}
        by_text = {"query": " ".join(self.random.choices(WORDS, k=3))} if mode != "vector" else {}
        return {**by_vector, **by_text, "mode": mode, "k": 10}


class Written:
    """Documents that somebody has written; their titles are the queries."""

    def __init__(self, chosen):
        self.file, self.random = chosen.texts, random.Random(chosen.seed)
        self.titles = [title for title in (document.get("title") for document in self.documents()) if title]

    def settings(self):
        return {}

    def documents(self):
        with gzip.open(self.file, "rt", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                yield {name: document[name] for name in ("id", "title", "text") if name in document}

    def query(self, mode):
        return {"query": self.random.choice(self.titles), "mode": mode, "k": 10}


def fill(docs, source):
    begun, count, batch = time.monotonic(), 0, []
    for document in source.documents():
        batch.append(document)
        if len(batch) == 500:
            docs.upsert(batch, limit_s=60)
            count, batch = count + len(batch), []
    if batch:
        docs.upsert(batch, limit_s=60)
    print(f"  {(count + len(batch)) / (time.monotonic() - begun):.0f} documents a second written", flush=True)

    def indexed():
        shards = docs.info()["shards"]
        return all(shard["state"] == "up" and shard["indexed"] > 0.8 * shard["documents"] for shard in shards)

    poll(indexed, 1_200, "the index")


def begin(folder, size, chosen, source):
    print(f"{size} node{'s' if size > 1 else ''}:", flush=True)
    cluster = Cluster(folder, "--search.result_cache_bytes", "0").start(size)
    docs = Collection(cluster[0], NAME)
    docs.make(shards=chosen.shards, replicas=1, **source.settings())
    fill(docs, source)
    return cluster


def ask(cluster, searches, took):
    """One client: asks the nodes by turns, and notes how long each search took, in milliseconds."""
    connections = [Connection(node, 30) for node in cluster.nodes]
    for number, search in enumerate(searches):
        begun = time.monotonic()
        answer = connections[number % len(connections)].post(PATH + "/search", search)
        took.append(1e3 * (time.monotonic() - begun) if answer.status == 200 and not answer.json()["partial"] else None)
    for connection in connections:
        connection.close()


def turn(cluster, searches, clients):
    """Milliseconds: the processor time for each search, and how long the median one took."""
    pids, took = [node.process.pid for node in cluster.nodes], []
    threads = [threading.Thread(target=ask, args=(cluster, searches[number::clients], took)) for number in range(clients)]
    before = sum(map(cpu_s, pids))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = sum(map(cpu_s, pids)) - before
    if len(took) < len(searches) or None in took:
        raise SystemExit("a search was not answered, or not by all shards")
    return 1e3 * spent / len(searches), statistics.median(took)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--documents", type=int, default=60_000)
    arguments.add_argument("--dimension", type=int, default=128)
    arguments.add_argument("--shards", type=int, default=6)
    arguments.add_argument("--turns", type=int, default=8)
    arguments.add_argument("--clients", type=int, default=8)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--texts", metavar="FILE", help="documents in lines of JSON, compressed by gzip")
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mosaic-cluster-"))
    clusters = []
    try:
        source = Written(chosen) if chosen.texts else Drawn(chosen)
        for size in (1, 3):
            clusters.append(begin(pathlib.Path(tempfile.mkdtemp(dir=folder)), size, chosen, source))
        print(f"{'':8} {'CPU ms: one':>12} {'three':>8} {'ratio':>6}   {'ms: one':>8} {'three':>8}")
        for mode in ("vector", "text", "hybrid"):
            figures = [[], []]
            for _ in range(chosen.turns):
                searches = [source.query(mode) for _ in range(TURN)]
                for seen, cluster in zip(figures, clusters):
                    seen.append(turn(cluster, searches, chosen.clients))
            (one, one_ms), (three, three_ms) = [[statistics.median(column) for column in zip(*seen)] for seen in figures]
            print(f"{mode:8} {one:12.3f} {three:8.3f} {three / one:6.2f}   {one_ms:8.2f} {three_ms:8.2f}", flush=True)
    finally:
        for cluster in clusters:
            cluster.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
