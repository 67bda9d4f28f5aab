#!/usr/bin/env python3
"""What a whole search over HTTP costs the server: a node against the least that a team would write.

    bench/http_contest.py --bare build/bench/load/bare_server --make build/bench/load/make_vectors

MOSAIC_BINARY names the node's program. The peer is bare_server.cpp: hnswlib over float32 compiled for this CPU, behind
Boost.Beast, once with simdjson and once with nlohmann-json. All hold the same vectors and get the same queries as JSON
over connections that are kept; per round they take turns at every ef. Counted is the processor time of the server,
all its threads, not of the client; servers are compared where their curves reach a recall.
"""

import argparse
import contextlib
import json
import pathlib
import select
import subprocess
import tempfile

from vector_nodes import (K, SEARCH, Client, cpu_s, exact_answers, fill, keep, machine, made, median, node_body,
                          numbers, read_fvecs, recall, request_bytes, running, say, table, time_at, wait_built)

EFS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448)
RECALLS = (0.95, 0.99)
JSON_LIBRARIES = ("simdjson", "nlohmann")
BUILD_LIMIT_S = 1800
STOP_LIMIT_S = 10


@contextlib.contextmanager
def bare_server(program, base, graph, library):
    say(f"starting the bare server with {library}" + ("" if graph.exists() else ": it builds its graph first"))
    process = subprocess.Popen([program, base, graph, "--json", library], stdout=subprocess.PIPE, text=True)
    try:
        if not select.select([process.stdout], [], [], BUILD_LIMIT_S)[0]:
            raise SystemExit(f"the bare server does not listen within {BUILD_LIMIT_S} s")
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit("the bare server does not start")
        yield process.pid, *line.rsplit("/", 1)[1].strip().split(":")
    finally:
        process.terminate()
        process.wait(STOP_LIMIT_S)


class Server:
    def __init__(self, name, pid, host, port, requests):
        self.name, self.pid, self.host, self.port = name, pid, host, port
        self.requests = requests  # {ef: [bytes]}
        self.recalls = {}
        self.us = {}  # {(connections, ef): [by round]}
        self.p50 = {}

    def run(self, connections, ef, truth):
        client = Client(self.host, self.port, connections)
        requests = self.requests[ef]
        client.ask(requests[:2 * connections])
        begin = cpu_s(self.pid)
        answers = client.ask(requests)
        spent = cpu_s(self.pid) - begin
        client.close()
        self.us.setdefault((connections, ef), []).append(1e6 * spent / len(requests))
        self.p50.setdefault((connections, ef), []).append(1e3 * median([took for _, took in answers]))
        if ef not in self.recalls:
            self.recalls[ef] = recall(answers, truth)

    def time_at(self, connections, wanted, number):
        return time_at([(self.recalls[ef], self.us[connections, ef][number]) for ef in EFS], wanted)


def contest(servers, truth, arguments):
    for number in range(arguments.rounds):
        say(f"round {number + 1} of {arguments.rounds}")
        for connections in arguments.connections:
            for ef in EFS:
                for turn in range(len(servers)):
                    servers[(turn + number) % len(servers)].run(connections, ef, truth)


def compare(servers, connections, wanted, rounds):
    """Of each bare server against the node: medians of the rounds."""
    node = [servers[0].time_at(connections, wanted, number) for number in range(rounds)]
    for server in servers[1:]:
        bare = [server.time_at(connections, wanted, number) for number in range(rounds)]
        if None in node or None in bare:
            say(f"recall {wanted} is not reached by both")
            continue
        yield {"connections": connections, "recall": wanted, "peer": server.name, "mosaic_us": median(node),
               "peer_us": median(bare), "ratio": median([theirs / ours for ours, theirs in zip(node, bare)])}


def figures_of(servers, arguments, base):
    ratios = [one for connections in arguments.connections for wanted in RECALLS
              for one in compare(servers, connections, wanted, arguments.rounds)]
    curves = [{"name": server.name, "connections": connections,
               "points": [{"ef": ef, "recall": server.recalls[ef], "us": median(server.us[connections, ef]),
                           "p50_ms": median(server.p50[connections, ef])} for ef in EFS]}
              for connections in arguments.connections for server in servers]
    name = base.parent.name if base.name == "base.fvecs" else base.stem
    return {"name": name, **machine(), "rounds": arguments.rounds, "ratios": ratios, "curves": curves}


def bodies(queries, ef):
    return ([request_bytes(SEARCH, node_body(query, f'"ef":{ef}')) for query in queries],
            [request_bytes("/", f'{{"vector":{numbers(query)},"k":{K},"ef":{ef}}}') for query in queries])


def measure(arguments, folder):
    base, query = arguments.base, arguments.query
    if not base:
        base, query = made(arguments.make, folder, arguments.size)
    queries = read_fvecs(query, arguments.queries)
    requests = {ef: bodies(queries, ef) for ef in EFS}
    with contextlib.ExitStack() as stack:
        name = base.parent.name if base.name == "base.fvecs" else base.stem
        node = stack.enter_context(running(folder / f"http-{name}"))
        fill(node, base)
        wait_built(node)
        truth = exact_answers(node, queries)
        servers = [Server("mosaic", node.process.pid, node.host, node.port,
                          {ef: both[0] for ef, both in requests.items()})]
        graph = arguments.graph or folder / f"{name}.hnswlib"
        for library in arguments.json_libraries:
            process = stack.enter_context(bare_server(arguments.bare, base, graph, library))
            servers.append(Server(library, *process, {ef: both[1] for ef, both in requests.items()}))
        contest(servers, truth, arguments)
    return figures_of(servers, arguments, base)


def show(figures):
    print(table(("connections", "recall@10", "mosaic us", "peer", "peer us", "ratio"),
                [(one["connections"], one["recall"], f"{one['mosaic_us']:.0f}", f"bare, {one['peer']}",
                  f"{one['peer_us']:.0f}", f"{one['ratio']:.2f}") for one in figures["ratios"]]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bare", required=True, help="the program bare_server")
    parser.add_argument("--make", help="the program make_vectors")
    parser.add_argument("--size", default="200000x384", help="ROWSxDIMENSION of generated vectors")
    parser.add_argument("--base", type=pathlib.Path, help="an .fvecs file in the place of generated vectors")
    parser.add_argument("--query", type=pathlib.Path, help="queries for --base")
    parser.add_argument("--queries", type=int, default=500, help="queries at most")
    parser.add_argument("--graph", type=pathlib.Path, help="hnswlib's file for the vectors; made if it is not there")
    parser.add_argument("--json-libraries", nargs="+", choices=JSON_LIBRARIES, default=JSON_LIBRARIES)
    parser.add_argument("--connections", type=int, nargs="+", default=(1, 8))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for vectors, graphs and the node's data: a second "
                        "run builds nothing")
    parser.add_argument("--json", type=pathlib.Path, help="a file for the numbers")
    arguments = parser.parse_args()
    if not (arguments.make or arguments.base and arguments.query):
        parser.error("give --make, or --base and --query")
    with tempfile.TemporaryDirectory(prefix="mosaic-http-") as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(arguments, folder)
    keep(arguments.json, figures)
    show(figures)


if __name__ == "__main__":
    main()
