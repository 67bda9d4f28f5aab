#!/usr/bin/env python3
"""Runs index_bench over several sets of vectors and writes the tables and plots of docs/benchmarks/index.md.

    index_report.py --bench build/bench/load/index_bench [--data FOLDER] [--sizes 100000x128 ...]
                    [--reports FOLDER] [--graphs FOLDER] [--out docs/benchmarks]

FOLDER of --data holds sets of real vectors, each a folder with base.fvecs and query.fvecs, plain or gzipped:
mnist10k (l2), glove25 and packages (cosine; embed_packages.py makes the last); those that are there are measured.
With --reports the numbers are kept as JSON, and a set whose file is already there is not measured again; what
http_contest.py and index_node.py left there (http.json, open*.json, shards.json, ingest.json) goes onto the page, too.
With --graphs built graphs are kept. Other libraries than hnswlib are built slowly, so they join only in sets of at
most --peers-rows vectors. Needs Python's standard library alone.
"""

import argparse
import json
import math
import pathlib
import shlex
import subprocess
import sys
import tempfile
from html import escape

from bar_chart import STYLE, bar_chart
from index_pages import node_sections, targets
from vector_nodes import machine, table

SIZES = ["100000x128", "200000x384", "200000x768"]
REAL = {"mnist10k": "l2", "glove25": "cosine", "packages": "cosine"}
ROWS_OF = {"mnist10k": 9_500, "glove25": 11_425, "packages": 62_936}
LIMIT_S = 3600
COLORS = ("#5794f2", "#ff9830", "#73bf69", "#b877d9", "#e05f5f", "#2fb5b0", "#888888")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 70, 20, 64, 48
RECALL_MIN = 0.8  # of what a plot shows: nobody wants less


# --- measuring ------------------------------------------------------------------------------------

def sets_of_vectors(args):
    """(name, rows, arguments of index_bench) of each set."""
    for name, metric in REAL.items() if args.data else ():
        files = [next((args.data / name).glob(f"{part}.fvecs*"), None) for part in ("base", "query")]
        if None in files:
            print(f"no {name} in {args.data}: left out", flush=True)
            continue
        yield name, ROWS_OF[name], ["--base", files[0], "--query", files[1], "--metric", metric]
    for size in args.sizes:
        rows, dimension = size.split("x")
        yield f"clusters-{size}", int(rows), ["--rows", rows, "--dimension", dimension]


def measured(args, name, rows, arguments, folder, further):
    path = folder / f"{name}.json"
    if not path.exists():
        print(f"--- {name}", flush=True)
        more = ["--graphs", args.graphs / name] if args.graphs else []
        more += ["--no-peers"] if rows > args.peers_rows else []
        subprocess.run([args.bench, *map(str, arguments), *more, *further, "--json", path], check=True, timeout=LIMIT_S)
    return json.loads(path.read_text("utf-8"))


# --- plots ----------------------------------------------------------------------------------------

