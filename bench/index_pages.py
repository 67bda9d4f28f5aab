"""The parts of docs/benchmarks/index.md that need no index_bench: what http_contest.py and index_node.py have measured,
and which targets are reached.
"""

import json

from bar_chart import bar_chart
from vector_nodes import table

SEARCH_TARGETS = {"128": 3.5, "384": 4, "768": 4}
HTTP_TARGET, BUILD_TARGET, OPEN_TARGET_MS, BYTES_TARGET, INGEST_TARGET = 3.5, 2.5, 20, 600, 3
FILTER_RECALL, FILTER_TARGET = 0.95, 2


def reports_named(folder, pattern):
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob(pattern))]


def first_of(folder, name):
    return next(iter(reports_named(folder, name)), None)


# --- targets --------------------------------------------------------------------------------------

def targets(reports, folder):
    rows = [*search_targets(reports), *http_targets(folder), *build_targets(reports), *open_targets(reports, folder),
            *memory_targets(reports, folder), *filter_targets(reports), *ingest_targets(folder)]
    return table(["what", "target", "measured", ""],
                 [[what, target, value, "reached" if good else "**missed**"] for what, target, value, good in rows])


def generated(report):
    return report["name"].startswith("clusters")


def search_targets(reports):
    for report in filter(generated, reports):
        target = SEARCH_TARGETS.get(str(report["dimension"]))
        for one in report.get("ratios", []):
            if target and one["peer"] == "hnswlib":
                yield (f"search, {report['name']}, recall {one['recall']}, against hnswlib", f"{target}x",
                       f"{one['ratio']:.2f}x", one["ratio"] >= target)


def http_targets(folder):
    report = first_of(folder, "http.json")
    for one in report["ratios"] if report else ():
        if one["connections"] == max(each["connections"] for each in report["ratios"]):
            yield (f"whole HTTP search, recall {one['recall']}, against a bare server with {one['peer']}",
                   f"{HTTP_TARGET}x", f"{one['ratio']:.2f}x", one["ratio"] >= HTTP_TARGET)


def build_targets(reports):
    for report in filter(generated, reports):
        ratio = report["build"]["mosaic"] / report["build"]["hnswlib"]
        yield f"build, {report['name']}", f"{BUILD_TARGET}x", f"{ratio:.2f}x", ratio >= BUILD_TARGET


def open_targets(reports, folder):
    for report in reports:
        if generated(report) and report["rows"] >= 1_000_000:
            yield (f"open, {report['name']}, the file to the first answer", f"under {OPEN_TARGET_MS} ms",
                   f"{report['open_ms']:.1f} ms", report["open_ms"] < OPEN_TARGET_MS)
    for report in reports_named(folder, "open*.json"):
        if report["size"].startswith("1000000x"):
            more = report["answer_ms"] - report["empty_answer_ms"]
            yield (f"open, {report['size']}, a node's restart to the first right answer, less an empty node's",
                   f"under {OPEN_TARGET_MS} ms", f"{more:.0f} ms", more < OPEN_TARGET_MS)


def memory_targets(reports, folder):
    for report in reports:
        if generated(report) and report["dimension"] == 384:
            value = report["bytes_per_vector"]["mosaic_own"]
            yield (f"memory per vector, {report['name']}, the index alone", f"under {BYTES_TARGET} bytes",
                   f"{value:.0f}", value < BYTES_TARGET)
    for report in reports_named(folder, "open*.json"):
        if report["size"].endswith("x384"):
            yield (f"memory per vector, {report['size']}, a node", f"under {BYTES_TARGET} bytes",
                   f"{report['own_bytes']:.0f}", report["own_bytes"] < BYTES_TARGET)


def filter_targets(reports):
    for report in filter(generated, reports):
        costs = report.get("filters")
        if costs:
            recall = min(cost["recall"] for cost in costs)
            worst = max(cost["us"] / min(cost["unfiltered_us"], cost["exact_us"]) for cost in costs)
            yield (f"filters, {report['name']}, the worst", f"recall {FILTER_RECALL}, {FILTER_TARGET}x the time",
                   f"{recall:.3f}, {worst:.2f}x", recall >= FILTER_RECALL and worst <= FILTER_TARGET)


def ingest_targets(folder):
    report = first_of(folder, "ingest.json")
    for name, ratio in report["ratios"].items() if report else ():
        if name != "idle":
            yield (f"p99 of searches beside {name}, against idle", f"under {INGEST_TARGET}x", f"{ratio:.2f}x",
                   ratio < INGEST_TARGET)


# --- sections -------------------------------------------------------------------------------------

def node_sections(folder, plots):
    return (http_section(folder, plots) + open_section(folder) + shard_section(folder, plots)
            + ingest_section(folder, plots))


