#!/usr/bin/env python3
"""Writes cases/*.json: the ids that the Python package `tokenizers` gives for odd texts.

A case is [text, ids]; a text is a string, or a string and how often it is repeated, and for more
than a hundred ids their number and FNV-1a stand in. What differs from the fixture is in "changes".
"""

import json
import os

from tokenizers import Tokenizer, __version__

from odd_texts import ODD, whole
from variants import HERE, FIXTURES, tokenizer_json, variants

IDS_MAX = 100
VARIANT_CHARACTERS_MAX = 24
FNV_START, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def fnv1a(ids):
    value = FNV_START
    for number in ids:
        value = (value ^ number) * FNV_PRIME % 2**64
    return value


def shortened(ids):
    return ids if len(ids) <= IDS_MAX else {"count": len(ids), "fnv1a": f"{fnv1a(ids):016x}"}


def cases(tokenizer, texts):
    found = [[text, tokenizer.encode(whole(text), add_special_tokens=False).ids] for text in texts]
    return [[text, shortened(ids)] for text, ids in found]


def is_short(text):
    return isinstance(text, str) and len(text) <= VARIANT_CHARACTERS_MAX


def main():
    sets = {name: [] for name in FIXTURES}
    for name, changes in variants():
        tokenizer = Tokenizer.from_str(tokenizer_json(name, changes))
        texts = [text for text in ODD[::5] if is_short(text)] if changes else ODD
        sets[name].append({"changes": changes, "cases": cases(tokenizer, texts)})
    for name, recorded in sets.items():
        path = os.path.join(HERE, "cases", f"{name}.json")
        with open(path, "w", encoding="utf-8") as file:
            lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in recorded)
            file.write(f'{{"reference":"tokenizers {__version__}","variants":[\n{lines}\n]}}\n')
        print(name, sum(len(entry["cases"]) for entry in recorded), "cases", os.path.getsize(path))


if __name__ == "__main__":
    main()
