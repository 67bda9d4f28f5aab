#!/usr/bin/env python3
"""Compares the engine's ids with those of the Python package `tokenizers`, text by text.

compare_tokenizers.py PRINT_IDS: over the fixtures, their variants and the files that
MOSAIC_TOKENIZERS names (paths of tokenizer.json, with ':' between them), on odd texts and on
MOSAIC_TOKENIZER_BYTES of made text (10 MB), from the seed in MOSAIC_TEST_SEED or a printed one.
Ends with 77, "skipped", where the package is not there.
"""

import os
import random
import subprocess
import sys
import tempfile

try:
    from tokenizers import Tokenizer
except ImportError:
    print("skipped: no Python package 'tokenizers'")
    sys.exit(77)

from odd_texts import ODD, made_text, whole
from variants import tokenizer_json, variants

DIFFERENCES_SHOWN = 5
PART_CHARACTERS = 2_000
VARIANT_CHARACTERS = 20_000


def ids_of_engine(program, path, texts):
    given = b"".join(b"%d\n%b" % (len(text), text) for text in (t.encode() for t in texts))
    done = subprocess.run([program, path], input=given, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{path}: {done.stderr.decode()}")
    return [[int(id) for id in line.split()] for line in done.stdout.decode().split("\n")[:-1]]


def ids_of_reference(path, texts):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [e.ids for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def differences(program, path, texts):
    pairs = zip(texts, ids_of_engine(program, path, texts), ids_of_reference(path, texts), strict=True)
    return [(text, ours, theirs) for text, ours, theirs in pairs if ours != theirs]


def parts(text):
    return [text[i:i + PART_CHARACTERS] for i in range(0, len(text), PART_CHARACTERS)]


def check(name, program, path, texts):
    found = differences(program, path, texts)
    for text, ours, theirs in found[:DIFFERENCES_SHOWN]:
        print(f"{name}: {text[:200]!a}\n  engine    {ours[:50]}\n  reference {theirs[:50]}")
    return len(found)


def tokenizers_to_compare(folder):
    """(name, path, whether it is a fixture as it stands or one from outside)"""
    for number, (name, changes) in enumerate(variants()):
        path = os.path.join(folder, f"{number}.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(tokenizer_json(name, changes))
        yield f"{name} {changes}", path, not changes
    for path in filter(None, os.environ.get("MOSAIC_TOKENIZERS", "").split(":")):
        yield path, path, True


def main():
    program = sys.argv[1]
    seed = int(os.environ.get("MOSAIC_TEST_SEED", random.randrange(2**32)))
    size = int(os.environ.get("MOSAIC_TOKENIZER_BYTES", 10_000_000))
    print(f"MOSAIC_TEST_SEED={seed}", flush=True)
    text = made_text(seed, size)
    long = [whole(odd) for odd in ODD] + parts(text[:size // 2]) + [text[size // 2:]]
    short = [whole(odd) for odd in ODD if isinstance(odd, str)] + parts(text[:VARIANT_CHARACTERS])
    wrong = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path, thorough in tokenizers_to_compare(folder):
            wrong += check(name, program, path, long if thorough else short)
            compared += 1
    print(f"{compared} tokenizers, {wrong} texts with other ids")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
