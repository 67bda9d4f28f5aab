#!/usr/bin/env python3
"""Measures nodes of its own under load and prints Markdown tables: docs/benchmarks says what they mean.

    bench/node_bench.py layers PACKAGES.jsonl.gz LINKS.tsv.gz    what the core, the actors and HTTP cost a search
    bench/node_bench.py ingest PACKAGES.jsonl.gz LINKS.tsv.gz    import, and searches while it goes on
    bench/node_bench.py vectors                                  dimensions x shards, exact scan
    bench/node_bench.py connections PACKAGES.jsonl.gz            10,000 idle connections beside 500 active ones

MOSAIC_BINARY names the program, MOSAIC_LAYERS_BENCH the layers_bench beside it (built with
-DMOSAIC_BENCH=ON). --plots FOLDER draws what is worth looking at. Rounds take turns; figures are medians.
"""

import argparse
import array
import contextlib
import gzip
import json
import os
import pathlib
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from bar_chart import bar_chart

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "system"))
import node as nodes  # noqa: E402

MODES = ("text", "vector", "hybrid")
IN_FLIGHT = (1, 16)
COLLECTION = "packages"


@contextlib.contextmanager
def running(folder, *flags):
    node = nodes.Node(folder, "--log.level", "warn", "--search.result_cache_bytes", "0", *flags).start()
    try:
        yield node
    finally:
        if node.running():
            node.terminate()


