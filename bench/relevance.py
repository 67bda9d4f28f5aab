#!/usr/bin/env python3
"""Measures ranking quality on a judged collection: nDCG@10 and recall@100 of every kind of search.

A FOLDER holds docs.jsonl.gz ({"id","title","text"} a line), queries.jsonl ({"id","text"}), qrels.tsv (query, document,
grade, with a header) and perhaps edges.tsv (source, target, kind). Its documents go into collections of their own on a
running node, which are dropped afterwards.

The upper line are the vectors of the sentence encoder that the built-in model was made from. They need the packages of
tools/embedding/requirements.txt; without them that part is left out.

    bench/relevance.py FOLDER... [--url URL] [--mosaic build/release/mosaic] [--json]
"""
import argparse
import collections
import gzip
import json
import math
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools/embedding"))

DEPTH = 100
# Name of a row -> collection that is asked, and what goes into the request.
SEARCHES = {
    "text (BM25)": ("own", {"mode": "text"}),
    "vector": ("own", {"mode": "vector"}),
    "hybrid": ("own", {"mode": "hybrid"}),
    "hybrid + PageRank": ("own", {"mode": "hybrid", "weights": {"pagerank": 0.1}}),
    "hybrid by ranks (RRF)": ("own", {"mode": "hybrid", "fusion": "rrf"}),
    "encoder: vector": ("encoder", {"mode": "vector"}),
    "encoder: hybrid": ("encoder", {"mode": "hybrid"}),
}


class Node:
    def __init__(self, url, mosaic):
        self.url, self.mosaic = url, mosaic

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def load(self, name, files, *options):
        subprocess.run([self.mosaic, "import", name, *files, "--create", "--url", self.url, *options],
                       check=True, stdout=subprocess.DEVNULL)

    def compute_pagerank(self, name):
        job = self.call("POST", f"/collections/{name}/pagerank", {})
        while (state := self.call("GET", f"/jobs/{job['id']}"))["state"] == "running":
            time.sleep(0.1)
        if state["state"] != "done":
            raise SystemExit(f"PageRank of {name}: {state}")


def lines(path):
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return [json.loads(line) for line in file]


def read_judgements(folder):
    grades = collections.defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades[query][document] = float(grade)
    return {query: judged for query, judged in grades.items() if any(g > 0 for g in judged.values())}


def ndcg(ranked, grades, k=10):
    """Normalised discounted cumulative gain (Jarvelin and Kekalainen, 2002) with linear gains."""
    gain = sum(max(0, grades.get(d, 0)) / math.log2(i + 2) for i, d in enumerate(ranked[:k]))
    best = sorted((g for g in grades.values() if g > 0), reverse=True)[:k]
    return gain / sum(g / math.log2(i + 2) for i, g in enumerate(best))


def recall(ranked, grades, k=DEPTH):
    relevant = {d for d, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:k])) / len(relevant)


def encoder_vectors(documents, queries):
    """The encoder's vectors of documents and queries, or None without its packages."""
    try:
        import encoder
        texts = [f"{d.get('title') or ''}\n{d.get('text') or ''}".strip() for d in documents]
        vectors = encoder.encode(texts + [q["text"] for q in queries], note="encoder").astype(float)
        return vectors[: len(texts)], vectors[len(texts) :]
    except ImportError as missing:
        print(f"without the encoder's vectors: {missing}", file=sys.stderr)
        return None


def load_encoder(node, name, documents, vectors):
    node.call("PUT", f"/collections/{name}", {"dimension": vectors.shape[1], "embedder": "none"})
    for start in range(0, len(documents), 500):
        batch = [{key: d[key] for key in ("id", "title", "text") if d.get(key)} | {"vector": list(v)}
                 for d, v in zip(documents[start : start + 500], vectors[start : start + 500])]
        node.call("POST", f"/collections/{name}/documents", {"documents": batch})


def measure(node, folder):
    """Row -> (nDCG@10, recall@100), means over the queries."""
    judged = read_judgements(folder)
    documents = lines(folder / "docs.jsonl.gz")
    queries = [q for q in lines(folder / "queries.jsonl") if q["id"] in judged]
    names = {"own": f"relevance-{folder.name}", "encoder": f"relevance-{folder.name}-encoder"}
    links = [f"--links={folder / 'edges.tsv'}"] if (folder / "edges.tsv").exists() else []
    found, made = {}, []
    try:
        node.load(names["own"], [folder / "docs.jsonl.gz"], *links)
        made.append("own")
        if links:
            node.compute_pagerank(names["own"])
        if vectors := encoder_vectors(documents, queries):
            load_encoder(node, names["encoder"], documents, vectors[0])
            made.append("encoder")
        for row, (side, body) in SEARCHES.items():
            if side not in made or ("pagerank" in body.get("weights", {}) and not links):
                continue
            scores = []
            for number, query in enumerate(queries):
                own = {"vector": list(vectors[1][number])} if side == "encoder" else {}
                request = {"query": query["text"], "k": DEPTH, "include": [], "timeout_ms": 60000} | body | own
                answer = node.call("POST", f"/collections/{names[side]}/search", request)
                ranked = [hit["id"] for hit in answer["hits"]]
                scores.append((ndcg(ranked, judged[query["id"]]), recall(ranked, judged[query["id"]])))
            found[row] = tuple(sum(s[i] for s in scores) / len(scores) for i in (0, 1))
    finally:
        for side in made:
            node.call("DELETE", f"/collections/{names[side]}")
    return len(documents), len(queries), found


def print_table(name, documents, queries, found):
    text, encoded = found["text (BM25)"][0], found.get("encoder: vector")
    print(f"\n{name}: {documents} documents, {queries} queries")
    print(f"{'':24}{'nDCG@10':>9}{'recall@100':>12}{'to text':>10}{'to encoder':>12}")
    for row, (gain, part) in found.items():
        to_encoder = f"{gain / encoded[0]:11.2f}x" if encoded else ""
        print(f"{row:24}{gain:9.3f}{part:12.3f}{gain / text:9.2f}x{to_encoder}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folders", type=pathlib.Path, nargs="+")
    arguments.add_argument("--url", default=os.environ.get("MOSAIC_URL", "http://127.0.0.1:4040"))
    arguments.add_argument("--mosaic", default="build/release/mosaic")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    node = Node(chosen.url, chosen.mosaic)
    for folder in chosen.folders:
        documents, queries, found = measure(node, folder)
        if chosen.json:
            rows = {row: {"ndcg@10": gain, "recall@100": part} for row, (gain, part) in found.items()}
            print(json.dumps({"collection": folder.name, "documents": documents, "queries": queries, "rows": rows}))
        else:
            print_table(folder.name, documents, queries, found)


if __name__ == "__main__":
    main()
