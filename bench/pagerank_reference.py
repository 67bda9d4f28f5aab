#!/usr/bin/env python3
"""Compares the PageRank of a running node with a plain reference.

The reference knows nothing of the engine: dictionaries, one loop, power iteration down to a change of 1e-14.
Documents come as JSONL with an "id", links as `source<TAB>target<TAB>kind`, both plain or .gz. Import them and
let the node rank the collection beforehand. Exits 1 when the values are further apart than 1e-6 in L1.

    bench/pagerank_reference.py PACKAGES EDGES [--damping D] [--url URL --collection NAME]
"""
import argparse
import gzip
import json
import math
import sys
import urllib.parse
import urllib.request

L1_MAX = 1e-6
CHANGE_MIN = 1e-14
ROUNDS_MAX = 2000
PAGE = 10_000


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield line.rstrip("\n")


def read_links(path, ids):
    """The documents that each document links to; links to or from anything else are left out."""
    targets = {document: set() for document in ids}
    for line in lines(path):
        source, target = line.split("\t")[:2]
        if source in targets and target in targets:
            targets[source].add(target)
    return targets


def pagerank(targets, damping):
    """Values by id, and the rounds it took."""
    count = len(targets)
    values = dict.fromkeys(targets, 1 / count)
    for rounds in range(1, ROUNDS_MAX + 1):
        dangling = math.fsum(values[document] for document, linked in targets.items() if not linked)
        following = dict.fromkeys(targets, (1 - damping + damping * dangling) / count)
        for document, linked in targets.items():
            for target in linked:
                following[target] += damping * values[document] / len(linked)
        change = math.fsum(abs(following[document] - values[document]) for document in targets)
        values = following
        if change < CHANGE_MIN:
            break
    return values, rounds


def served(url, collection):
    """Values by id as the node gives them; None where it has none."""
    values, cursor = {}, ""
    while True:
        query = urllib.parse.urlencode({"limit": PAGE, **({"cursor": cursor} if cursor else {})})
        with urllib.request.urlopen(f"{url}/api/v1/collections/{collection}/documents?{query}") as answer:
            page = json.load(answer)
        for document in page["documents"]:
            values[document["id"]] = document.get("pagerank")
        cursor = page.get("next_cursor")
        if not cursor:
            return values


def compare(expected, found):
    """Prints how far apart they are; a document that only one side knows counts as 0 on the other."""
    everywhere = expected.keys() | found.keys()
    apart = {d: abs(expected.get(d, 0) - (found.get(d) or 0)) for d in everywhere}
    worst = max(apart, key=apart.get)
    l1 = math.fsum(apart.values())
    print(f"served     {len(found)} documents, {sum(v is None for v in found.values())} without a value, "
          f"{len(expected.keys() ^ found.keys())} on one side only")
    print(f"sum        1 {math.fsum(v or 0 for v in found.values()) - 1:+.3e}")
    print(f"L1         {l1:.3e}, at most {L1_MAX:g}")
    print(f"maximum    {apart[worst]:.3e} at '{worst}'")
    return l1 <= L1_MAX


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("packages")
    arguments.add_argument("edges")
    arguments.add_argument("--damping", type=float, default=0.85)
    arguments.add_argument("--url")
    arguments.add_argument("--collection")
    chosen = arguments.parse_args()
    if (chosen.url is None) != (chosen.collection is None):
        arguments.error("--url and --collection go together")
    targets = read_links(chosen.edges, [json.loads(line)["id"] for line in lines(chosen.packages)])
    expected, rounds = pagerank(targets, chosen.damping)
    links = sum(map(len, targets.values()))
    dangling = sum(not linked for linked in targets.values())
    print(f"reference  {len(targets)} documents, {dangling} without links, {links} links, {rounds} rounds")
    for document in sorted(expected, key=expected.get, reverse=True)[:5]:
        print(f"           {expected[document]:.10f}  {document}")
    if chosen.url and not compare(expected, served(chosen.url, chosen.collection)):
        sys.exit(1)


if __name__ == "__main__":
    main()
