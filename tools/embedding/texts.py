#!/usr/bin/env python3
"""Chooses texts of the corpus and has the encoder read them: texts.jsonl.gz and vectors/N.npy (float16 [rows, 384]).

A text is what is searched for (a heading), or what is found (a body, or a heading with its body). The order is random,
so that any number of the first vectors is a fair sample. Goes on where it was stopped.

    tools/embedding/texts.py FOLDER
"""
import argparse
import collections
import gzip
import json
import pathlib
import zlib

import numpy as np

import encoder

PER_SOURCE_MAX = {"descriptions": 60_000, "wordnet-base": 60_000, "dict-gcide": 60_000}
PER_SOURCE_MAX_ELSE = 8_000
WORDS_MAX = 64
TEXTS_MAX = 400_000
CHUNK = 20_000  # texts of one file of vectors
HEAD_WORDS_MAX = 12


def chosen(rows):
    taken, seen = collections.Counter(), set()
    for row in rows:
        source, head, body = row["source"], row["head"], " ".join(row["body"].split()[:WORDS_MAX])
        if taken[source] >= PER_SOURCE_MAX.get(source, PER_SOURCE_MAX_ELSE):
            continue
        taken[source] += 1
        joined = head and zlib.crc32(body.encode()) % 2 == 0
        found = f"{head}\n{body}" if joined else body
        for kind, text in (("head", head), ("joined" if joined else "body", found)):
            if len(text) < 3 or text.lower() in seen or (kind == "head" and len(text.split()) > HEAD_WORDS_MAX):
                continue
            seen.add(text.lower())
            yield {"source": source, "kind": kind, "held_out": row["held_out"], "text": text}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    folder = arguments.parse_args().folder
    with gzip.open(folder / "corpus.jsonl.gz", "rt") as file:
        texts = sorted(chosen(map(json.loads, file)), key=lambda t: zlib.crc32(t["text"].encode()))[:TEXTS_MAX]
    with gzip.GzipFile(folder / "texts.jsonl.gz", "wb", mtime=0) as out:
        for text in texts:
            out.write(json.dumps(text, ensure_ascii=False).encode() + b"\n")
    folder.joinpath("vectors").mkdir(exist_ok=True)
    for start in range(0, len(texts), CHUNK):
        path = folder / "vectors" / f"{start // CHUNK:03}.npy"
        if not path.exists():
            part = [t["text"] for t in texts[start : start + CHUNK]]
            np.save(path, encoder.encode(part, tokens_max=128, note=f"texts {start} of {len(texts)}"))


if __name__ == "__main__":
    main()
