#!/usr/bin/env python3
"""A node joins a cluster that is searched and written: does a request fail, and how long do searches take meanwhile?

    MOSAIC_BINARY=build/release/mosaic bench/cluster_join.py [--documents 300000] [--dimension 64]
"""
import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))

from cluster import Cluster, Connection  # noqa: E402
from node import Collection, poll  # noqa: E402

NAME = "docs"
PATH = f"/api/v1/collections/{NAME}"
BATCH = 1_000


class Load:
    """Searches at some nodes by turns, and a few writes; notes how long each search took."""

    def __init__(self, nodes, chosen, searchers=2):
        self.nodes, self.chosen = nodes, chosen
        self.took_ms, self.failed, self.partial, self.written = [], [], 0, 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.search, args=(number,)) for number in range(searchers)]
        self.threads.append(threading.Thread(target=self.write))

    def search(self, number):
        rng, connections = random.Random(number), [Connection(node, 30) for node in self.nodes]
        while not self.over.is_set():
            body = {"vector": [rng.gauss(0, 1) for _ in range(self.chosen.dimension)], "k": 10}
            begun = time.monotonic()
            answer = rng.choice(connections).post(PATH + "/search", body)
            self.took_ms.append(1e3 * (time.monotonic() - begun))
            if answer.status != 200:
                self.failed.append(str(answer))
            elif answer.json()["partial"]:
                self.partial += 1

    def write(self):
        rng, connection = random.Random(0), Connection(self.nodes[0], 30)
        while not self.over.wait(0.02):
            vector = [rng.gauss(0, 1) for _ in range(self.chosen.dimension)]
            answer = connection.post(PATH + "/documents", {"documents": [{"id": f"w{self.written}", "vector": vector}]})
            if answer.status != 200:
                self.failed.append(str(answer))
            self.written += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def told(self, what):
        took = sorted(self.took_ms)
        print(f"{what:10} {len(took):7} searches, p50 {took[len(took) // 2]:6.1f} ms, p99 {took[int(0.99 * len(took))]:6.1f} ms, "
              f"max {took[-1]:7.1f} ms; {len(self.failed)} failed, {self.partial} partial, {self.written} writes", flush=True)


def fill(docs, chosen):
    rng, begun = random.Random(1), time.monotonic()
    for begin in range(0, chosen.documents, BATCH):
        docs.upsert([{"id": f"d{number}", "vector": [round(rng.gauss(0, 1), 4) for _ in range(chosen.dimension)]}
                     for number in range(begin, begin + BATCH)], limit_s=120)
    print(f"{chosen.documents} documents in {time.monotonic() - begun:.0f} s", flush=True)
    poll(lambda: all(shard["indexed"] > 0.8 * shard["documents"] for shard in docs.info()["shards"]), 1_800, "the index")


def placed(cluster, replicas):
    """Every node is up and holds its share, whole."""
    status = cluster[0].status()
    held = collections.Counter(replica["node"] for shard in status["shards"] for replica in shard["replicas"]
                               if replica["state"] == "up")
    total = replicas * len(status["shards"])
    return {node["state"] for node in status["nodes"]} == {"up"} and held.total() == total and \
        len(held) == len(cluster.nodes) and max(held.values()) - min(held.values()) <= 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--documents", type=int, default=300_000)
    arguments.add_argument("--dimension", type=int, default=64)
    arguments.add_argument("--shards", type=int, default=8)
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mosaic-join-"))
    cluster = Cluster(folder)
    try:
        cluster.start(3)
        docs = Collection(cluster[0], NAME)
        docs.make(dimension=chosen.dimension, metric="l2", embedder="none", shards=chosen.shards, replicas=2)
        fill(docs, chosen)
        nodes = list(cluster.nodes)
        with Load(nodes, chosen) as load:
            time.sleep(15)
        load.told("before")
        begun = time.monotonic()
        with Load(nodes, chosen) as load:
            cluster.add()
            cluster.wait_for(lambda: placed(cluster, 2), "the new node holds its share", 1_800)
        load.told("joining")
        print(f"level and serving after {time.monotonic() - begun:.0f} s", flush=True)
        with Load(cluster.nodes, chosen) as after:
            time.sleep(15)
        after.told("after")
        for line in load.failed[:5]:
            print(line)
    finally:
        cluster.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
