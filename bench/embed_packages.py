#!/usr/bin/env python3
"""Writes the vectors that the builtin embedder makes of documents as .fvecs files, for index_bench.

    bench/embed_packages.py PACKAGES.jsonl.gz FOLDER

MOSAIC_BINARY names the program. A node of its own imports the documents and exports them with their vectors; each
of --queries documents, spread evenly, becomes a query and is left out of the base. FOLDER gets base.fvecs and
query.fvecs.
"""

import argparse
import http.client
import json
import pathlib
import tempfile

from vector_nodes import COLLECTION, mosaic, running, say, write_fvecs

LIMIT_S = 300


def exported(node):
    """The vectors of all documents, by id."""
    connection = http.client.HTTPConnection(node.host, node.port, timeout=LIMIT_S)
    connection.request("GET", f"/api/v1/collections/{COLLECTION}/export")
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"the export failed: {answer.status}")
    found = {}
    for line in answer:
        document = json.loads(line)
        if document.get("vector"):
            found[document["id"]] = document["vector"]
    connection.close()
    return [found[key] for key in sorted(found)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=pathlib.Path, help="a JSONL file of documents, .gz")
    parser.add_argument("folder", type=pathlib.Path, help="where the vectors go")
    parser.add_argument("--queries", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mosaic-embed-") as data, running(pathlib.Path(data) / "data") as node:
        say(f"importing {arguments.packages}")
        mosaic("import", COLLECTION, arguments.packages, "--create", "--url", node.url, limit_s=LIMIT_S)
        say("exporting the vectors")
        vectors = exported(node)
    step = max(2, len(vectors) // arguments.queries)
    queries = set(range(0, len(vectors), step)[:arguments.queries])
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_fvecs(arguments.folder / "base.fvecs", [v for i, v in enumerate(vectors) if i not in queries])
    write_fvecs(arguments.folder / "query.fvecs", [vectors[i] for i in sorted(queries)])
    say(f"{len(vectors) - len(queries)} vectors and {len(queries)} queries of {len(vectors[0])} numbers")


if __name__ == "__main__":
    main()
