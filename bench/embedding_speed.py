#!/usr/bin/env python3
"""Embeds the same texts by the same model folder, here and with the Python reference, alternately.

embedding_speed.py EMBED_BENCH FOLDER [--rounds N] [--text FILE]: medians and ratios as a table.
Without the package model2vec only the engine is measured. One thread each.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # before the tokenizers are loaded

try:
    from model2vec import StaticModel
except ImportError:
    StaticModel = None

QUERY = "how to restore a database from its last backup quickly"
PARAGRAPH = ("A search engine keeps documents, and vectors for them, in files that common tools can open. "
             "Whoever looks for something gets the nearest of them, ranked, with the reasons (and how "
             "long it took): 12.5 ms, say, over 1,000,000 documents. Café owners in São Paulo, too. ")
LONG_WORDS = 200_000
REFERENCE_QUERIES = 300
ROWS = (("query_us", "10-word query, microseconds", False),
        ("words_per_second", "long text, words/s", True),
        ("open_ms", "open, milliseconds", False))


def made_text():
    words = len(PARAGRAPH.split())
    return QUERY + "\n" + PARAGRAPH * (LONG_WORDS // words)


def of_engine(program, folder, path):
    done = subprocess.run([program, folder, path], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def of_reference(folder, text):
    query = text.split("\n", 1)[0]
    start = time.perf_counter()
    model = StaticModel.from_pretrained(folder)
    opened = time.perf_counter()
    for _ in range(REFERENCE_QUERIES):
        model.encode(query, max_length=None)
    queried = time.perf_counter()
    model.encode(text, max_length=None)
    read = time.perf_counter()
    return {"open_ms": (opened - start) * 1e3, "query_us": (queried - opened) / REFERENCE_QUERIES * 1e6,
            "words_per_second": len(text.split()) / (read - queried)}


def median(measured, key):
    return statistics.median(round[key] for round in measured)


def row(label, ours, theirs, more_is_better):
    if theirs is None:
        return f"| {label} | {ours:,.1f} | | |"
    ratio = ours / theirs if more_is_better else theirs / ours
    return f"| {label} | {ours:,.1f} | {theirs:,.1f} | {ratio:.1f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--text", help="a file: its first line is the query, all of it the long text")
    options = parser.parse_args()
    if options.text:
        with open(options.text, encoding="utf-8") as file:
            text = file.read()
    else:
        text = made_text()
    engine, reference = [], []
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        for _ in range(options.rounds):
            engine.append(of_engine(options.program, options.folder, file.name))
            if StaticModel is not None:
                reference.append(of_reference(options.folder, text))
    print(f"| median of {options.rounds}, {len(text.split()):,} words | engine | model2vec | times as fast |")
    print("| --- | --- | --- | --- |")
    for key, label, more_is_better in ROWS:
        theirs = median(reference, key) if reference else None
        print(row(label, median(engine, key), theirs, more_is_better))


if __name__ == "__main__":
    main()
