#!/usr/bin/env python3
"""Measures ranking quality of a running node on a judged collection.

The folder holds docs.jsonl.gz, queries.jsonl ({"id","text"}) and qrels.tsv (query, document, grade, with a
header). Documents are imported beforehand with `mosaic import`. Prints nDCG@10 and recall@100 for each mode.

A mode may be joined by a fusion and by the weight of PageRank, which must have been computed:
hybrid/weighted, hybrid/rrf/0.2.

    bench/relevance.py FOLDER COLLECTION [--url URL] [--modes text,vector,hybrid,hybrid/rrf/0.2]
"""
import argparse
import collections
import json
import math
import os
import pathlib
import urllib.request


def read_judgements(folder):
    grades = collections.defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades[query][document] = int(grade)
    return grades


def search(url, collection, text, mode, k=100):
    name, fusion, pagerank = (mode.split("/") + ["rrf", "0"][mode.count("/"):])[:3]
    body = {"query": text, "mode": name, "k": k, "include": [], "timeout_ms": 10000}
    body |= {"fusion": fusion, "weights": {"pagerank": float(pagerank)}}
    path = f"{url}/api/v1/collections/{collection}/search"
    request = urllib.request.Request(path, json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return [hit["id"] for hit in json.load(answer)["hits"]]


def ndcg(ranked, grades, k=10):
    """Normalised discounted cumulative gain (Jarvelin and Kekalainen, 2002) with linear gains."""
    gain = sum(grades.get(d, 0) / math.log2(i + 2) for i, d in enumerate(ranked[:k]))
    ideal = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(grades.values(), reverse=True)[:k]))
    return gain / ideal if ideal else 0.0


def recall(ranked, grades, k=100):
    relevant = {d for d, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("collection")
    arguments.add_argument("--url", default=os.environ.get("MOSAIC_URL", "http://127.0.0.1:4040"))
    arguments.add_argument("--modes", default="text,vector,hybrid")
    chosen = arguments.parse_args()
    judged = read_judgements(chosen.folder)
    lines = (chosen.folder / "queries.jsonl").read_text().splitlines()
    queries = [q for q in map(json.loads, lines) if q["id"] in judged]
    print(f"{'mode':20} {'nDCG@10':>8} {'recall@100':>10}   over {len(queries)} queries")
    for mode in chosen.modes.split(","):
        ranked = {q["id"]: search(chosen.url, chosen.collection, q["text"], mode) for q in queries}
        mean = lambda measure: sum(measure(ranked[q], judged[q]) for q in ranked) / len(ranked)
        print(f"{mode:20} {mean(ndcg):8.4f} {mean(recall):10.4f}")


if __name__ == "__main__":
    main()