def mosaic(*arguments, limit_s=600):
    done = subprocess.run([nodes.BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=limit_s,
                          check=False)
    if done.returncode != 0:
        raise SystemExit(f"mosaic {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def import_packages(node, files, collection=COLLECTION):
    links = ["--links", files.links] if files.links else []
    mosaic("import", collection, files.packages, *links, "--create", "--indexed", "section", "--url", node.url)


def bench(node, collection=COLLECTION, **options):
    flags = [part for key, value in options.items()
             for part in ([f"--{key}"] if value is True else [f"--{key}" if len(key) > 1 else f"-{key}", value])]
    return json.loads(mosaic("bench", collection, "--url", node.url, "--json", *flags))


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join(["---"] * len(head)) + " |")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def milliseconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def metric(node, name):
    for line in node.get("/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise SystemExit(f"the node has no metric {name}")


# --- layers ---------------------------------------------------------------------------------------

def titles(packages, count):
    """The queries of every layer: titles of documents spread over the file."""
    with gzip.open(packages, "rt", encoding="utf-8") as lines:
        found = [json.loads(line).get("title", "") for line in lines]
    random.Random(1).shuffle(found)
    return [title.replace("\n", " ") for title in found if title][:count]


def over_http(node, queries, seconds):
    figures = {}
    for mode in MODES:
        for connections in IN_FLIGHT:
            got = bench(node, mode=mode, connections=connections, duration=f"{seconds}s", warmup="300ms",
                        queries=queries, seed=1)
            figures[f"http/{mode}/{connections}"] = {
                "per_s": got["requests_per_s"], "p50_ms": got["latency_ms"]["p50"], "p99_ms": got["latency_ms"]["p99"]}
    return figures


def layers(arguments, folder):
    """Core and engine by layers_bench over the folder that the node has left, then HTTP, round by round."""
    data, queries = folder / "data", folder / "queries.txt"
    queries.write_text("\n".join(titles(arguments.packages, 500)), "utf-8")
    with running(data) as node:
        import_packages(node, arguments)
    rounds = []
    for _ in range(arguments.rounds):
        inside = subprocess.run(
            [os.environ.get("MOSAIC_LAYERS_BENCH", "layers_bench"), data, COLLECTION, queries, "--rounds", "1",
             "--round-ms", str(int(1000 * arguments.seconds))], capture_output=True, text=True, check=True)
        figures = json.loads(inside.stdout)
        with running(data) as node:
            figures |= over_http(node, queries, arguments.seconds)
        rounds.append(figures)

    def median(key, field):
        return statistics.median(figures[key][field] for figures in rounds)
    rows = []
    for mode in MODES:
        for in_flight in IN_FLIGHT:
            for layer in ("core", "engine", "http"):
                key = f"{layer}/{mode}/{in_flight}"
                # The core has no queue: its threads are as many as cores, and their times are no match for
                # those of sixteen that wait for each other.
                times = ("", "") if layer == "core" and in_flight > 1 else (
                    milliseconds(median(key, "p50_ms")), milliseconds(median(key, "p99_ms")))
                rows.append((mode, in_flight, layer, f"{median(key, 'per_s'):,.0f}", *times))
    table(("search", "in flight", "layer", "per second", "p50 ms", "p99 ms"), rows)
    bar_chart(arguments.plots, "layers", "One search at a time, p50 in ms",
              {mode: {layer: median(f"{layer}/{mode}/1", "p50_ms") for layer in ("core", "engine", "http")}
               for mode in MODES})


# --- ingest ---------------------------------------------------------------------------------------

def ingest(arguments, folder):
    with gzip.open(arguments.packages, "rt", encoding="utf-8") as lines:
        documents = sum(1 for _ in lines)
    rows = []
    for shards in (1, 4):
        times = []
        for n in range(arguments.rounds):
            with running(folder / f"data-{shards}-{n}") as node:
                node.put(f"/api/v1/collections/{COLLECTION}", {"shards": shards, "indexed": ["section"]})
                begin = time.monotonic()
                import_packages(node, arguments)
                times.append(time.monotonic() - begin)
        took = statistics.median(times)
        rows.append((shards, f"{took:.1f} s", f"{documents / took:,.0f}"))
    table(("shards", f"{documents:,} documents", "documents per second"), rows)
    print()
    with running(folder / "data-under") as node:
        import_packages(node, arguments)
        alone = bench(node, mode="hybrid", rate=arguments.rate, connections=64, duration="8s", seed=1)
        writer = threading.Thread(target=import_packages, args=(node, arguments, "second"))
        writer.start()
        under = bench(node, mode="hybrid", rate=arguments.rate, connections=64, duration="8s", warmup="500ms", seed=1)
        writer.join()
    table((f"hybrid searches at {arguments.rate}/s", "p50 ms", "p95 ms", "p99 ms", "partial", "errors"),
          [(name, *(milliseconds(got["latency_ms"][p]) for p in ("p50", "p95", "p99")), got["partial"], got["errors"])
           for name, got in (("alone", alone), ("beside an import", under))])


# --- vectors --------------------------------------------------------------------------------------

def write_vectors(path, count, dimension):
    """Random vectors in the fvecs format: the dimension as int32, then the numbers, for each."""
    source = random.Random(dimension)
    with open(path, "wb") as out:
        for _ in range(count):
            out.write(array.array("i", [dimension]).tobytes())
            out.write(array.array("f", [source.random() - 0.5 for _ in range(dimension)]).tobytes())


def vectors(arguments, folder):
    figures = {}
    for dimension in (64, 256, 768):
        file = folder / f"{dimension}.fvecs"
        write_vectors(file, arguments.count, dimension)
        for shards in (1, 2, 4):
            with running(folder / f"data-{dimension}-{shards}") as node:
                node.put("/api/v1/collections/vectors",
                         {"dimension": dimension, "shards": shards, "embedder": "none"})
                mosaic("import", "vectors", file, "--url", node.url)
                for connections in IN_FLIGHT:
                    figures[dimension, shards, connections] = bench(
                        node, "vectors", mode="vector", connections=connections, duration=f"{arguments.seconds}s",
                        warmup="500ms", seed=1)
    rows = [(dimension, shards, milliseconds(figures[dimension, shards, 1]["latency_ms"]["p50"]),
             milliseconds(figures[dimension, shards, 1]["latency_ms"]["p99"]),
             f"{figures[dimension, shards, 16]['requests_per_s']:,.0f}",
             milliseconds(figures[dimension, shards, 16]["latency_ms"]["p99"]))
            for dimension, shards, connections in figures if connections == 1]
    table(("dimensions", "shards", "p50 ms, 1 connection", "p99 ms", "per second, 16 connections", "p99 ms"), rows)
    bar_chart(arguments.plots, "vectors", f"Exact search of {arguments.count:,} vectors: p50 in ms, one at a time",
              {f"{dimension} dimensions": {
                  f"{shards} shard{'s' * (shards > 1)}": figures[dimension, shards, 1]["latency_ms"]["p50"]
                  for shards in (1, 2, 4)} for dimension in (64, 256, 768)})


# --- connections ----------------------------------------------------------------------------------

IDLE_REQUEST = b"GET /health HTTP/1.1\r\nHost: bench\r\n\r\n"


def open_idle(node, count):
    """Connections that have asked once and are kept."""
    kept = []
    for _ in range(count):
        one = socket.create_connection((node.host, node.port), timeout=10)
        one.sendall(IDLE_REQUEST)
        if not one.recv(4096).startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"connection {len(kept)} was refused")
        kept.append(one)
    return kept


def check_health(node, stop, seen):
    """A new connection each time, as a load balancer makes."""
    while not stop.is_set():
        begin = time.monotonic()
        seen.append((node.get("/health").status, 1000 * (time.monotonic() - begin)))
        stop.wait(0.05)


def still_open(sockets):
    """Each is asked again."""
    count = 0
    for one in sockets:
        try:
            one.sendall(IDLE_REQUEST)
            count += one.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            pass
    return count


def connections(arguments, folder):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    load = {"mode": "vector", "connections": 500, "rate": arguments.rate, "duration": "10s", "seed": 1}
    memory = "process_resident_memory_bytes"
    with running(folder / "data", "--http.idle_timeout_s", "600") as node:
        import_packages(node, arguments)
        without = bench(node, **load)
        before = metric(node, memory)
        idle = open_idle(node, arguments.idle)
        after = metric(node, memory)
        stop, seen = threading.Event(), []
        checker = threading.Thread(target=check_health, args=(node, stop, seen))
        checker.start()
        beside = bench(node, **load)
        stop.set()
        checker.join()
        kept = still_open(idle)
    times = sorted(took for _, took in seen)
    print(f"{arguments.idle:,} idle connections: {(after - before) / arguments.idle / 1024:.1f} KiB each, "
          f"{kept:,} still open at the end; "
          f"{len(seen)} health checks on connections of their own, {sum(status != 200 for status, _ in seen)} "
          f"refused, p50 {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms\n")
    table((f"vector searches, 500 connections, {arguments.rate}/s", "p50 ms", "p95 ms", "p99 ms", "errors", "unsent"),
          [(name, *(milliseconds(got["latency_ms"][p]) for p in ("p50", "p95", "p99")), got["errors"], got["unsent"])
           for name, got in (("alone", without), (f"beside {arguments.idle:,} idle ones", beside))])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("layers", "ingest", "vectors", "connections"))
    parser.add_argument("packages", nargs="?", help="a JSONL file of documents with titles, .gz")
    parser.add_argument("links", nargs="?", help="their links")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of one measurement")
    parser.add_argument("--rate", type=int, default=100, help="searches per second where the load is open")
    parser.add_argument("--count", type=int, default=20_000, help="vectors")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections")
    parser.add_argument("--plots", type=pathlib.Path, help="folder for plots")
    arguments = parser.parse_args()
    if arguments.what != "vectors" and not arguments.packages:
        parser.error(f"{arguments.what} needs PACKAGES")
    with tempfile.TemporaryDirectory(prefix="mosaic-load-") as folder:
        globals()[arguments.what](arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
