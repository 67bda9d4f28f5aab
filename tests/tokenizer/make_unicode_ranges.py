#!/usr/bin/env python3
"""Writes src/text/model/unicode_ranges.cpp: what the reference tokenizer takes each character for.

The reference (the Python package `tokenizers`) is built on several Unicode tables of different
versions; equal ids need equal tables, so each character is tried out. Where the reference does not
know a character that utf8proc decomposes, reorders or joins, the character is marked.
"""

import ctypes
import os
import string

from tokenizers import __version__, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "text", "model",
                   "unicode_ranges.cpp")

_utf8proc = ctypes.CDLL("libutf8proc.so.2")
_utf8proc.utf8proc_get_property.restype = ctypes.POINTER(ctypes.c_uint16)


def dropped_by(normalizer):
    """Characters that leave nothing behind."""
    return {c for c in CODE_POINTS if normalizer.normalize_str(f"a{chr(c)}b") == "ab"}


def parts(pre_tokenizer, text):
    return [part for part, _ in pre_tokenizer.pre_tokenize_str(text)]


def bert(**options):
    wanted = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**wanted, **options})


def controls():
    return dropped_by(bert(clean_text=True))


def white_space():
    split = pre_tokenizers.WhitespaceSplit()
    return {c for c in CODE_POINTS if parts(split, f"a{chr(c)}b") == ["a", "b"]}


def isolated_by(pre_tokenizer):
    return {c for c in CODE_POINTS if len(parts(pre_tokenizer, f"a{chr(c)}b")) == 3}


def word_characters():
    split = pre_tokenizers.Whitespace()
    return {c for c in CODE_POINTS if len(parts(split, f"a{chr(c)}b")) == 1}


def _decomposed(code_point, options):
    buffer = (ctypes.c_int32 * 64)()
    boundary = ctypes.c_int(0)
    count = _utf8proc.utf8proc_decompose_char(code_point, buffer, 64, options,
                                              ctypes.byref(boundary))
    return "".join(map(chr, buffer[:count]))


def unknown_to_normalisation():
    """utf8proc changes or reorders it, the reference does not."""
    stable, compat = 1 << 4 | 1 << 1, 1 << 2
    nfd, nfkd = normalizers.NFD(), normalizers.NFKD()
    found = set()
    for c in CODE_POINTS:
        same = (_decomposed(c, stable) == nfd.normalize_str(chr(c))
                and _decomposed(c, stable | compat) == nfkd.normalize_str(chr(c)))
        first = ord(nfd.normalize_str(chr(c))[0])
        moves = _utf8proc.utf8proc_get_property(first)[1] not in (0, 240)
        moved = nfd.normalize_str(f"a\u0345{chr(first)}") != f"a\u0345{chr(first)}"
        if not same or moves != moved:
            found.add(c)
    return found


def classes():
    return {
        "kWhiteSpace": white_space(),
        "kControl": controls(),
        "kNonspacingMark": dropped_by(bert(strip_accents=True)),
        "kPunctuation": isolated_by(pre_tokenizers.BertPreTokenizer()),
        "kNumeric": isolated_by(pre_tokenizers.Digits(individual_digits=True)),
        "kWord": word_characters(),
        "kCombiningMark": dropped_by(normalizers.StripAccents()),
        "kUnknown": unknown_to_normalisation(),
    }


def ranges(sets):
    """(first, last, bits) of all characters that belong to any class."""
    bits_of = {}
    for position, members in enumerate(sets.values()):
        for c in members:
            bits_of[c] = bits_of.get(c, 0) | 1 << position
    found = []
    for c, bits in sorted(bits_of.items()):
        if found and found[-1][1] == c - 1 and found[-1][2] == bits:
            found[-1][1] = c
        else:
            found.append([c, c, bits])
    return found


def main():
    sets = classes()
    assert all(ord(c) in sets["kPunctuation"] for c in string.punctuation)
    found = ranges(sets)
    with open(OUT, "w", encoding="ascii") as out:
        out.write(f"// Made by tests/tokenizer/make_unicode_ranges.py from tokenizers {__version__}.\n"
                  '#include "text/model/unicode_ranges.hpp"\n\nnamespace mosaic::text {\n'
                  "namespace {\n\n// clang-format off\nconstexpr UnicodeRange kRanges[] = {\n")
        line = ""
        for first, last, bits in found:
            item = f"{{0x{first:X},0x{last:X},{bits}}},"
            if len(line) + len(item) > 100:
                out.write(line + "\n")
                line = ""
            line += item
        out.write(line + "\n};\n// clang-format on\n\n}  // namespace\n\n"
                  "std::span<const UnicodeRange> unicode_ranges() {\n  return kRanges;\n}\n\n"
                  "}  // namespace mosaic::text\n")
    print(f"{len(found)} ranges:", ", ".join(f"{name} {len(s)}" for name, s in sets.items()))


if __name__ == "__main__":
    main()
