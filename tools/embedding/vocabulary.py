#!/usr/bin/env python3
"""Makes the vocabulary: tokenizer.json, a WordPiece of the encoder's pieces and of whole words it would cut.

The encoder's tokenizer stays as it is but for its list of pieces: those that no text holds go, words that occur in
several sources come. `words.npy` (float16 [pieces, 384]) is what the encoder makes of each piece by itself.

    tools/embedding/vocabulary.py FOLDER
"""
import argparse
import collections
import gzip
import json
import math
import pathlib
import re

import numpy as np

import encoder

ROWS = 34_800  # of 256 bytes, a weight of 4 and an entry of about 18 in tokenizer.json: below 10 MB
SOURCES_MIN = 3  # that a new word occurs in: names of functions occur in one
COUNT_MIN = 12
SPECIAL = ["[PAD]", "[UNK]"]


def count_words(folder, tokenizer):
    """Word -> how often it occurs, and in which sources."""
    counts, places = collections.Counter(), collections.defaultdict(set)
    with gzip.open(folder / "corpus.jsonl.gz", "rt") as file:
        for row in map(json.loads, file):
            if row["held_out"]:
                continue
            text = tokenizer.normalizer.normalize_str(f"{row['head']} {row['body']}")
            for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text):
                counts[word] += 1
                places[word].add(row["source"])
    return counts, places


def new_words(counts, places, pieces):
    """Best first: frequent, and at home in many places."""
    known = [w for w in counts if w not in pieces and re.fullmatch(r"[a-z]+[0-9]{0,2}|[0-9]+[a-z]+", w) and len(w) > 2]
    known = [w for w in known if counts[w] >= COUNT_MIN and len(places[w]) >= SOURCES_MIN]
    return sorted(known, key=lambda w: (-len(places[w]) * math.log(counts[w]), w))


def kept_pieces(tokenizer, counts, added):
    """Pieces of the encoder that words which are not cut away need; every single character stays."""
    added, used = set(added), collections.Counter()
    for word, count in counts.items():
        if word not in added:
            for piece in tokenizer.encode(word, add_special_tokens=False).tokens:
                used[piece] += count
    pieces = tokenizer.get_vocab()
    ordered = sorted(pieces, key=pieces.get)
    whole = lambda p: not p.startswith("##") and not p.startswith("[")
    return [p for p in ordered if p not in SPECIAL and (used[p] > 1 or len(p.removeprefix("##")) == 1 or whole(p))]


def main():
    from tokenizers import Tokenizer

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    folder = arguments.parse_args().folder
    source = encoder.folder() / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(source))
    counts, places = count_words(folder, tokenizer)
    words = new_words(counts, places, tokenizer.get_vocab())
    room = ROWS - len(SPECIAL) - len(kept_pieces(tokenizer, counts, words))
    for _ in range(3):  # fewer new words leave more pieces in use
        kept = kept_pieces(tokenizer, counts, words[: max(0, room)])
        room = ROWS - len(SPECIAL) - len(kept)
    vocabulary = SPECIAL + kept + words[:room]
    print(f"{len(kept)} pieces kept, {len(vocabulary) - len(kept) - len(SPECIAL)} of {len(words)} words added")
    layout = json.loads(source.read_text())
    layout |= {"truncation": None, "padding": None, "post_processor": None, "decoder": None}
    layout["added_tokens"] = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, token in enumerate(SPECIAL)
    ]
    layout["model"]["vocab"] = {piece: i for i, piece in enumerate(vocabulary)}
    (folder / "tokenizer.json").write_text(json.dumps(layout, ensure_ascii=False, separators=(",", ":")))
    np.save(folder / "words.npy", encoder.encode([p.removeprefix("##") for p in vocabulary], note="pieces"))
    frequency = tokens_seen(folder, len(vocabulary))
    np.save(folder / "frequency.npy", frequency)


def tokens_seen(folder, size):
    """How often each piece of the new vocabulary occurs in the corpus."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    seen = np.zeros(size, np.int64)
    with gzip.open(folder / "corpus.jsonl.gz", "rt") as file:
        texts = [f"{row['head']} {row['body']}" for row in map(json.loads, file) if not row["held_out"]]
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch(texts[start : start + 20_000]):
            np.add.at(seen, encoding.ids, 1)
    return seen


if __name__ == "__main__":
    main()
