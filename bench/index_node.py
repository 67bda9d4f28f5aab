#!/usr/bin/env python3
"""Measures the vector index inside real nodes.

    bench/index_node.py open   --make build/bench/load/make_vectors    restart to first right answer; memory
    bench/index_node.py shards --make build/bench/load/make_vectors    the same vectors in 1, 2, 4 and 8 shards
    bench/index_node.py ingest --make build/bench/load/make_vectors    searches while documents stream in

MOSAIC_BINARY names the program. Vectors are generated from a seed, --size says how many. --keep FOLDER keeps vectors
and data folders, so that a second run of `open` and `shards` builds nothing. --json FILE gets the numbers, which
index_report.py puts on its page. Every node started here is ended here.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import pathlib
import tempfile
import threading
import time

import http_contest
from vector_nodes import (COLLECTION, SEARCH, Client, cpu_s, exact_answers, fill, keep, machine, made, median, mosaic,
                          node_body, nodes, numbers, read_fvecs, request_bytes, resident, running, say, shard_sizes,
                          table, wait_built, waits)

SIZES = {"open": "1000000x128", "shards": "100000x128", "ingest": "100000x128"}
SETTLED_S = 2
SETTLE_LIMIT_S = 120
UNSAVED, UNSAVED_BATCH = 10_000, 1_000


# --- open -----------------------------------------------------------------------------------------

def opening(arguments, folder):
    base, query = made(arguments.make, folder, arguments.size)
    rows = int(arguments.size.split("x")[0])
    full, empty = folder / f"http-clusters-{arguments.size}", folder / "empty"
    requests = [request_bytes(SEARCH, node_body(one, '"ef":100')) for one in read_fvecs(query)]
    with running(full) as node:
        fill(node, base)
        wait_built(node)
        right = ids(ask(node, requests[:1])[0])
        tail = shard_sizes(node)[0][1]
    with running(empty):
        pass
    starts, killed = [], []
    for number in range(arguments.rounds):
        say(f"restart {number + 1} of {arguments.rounds}")
        starts.append((first_answer(full, requests[0], right), first_answer(empty, None, None)))
        kill_under_writes(full, base)
        killed.append(first_answer(full, None, None)["answer_ms"])
    figures = {"size": arguments.size, "tail": tail, "rounds": arguments.rounds, "killed_ready_ms": median(killed),
               **machine()}
    for name in ("listening_ms", "answer_ms", "cpu_ms"):
        figures[name] = median([loaded[name] for loaded, _ in starts])
        figures[f"empty_{name}"] = median([bare[name] for _, bare in starts])
    return {**figures, **memory(full, empty, requests, rows)}


def ask(node, requests):
    client = Client(node.host, node.port, 1)
    answers = [json.loads(body) for body, _ in client.ask(requests)]
    client.close()
    return answers


def ids(answer):
    return None if answer.get("partial") else [hit["id"] for hit in answer["hits"]]


def first_answer(folder, request, right):
    """Milliseconds from the start of the process: until it listens, until it gives the right answer or, without a
    request, until it is ready; and the processor time until then."""
    node = nodes.Node(folder, "--log.level", "warn", "--search.result_cache_bytes", "0")
    begin = time.perf_counter()
    node.start(ready=False)
    listening = time.perf_counter()
    try:
        while not answers(node, request, right):
            if time.perf_counter() - begin > SETTLE_LIMIT_S:
                raise SystemExit("no right answer after a restart")
        answered = time.perf_counter()
        spent = cpu_s(node.process.pid)
    finally:
        node.terminate()
    return {"listening_ms": 1e3 * (listening - begin), "answer_ms": 1e3 * (answered - begin), "cpu_ms": 1e3 * spent}


def kill_under_writes(folder, base):
    """Leaves what a crash leaves: written, and in no file but logs. What is written is there already."""
    node = nodes.Node(folder, "--log.level", "warn").start()
    for first in range(0, UNSAVED, UNSAVED_BATCH):
        batch = [{"id": str(first + number), "vector": list(vector)}
                 for number, vector in enumerate(read_fvecs(base, first + UNSAVED_BATCH)[first:])]
        answer = node.request("POST", f"/api/v1/collections/{COLLECTION}/documents", {"documents": batch})
        if answer.status != 200:
            raise SystemExit(f"refused: {answer}")
    node.kill()


def answers(node, request, right):
    if request is None:
        return node.get("/ready").status == 200
    answer = node.request("POST", SEARCH, request.partition(b"\r\n\r\n")[2])
    return answer.status == 200 and ids(answer.json()) == right


def memory(full, empty, requests, rows):
    """Bytes a vector of a node that has taken its graph into memory and has searched, less those of an empty one."""
    with running(full) as node, running(empty) as bare:
        settle(node)
        ask(node, requests)
        settle(node)
        loaded, without = resident(node.process.pid), resident(bare.process.pid)
    say(f"resident: {loaded}, of an empty node: {without}")
    return {"own_bytes": (loaded["RssAnon"] + loaded["RssShmem"] - without["RssAnon"] - without["RssShmem"]) / rows,
            "mapped_bytes": (loaded["RssFile"] - without["RssFile"]) / rows}


def settle(node):
    """Until its memory has not changed by a percent for a while."""
    end, since, before = time.monotonic() + SETTLE_LIMIT_S, time.monotonic(), 0
    while time.monotonic() < end and time.monotonic() - since < SETTLED_S:
        now = resident(node.process.pid)["RssAnon"]
        if abs(now - before) > before / 100:
            before, since = now, time.monotonic()
        time.sleep(0.1)


def show_open(figures):
    print(table(("vectors", "tail", "start to answer ms", "empty node, start to ready ms", "more",
                 "after kill -9, start to ready ms", "CPU ms", "empty CPU ms", "own bytes/vector", "mapped"),
                [(figures["size"], f"{figures['tail']:.0f}", *(f"{value:.0f}" for value in (
                    figures["answer_ms"], figures["empty_answer_ms"], figures["answer_ms"] - figures["empty_answer_ms"],
                    figures["killed_ready_ms"],
                    figures["cpu_ms"], figures["empty_cpu_ms"], figures["own_bytes"], figures["mapped_bytes"])))]))


# --- shards ---------------------------------------------------------------------------------------

def sharding(arguments, folder):
    base, query = made(arguments.make, folder, arguments.size)
    queries = read_fvecs(query, arguments.queries)
    with contextlib.ExitStack() as stack:
        servers, builds = [], {}
        for shards in arguments.shards:
            data = folder / f"shards-{shards}-{arguments.size}"
            node = stack.enter_context(running(data))
            builds[shards] = build_costs(node, base, shards, data)
            requests = {ef: [request_bytes(SEARCH, node_body(one, f'"ef":{ef}')) for one in queries]
                        for ef in http_contest.EFS}
            servers.append(http_contest.Server(str(shards), node.process.pid, node.host, node.port, requests))
        one = servers[0]
        truth = exact_answers(one, queries)
        http_contest.contest(servers, truth, arguments)
    rows = [shard_row(server, servers[0], connections, wanted, arguments.rounds, builds)
            for connections in arguments.connections for wanted in http_contest.RECALLS for server in servers]
    return {"size": arguments.size, "rounds": arguments.rounds, **machine(), "rows": rows}


def build_costs(node, base, shards, data):
    """Seconds and processor time from the first document to the last step of the index; kept beside the data."""
    note = data.with_suffix(".json")
    before, begin = cpu_s(node.process.pid), time.monotonic()
    if fill(node, base, shards) is None and note.exists():
        wait_built(node)
        return json.loads(note.read_text("utf-8"))
    wait_built(node)
    costs = {"built_s": time.monotonic() - begin, "built_cpu_s": cpu_s(node.process.pid) - before}
    note.write_text(json.dumps(costs), "utf-8")
    return costs


def shard_row(server, first, connections, wanted, rounds, builds):
    times = [server.time_at(connections, wanted, number) for number in range(rounds)]
    alone = [first.time_at(connections, wanted, number) for number in range(rounds)]
    reached = None not in times and None not in alone
    ef = next((ef for ef in http_contest.EFS if server.recalls[ef] >= wanted), None)
    return {"shards": int(server.name), "connections": connections, "recall": wanted, "ef": ef,
            "us": median(times) if reached else None, "p50_ms": ef and median(server.p50[connections, ef]),
            "ratio": median([mine / one for mine, one in zip(times, alone)]) if reached else None,
            **builds[int(server.name)]}


def show_shards(figures):
    print(table(("shards", "connections", "recall@10", "ef", "CPU us", "of one shard's", "p50 ms", "built s", "CPU s"),
                [(row["shards"], row["connections"], row["recall"], row["ef"], f"{row['us'] or 0:.0f}",
                  f"{row['ratio'] or 0:.2f}", f"{row['p50_ms'] or 0:.2f}", f"{row['built_s']:.0f}",
                  f"{row['built_cpu_s']:.0f}") for row in figures["rows"]]))


# --- ingest ---------------------------------------------------------------------------------------

class Writer:
    """Streams documents in batches at a rate until it is told to stop."""

    BATCH = 100

    def __init__(self, node, vectors, rate):
        self.node, self.rate = node, rate
        self.vectors = vectors  # an iterator: what one phase has written, the next does not write again
        self.written = 0

    def bodies(self):
        while batch := list(itertools.islice(self.vectors, self.BATCH)):
            documents = ",".join(f'{{"id":"new-{number}","vector":{numbers(vector)}}}' for number, vector in batch)
            yield f'{{"documents":[{documents}]}}', len(batch)

    def write(self, limit=None, stop=None):
        """At once as far as `limit`, at the rate until `stop`."""
        connection = http.client.HTTPConnection(self.node.host, self.node.port, timeout=60)
        begin, count = time.monotonic(), 0
        for body, size in self.bodies():
            connection.request("POST", f"/api/v1/collections/{COLLECTION}/documents", body,
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise SystemExit(f"a write failed: {answer.status} {answer.read()[:300]}")
            answer.read()
            count += size
            if limit and count >= limit or stop and stop.wait(max(0, begin + count / self.rate - time.monotonic())):
                break
        connection.close()
        self.written += count


def searches(node, arguments, seconds):
    got = json.loads(mosaic("bench", COLLECTION, "--mode", "vector", "--ef", arguments.ef, "--rate", arguments.rate,
                            "--connections", 16, "--duration", f"{seconds}s", "--warmup", "500ms", "--seed", 1, "--json",
                            "--url", node.url, limit_s=seconds + 60))
    if got["errors"]:
        raise SystemExit(f"{got['errors']} searches failed")
    return got["latency_ms"]


def beside_writes(node, writer, arguments):
    stop = threading.Event()
    thread = threading.Thread(target=writer.write, kwargs={"stop": stop})
    thread.start()
    try:
        return searches(node, arguments, arguments.seconds)
    finally:
        stop.set()
        thread.join()


def ingesting(arguments, folder):
    rows, dimension = map(int, arguments.size.split("x"))
    base, _ = made(arguments.make, folder, f"{3 * rows}x{dimension}")
    first = folder / f"first-{arguments.size}.fvecs"
    with open(base, "rb") as source:
        first.write_bytes(source.read(rows * 4 * (dimension + 1)))
    rounds = []
    with tempfile.TemporaryDirectory(prefix="mosaic-ingest-") as data, running(pathlib.Path(data) / "data") as node:
        fill(node, first)
        wait_built(node)
        writer = Writer(node, itertools.islice(enumerate(read_fvecs(base)), rows, None), arguments.write_rate)
        for number in range(arguments.rounds):
            rounds.append(ingest_round(node, writer, arguments))
            say(f"round {number + 1} of {arguments.rounds}: " + ", ".join(
                f"{name} p99 {latency['p99']:.1f} ms" for name, latency in rounds[-1].items()))
    phases = {name: {p: median([one[name][p] for one in rounds]) for p in ("p50", "p95", "p99")} for name in rounds[0]}
    return {"size": arguments.size, "rounds": arguments.rounds, **machine(), "rate": arguments.rate,
            "write_rate": arguments.write_rate, "phases": phases,
            "ratios": {name: median([one[name]["p99"] / one["idle"]["p99"] for one in rounds]) for name in phases}}


def ingest_round(node, writer, arguments):
    """Nothing else, then writes, then writes while the indexer works, which needs a tail of a fifth first."""
    wait_built(node)
    latencies = {"idle": searches(node, arguments, arguments.seconds),
                 "writes": beside_writes(node, writer, arguments)}
    graph, tail = shard_sizes(node)[0]
    if not waits(graph, tail):
        writer.write(limit=graph / 5 - tail + Writer.BATCH)
    latencies["writes and indexer"] = beside_writes(node, writer, arguments)
    return latencies


def show_ingest(figures):
    print(table(("beside searches", "p50 ms", "p95 ms", "p99 ms", "p99 against idle"),
                [(name, *(f"{latency[p]:.2f}" for p in ("p50", "p95", "p99")), f"{figures['ratios'][name]:.2f}")
                 for name, latency in figures["phases"].items()]))


WHAT = {"open": (opening, show_open), "shards": (sharding, show_shards), "ingest": (ingesting, show_ingest)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("--make", required=True, help="the program make_vectors")
    parser.add_argument("--size", help="ROWSxDIMENSION [1000000x128 for open, else 100000x128]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=500, help="of shards, at most")
    parser.add_argument("--shards", type=int, nargs="+", default=(1, 2, 4, 8))
    parser.add_argument("--connections", type=int, nargs="+", default=(1, 8), help="of shards")
    parser.add_argument("--rate", type=int, default=100, help="of ingest: searches per second, due at fixed times")
    parser.add_argument("--write-rate", type=int, default=1_000, help="of ingest: documents per second")
    parser.add_argument("--ef", type=int, default=100, help="of ingest")
    parser.add_argument("--seconds", type=int, default=10, help="of ingest: each phase")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for vectors and data")
    parser.add_argument("--json", type=pathlib.Path, help="a file for the numbers")
    arguments = parser.parse_args()
    arguments.size = arguments.size or SIZES[arguments.what]
    measure, show = WHAT[arguments.what]
    with tempfile.TemporaryDirectory(prefix="mosaic-index-") as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(arguments, folder)
    keep(arguments.json, figures)
    show(figures)


if __name__ == "__main__":
    main()
