#!/usr/bin/env python3
"""Documents per second that are safe on disk when they are answered.

    bench/durable_upserts.py --peer build/bench/load/durable_peer --load build/bench/load/overload_bench \\
        [--before OTHER/mosaic] [--rounds 3] [--seconds 5]

MOSAIC_BINARY names the node's program; --before an older one. Documents have 384 dimensions and 60 words. All of a round
take turns: the node over HTTP, the node of before, and SQLite alone (synchronous=FULL, one connection, no HTTP and no
JSON), which inserts the same into one table with full text and vectors. Medians over the rounds, and their ratios.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))
import node as nodes  # noqa: E402

CASES = [(clients, batch) for batch in (1, 100, 1000) for clients in (1, 16, 64)]
# Enough that none comes twice: an upsert of what is there already is more work than an insert.
BODIES = {1: 60_000, 100: 600, 1000: 100}
DIMENSION = 384
BODY_BYTES_MAX = str(64 << 20)


def say(line):
    print(line, file=sys.stderr, flush=True)


def node_rate(program, load, folder, bodies, clients, batch, seconds):
    """Documents per second of a fresh node."""
    nodes.BINARY = program
    node = nodes.Node(folder / "data", "--http.body_bytes_max", BODY_BYTES_MAX).start()
    try:
        nodes.Collection(node, "docs").make(dimension=DIMENSION, embedder="none")
        out = subprocess.run([load, "--url", node.url, "--path", "/api/v1/collections/docs/documents", "--body", bodies,
                              "--closed", str(clients), "--seconds", str(seconds)],
                             capture_output=True, text=True, check=True).stdout
        rows = {line.split()[0]: line.split() for line in out.splitlines() if line.split()}
        other = [status for status in rows if status.isdigit() and status != "200"]
        if other:
            say(f"  answers of status {', '.join(other)} among them")
        return float(rows["200"][2]) * batch
    finally:
        node.kill()


def sqlite_rate(peer, folder, clients, batch, seconds):
    out = subprocess.run([peer, "sqlite", folder / "alone.db", str(batch), str(clients), str(seconds)],
                         capture_output=True, text=True, check=True).stdout
    return float(out)


def contest(arguments, bodies):
    now, before = os.environ.get("MOSAIC_BINARY", "build/release/mosaic"), arguments.before
    contestants = {"now": now, **({"before": before} if before else {}), "sqlite": None}
    rates = {}
    for number in range(arguments.rounds):
        for clients, batch in CASES:
            for name, program in contestants.items():
                with tempfile.TemporaryDirectory(prefix="mosaic-", dir=arguments.folder) as folder:
                    folder = pathlib.Path(folder)
                    if program:
                        rate = node_rate(program, arguments.load, folder, bodies[batch], clients, batch, arguments.seconds)
                    else:
                        rate = sqlite_rate(arguments.peer, folder, clients, batch, arguments.seconds)
                rates.setdefault((clients, batch), {}).setdefault(name, []).append(rate)
            say(f"round {number + 1}: {clients} clients, batches of {batch}: "
                + ", ".join(f"{name} {found[-1]:.0f}/s" for name, found in rates[clients, batch].items()))
    return rates


def report(rates):
    print("| clients | batch | documents/s | against before | against SQLite alone |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for (clients, batch), found in rates.items():
        medians = {name: statistics.median(values) for name, values in found.items()}
        before = f"{medians['now'] / medians['before']:.2f}x" if "before" in medians else ""
        print(f"| {clients} | {batch} | {medians['now']:,.0f} | {before} | {medians['now'] / medians['sqlite']:.2f}x |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--before")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", help="on the disk to measure [the system's temporary folder]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mosaic-") as made:
        bodies = {}
        for batch, count in BODIES.items():
            bodies[batch] = pathlib.Path(made) / f"{batch}.json"
            with open(bodies[batch], "wb") as file:
                subprocess.run([arguments.peer, "bodies", str(count), str(batch)], stdout=file, check=True)
        report(contest(arguments, bodies))


if __name__ == "__main__":
    main()
