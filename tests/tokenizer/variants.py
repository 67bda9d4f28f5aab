"""Tokenizers that differ from a fixture in their normaliser or pre-tokenizer: one for each part."""

import copy
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = ("word_piece", "unigram", "charsmap")
BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")


def fixture(name):
    with open(os.path.join(HERE, "fixtures", f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)


def _bert(clean, chinese, accents, lower):
    return {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
            "strip_accents": accents, "lowercase": lower}


def _replace(kind, pattern, content):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def _strip(left, right):
    return {"type": "Strip", "strip_left": left, "strip_right": right}


def _metaspace(scheme, split, replacement="▁"):
    return {"type": "Metaspace", "replacement": replacement, "prepend_scheme": scheme, "split": split}


def _split(kind, pattern, behavior, invert):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def _sequence(key, *steps):
    return {"type": "Sequence", key: list(steps)}


NORMALIZERS = [
    None, _bert(False, False, False, False), _bert(True, True, None, False),
    _bert(True, False, True, False), _bert(False, True, False, True), _bert(True, True, False, True),
    *({"type": name} for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")),
    _strip(True, True), _strip(True, False), _strip(False, True),
    {"type": "Prepend", "prepend": "▁"}, _replace("String", " ", "▁"), _replace("String", "aa", "b"),
    _replace("Regex", r"\s+", " "), _replace("Regex", " {2,}", " "), _replace("Regex", r"\s", ""),
    _replace("Regex", "[0-9]+", "0"), _replace("Regex", r"[.,!\-]", " . "), _replace("Regex", "x{3}", "y"),
    _sequence("normalizers", {"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}),
    _sequence("normalizers", _strip(True, True), {"type": "Prepend", "prepend": "a"}),
]

PRE_TOKENIZERS = [
    None, {"type": "BertPreTokenizer"}, {"type": "Whitespace"}, {"type": "WhitespaceSplit"},
    *({"type": "Punctuation", "behavior": behavior} for behavior in BEHAVIORS),
    {"type": "Digits", "individual_digits": True}, {"type": "Digits", "individual_digits": False},
    *(_metaspace(scheme, split) for scheme in ("always", "first", "never") for split in (True, False)),
    _metaspace("always", True, "_"),
    *(_split("String", "a", behavior, invert) for behavior in BEHAVIORS for invert in (False, True)),
    _split("Regex", r"\s+", "Isolated", False), _split("Regex", "[a-z]{2,}", "Removed", True),
    _sequence("pretokenizers", {"type": "WhitespaceSplit"}, _metaspace("first", True)),
    _sequence("pretokenizers", {"type": "Punctuation", "behavior": "Isolated"},
              {"type": "Digits", "individual_digits": True}, _metaspace("always", True)),
]

# Where the first character of a text comes from decides what Metaspace puts before it.
_FIRST = [_strip(True, True), {"type": "Nmt"}, {"type": "StripAccents"}, _bert(True, True, True, True),
          _replace("Regex", r"\s+", " "), _replace("String", "a", "")]


def variants():
    """(fixture, changed parts) of every variant; the fixtures themselves first."""
    for name in FIXTURES:
        yield name, {}
    for name in ("word_piece", "unigram"):
        for normalizer in NORMALIZERS:
            yield name, {"normalizer": normalizer}
        for pre_tokenizer in PRE_TOKENIZERS:
            yield name, {"pre_tokenizer": pre_tokenizer}
    for normalizer in _FIRST:
        yield "unigram", {"normalizer": normalizer, "pre_tokenizer": _metaspace("first", True)}


def tokenizer_json(name, changes):
    made = copy.deepcopy(fixture(name))
    made.update(changes)
    return json.dumps(made, ensure_ascii=False)