def http_section(folder, plots):
    report = first_of(folder, "http.json")
    if report is None:
        return ""
    rows = [[one["connections"], one["recall"], f"{one['mosaic_us']:.0f}", one["peer"], f"{one['peer_us']:.0f}",
             f"**{one['ratio']:.2f}**"] for one in report["ratios"]]
    groups = {}
    for one in report["ratios"]:
        group = groups.setdefault(f"{one['recall']}, {one['connections']} conn.", {})
        group["mosaic"] = one["mosaic_us"]
        group[f"bare, {one['peer']}"] = one["peer_us"]
    bar_chart(plots, "index-http", "Processor time of the server for one search over HTTP, us", groups)
    return f"""
## Whole searches over HTTP: {report["name"]}

A vector as JSON in, hits out, over connections that are kept: microseconds of the server's processor time per search, all its
threads, where the curves reach a recall. Against `bench/bare_server.cpp`: hnswlib over float32 compiled for this CPU, behind
Boost.Beast, with a JSON library, and nothing else. Medians of {report["rounds"]} rounds in which the servers took turns.

{table(["connections", "recall@10", "mosaic us", "JSON library", "bare us", "ratio"], rows)}
![processor time of one search over HTTP](index-http.svg)
"""


def open_section(folder):
    reports = reports_named(folder, "open*.json")
    if not reports:
        return ""
    rows = [[report["size"], *(f"{value:.0f}" for value in (
        report["answer_ms"], report["empty_answer_ms"], report["answer_ms"] - report["empty_answer_ms"],
        report["cpu_ms"] - report["empty_cpu_ms"], report["tail"], report["own_bytes"], report["mapped_bytes"]))]
            for report in reports]
    return f"""
## Restart and memory of a node

From the start of the process to the first right answer over HTTP, files in the page cache, against a node without
collections until it is ready; medians of {reports[0]["rounds"]}. `tail`: vectors that were not in the graph's file and come from the shard
file. Memory after the graph was taken into memory and 500 searches, less that of the empty node, per vector: `own` is the
node's, `mapped` are pages of files, which the system takes back when it needs them.

{table(["vectors", "first answer ms", "empty ms", "more ms", "more CPU ms", "tail", "own bytes", "mapped bytes"], rows)}"""


def shard_section(folder, plots):
    report = first_of(folder, "shards.json")
    if report is None:
        return ""
    rows = [[row["shards"], row["connections"], row["recall"], row["ef"] or "none", rounded(row["us"], "{:.0f}"),
             rounded(row["ratio"], "**{:.2f}**"), rounded(row["p50_ms"], "{:.2f}"), f"{row['built_s']:.0f}",
             f"{row['built_cpu_s']:.0f}"] for row in report["rows"]]
    groups = {}
    for row in report["rows"]:
        if row["connections"] == 1 and row["us"]:
            groups.setdefault(f"{row['shards']} shards", {})[f"recall {row['recall']}"] = row["us"]
    whole = {name: bars for name, bars in groups.items() if len(bars) == len(next(iter(groups.values())))}
    bar_chart(plots, "index-shards", "Processor time of one search by shards, us, one connection", whole)
    return f"""
## What shards cost: {report["size"]}

The same vectors in nodes of 1 to 8 shards, asked in turn. Processor time of the node per search where the curves reach a
recall; `ef` and p50 are of the first measured point above it. Building includes the import; one thread builds.

{table(["shards", "connections", "recall@10", "ef", "CPU us", "of one shard's", "p50 ms", "built s", "CPU s"], rows)}
![processor time of one search by shards](index-shards.svg)

Every shard walks a graph of its own, and a walk in a graph of half the size costs nearly as much; on top come the messages to
each shard. So keep to one shard until one node is not enough: here even a search that came alone became no faster with more.
"""


def rounded(value, form):
    return "" if value is None else form.format(value)


def ingest_section(folder, plots):
    report = first_of(folder, "ingest.json")
    if report is None:
        return ""
    rows = [[name, *(f"{latency[p]:.2f}" for p in ("p50", "p95", "p99")), f"**{report['ratios'][name]:.2f}**"]
            for name, latency in report["phases"].items()]
    bar_chart(plots, "index-ingest", "Latency of searches beside writes, ms",
              {name: {p: latency[p] for p in ("p50", "p95", "p99")} for name, latency in report["phases"].items()})
    return f"""
## Searches while documents stream in: {report["size"]}

{report["rate"]} searches per second, due at fixed times (open loop), while {report["write_rate"]:,} documents per second are written
by a client on the same {report["cores"]} cores, and while the indexer builds on one of them. Wall time, so other programs on the machine
show; medians of {report["rounds"]} rounds of the three phases, the ratio that of each round.

{table(["beside searches", "p50 ms", "p95 ms", "p99 ms", "p99 against idle"], rows)}
![latency of searches beside writes](index-ingest.svg)
"""