def recall_plot(report):
    """Queries per CPU second, on a logarithmic scale, over recall."""
    curves = {curve["name"]: [(point["recall"], 1e6 / point["us"]) for point in curve["points"]
                              if point["recall"] >= RECALL_MIN] for curve in report["curves"]}
    curves["exact"] = [(1, 1e6 / report["exact_us"])]
    rates = [rate for points in curves.values() for _, rate in points] or [1]
    low, high = math.log10(min(rates)) - 0.05, math.log10(max(rates)) + 0.05

    def x_of(recall):
        return LEFT + (recall - RECALL_MIN) / (1 - RECALL_MIN) * (WIDTH - LEFT - RIGHT)

    def y_of(rate):
        return HEIGHT - BOTTOM - (math.log10(rate) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    title = f"{report['name']}, {report['metric']}: queries per CPU second over recall@10"
    parts = [f'<text class="title" x="10" y="22">{escape(title)}</text>']
    parts += [*recall_grid(x_of), *rate_grid(y_of, low, high)]
    for i, (name, points) in enumerate(curves.items()):
        parts += one_curve(i, name, [(x_of(recall), y_of(rate)) for recall, rate in points])
    return svg(parts)


def recall_grid(x_of):
    for step in range(5):
        recall = RECALL_MIN + step * (1 - RECALL_MIN) / 4
        yield line(x_of(recall), TOP, x_of(recall), HEIGHT - BOTTOM)
        yield f'<text x="{x_of(recall):.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{recall:.2f}</text>'


def rate_grid(y_of, low, high):
    for exponent in range(math.floor(low), math.ceil(high) + 1):
        for factor in (1, 2, 5):
            rate = factor * 10 ** exponent
            if low <= math.log10(rate) <= high:
                yield line(LEFT, y_of(rate), WIDTH - RIGHT, y_of(rate))
                yield f'<text x="{LEFT - 8}" y="{y_of(rate) + 4:.0f}" text-anchor="end">{rate:,.0f}</text>'


def line(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#888" stroke-opacity=".3"/>'


def one_curve(i, name, points):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{COLORS[i]}" stroke-width="2.5"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLORS[i]}"/>' for x, y in points)
    x = LEFT + 95 * i
    yield f'<rect x="{x}" y="36" width="12" height="12" fill="{COLORS[i]}"/>'
    yield f'<text x="{x + 18}" y="47">{escape(name)}</text>'


def svg(parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}">{STYLE}' + "".join(parts) + "</svg>\n")


def cost_charts(reports, folder):
    """What is built per CPU second and kept per vector, as bars."""
    bar_chart(folder, "index-build", "Vectors built into a graph per CPU second",
              {report["name"]: {"mosaic": report["build"]["mosaic"], "hnswlib": report["build"]["hnswlib"]}
               for report in reports})
    bar_chart(folder, "index-memory", "Bytes of memory per vector",
              {report["name"]: {"mosaic": report["bytes_per_vector"]["mosaic_own"],
                                "hnswlib": report["bytes_per_vector"]["hnswlib_own"]} for report in reports})
    bar_chart(folder, "index-open", "Milliseconds from the file to the first answer",
              {report["name"]: {"mosaic": report["open_ms"]} for report in reports})


# --- text -----------------------------------------------------------------------------------------

def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def search_table(reports, peers):
    rows = [[report["name"], report["metric"], one["recall"], one["peer"], number(one["mosaic_us"]),
             number(one["peer_us"]), f"**{one['ratio']:.2f}**", number(report["exact_us"])]
            for report in reports for one in report.get("ratios", []) if (one["peer"] == "hnswlib") != peers]
    return table(["vectors", "metric", "recall@10", "against", "mosaic us", "its us", "ratio", "exact us"], rows)


def cost_table(reports):
    rows = []
    for report in reports:
        build, size = report["build"], report["bytes_per_vector"]
        rows.append([report["name"], number(build["mosaic"]), number(build["hnswlib"]),
                     f"**{build['mosaic'] / build['hnswlib']:.2f}**", f"{report['open_ms']:.1f}",
                     number(report["hot_ms"]), number(size["file"]), number(size["mosaic_own"]),
                     number(size["mosaic_mapped"]), number(size["hnswlib_own"])])
    return table(["vectors", "mosaic adds/s", "hnswlib adds/s", "ratio", "open ms", "hot after ms", "file", "own memory",
                  "mapped", "hnswlib memory"], rows)


def peers_text(reports):
    others = search_table(reports, True)
    absent = reports[0]["absent"]
    text = f"Not installed where this ran, and so not measured: {', '.join(absent)}.\n" if absent else ""
    if any(one["peer"] != "hnswlib" for report in reports for one in report.get("ratios", [])):
        text += f"""
Other libraries, over the smaller sets, as they build slowly: `faiss` is Debian's 1.7.3, built for any x86-64 without AVX and
so no match for the others; `-sq8` and `-i8` have 8-bit codes and measure 20 candidates again by float32, as the index
does. usearch is in no Debian package: its headers and kernels are given to CMake by hand.

{others}"""
    return text


def filter_table(report):
    rows = [[cost["kind"], f"{cost['share']:.2%}", f"{cost['recall']:.3f}", number(cost["us"]),
             number(cost["unfiltered_us"]), number(cost["exact_us"]),
             f"{cost['us'] / min(cost['unfiltered_us'], cost['exact_us']):.2f}", cost["way"]]
            for cost in report["filters"]]
    return table(["filter", "matches", "recall", "us", "unfiltered us", "exact us", "of the better", "way"], rows)


def page(reports, command, folder, plots):
    first, cores = reports[0], machine()["cores"]
    text = f"""# The index, measured

Written by `bench/index_report.py`: {first["cpu"]}, one core, {first["kernels"]} kernels, {first["quantization"]}
codes, m {first["m"]}, ef_construction {first["ef_construction"]}, medians of {first["rounds"]} rounds in which the
methods took turns. The machine was a virtual one with {cores} cores, shared with other programs and noisy: times are processor time
wherever nothing else is said, and ratios mean more than numbers.

```sh
cmake --preset release -B build/bench -DMOSAIC_BENCH=ON && cmake --build build/bench
export MOSAIC_BINARY=$PWD/build/bench/mosaic MAKE=build/bench/load/make_vectors
bench/embed_packages.py PACKAGES.jsonl.gz FOLDER/packages
bench/http_contest.py --bare build/bench/load/bare_server --make $MAKE --json REPORTS/http.json
bench/index_node.py open --make $MAKE --json REPORTS/open-1m.json
bench/index_node.py open --make $MAKE --size 200000x384 --json REPORTS/open-200k.json
bench/index_node.py shards --make $MAKE --json REPORTS/shards.json
bench/index_node.py ingest --make $MAKE --json REPORTS/ingest.json
{command}
```

## Targets

{targets(reports, folder)}
## Search

CPU time per query where the curves reach a recall, without filters. hnswlib is that of the distribution over
float32, compiled for this CPU; `exact` compares the query with every float32 vector.

{search_table(reports, False)}
{peers_text(reports)}
"""
    for report in reports:
        text += f"![{report['name']}](index-{slug(report)}.svg)\n"
    text += f"""
## Building, opening, memory

Adds per CPU second, with the file written, ours synced, too; graphs kept by --graphs keep the rates of the run that built them. `open` is from a file in the page cache to the first
answer. The rest is bytes per vector: the file; memory of a process that opened it, took its links and codes into
memory and searched; pages of the file that it touched, which the system takes back when it needs them; and the memory of
one that loaded hnswlib's index.

{cost_table(reports)}
![vectors built per CPU second](index-build.svg)
![bytes of memory per vector](index-memory.svg)
![milliseconds to the first answer](index-open.svg)
"""
    for report in (report for report in reports if report.get("filters")):
        text += f"""
## Filters: {report["name"]}

ef {report["filter_ef"]}. `near` matches the rows nearest to the query, `far` those farthest from it. `of the better`: the
time over that without a filter or that of an exact scan of the matches, whichever is less.

{filter_table(report)}"""
    return text + node_sections(folder, plots)


def slug(report):
    return report["name"].replace(" ", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program index_bench")
    parser.add_argument("--data", type=pathlib.Path, help="folder of sets of real vectors")
    parser.add_argument("--sizes", nargs="*", default=SIZES, help="ROWSxDIMENSION of generated vectors")
    parser.add_argument("--peers-rows", type=int, default=20_000, help="most vectors for libraries beside hnswlib")
    parser.add_argument("--reports", type=pathlib.Path, help="folder for the numbers as JSON")
    parser.add_argument("--graphs", type=pathlib.Path, help="folder that keeps built graphs")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/benchmarks"))
    args, further = parser.parse_known_args()  # what is left goes to index_bench
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.reports or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reports = [measured(args, *one, folder, further) for one in sets_of_vectors(args)]
        if not reports:
            sys.exit("nothing to measure")
        args.out.mkdir(parents=True, exist_ok=True)
        for report in reports:
            (args.out / f"index-{slug(report)}.svg").write_text(recall_plot(report), "utf-8")
        cost_charts(reports, args.out)
        command = "bench/index_report.py --bench build/bench/load/index_bench --reports REPORTS"
        command += " --data FOLDER" if args.data else ""
        command += " --sizes " + " ".join(args.sizes) if args.sizes else " --sizes"
        command += " " + shlex.join(further) if further else ""
        (args.out / "index.md").write_text(page(reports, command, folder, args.out), "utf-8")


if __name__ == "__main__":
    main()
