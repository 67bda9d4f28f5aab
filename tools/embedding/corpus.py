#!/usr/bin/env python3
"""Gathers the text that the built-in model is fitted on: corpus.jsonl.gz, one {"source","head","body","held_out"} a line.

Needs a Debian 12 machine and nothing but python3's standard library; downloads about 800 MB of packages. The same
packages give the same bytes.

    tools/embedding/corpus.py FOLDER
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import zlib

import sources

PER_SOURCE_MAX = 60_000  # of one source, so that none is most of the corpus
WORDS_MAX = 110  # of one body: the encoder reads 256 tokens at the most, and time goes with length
HELD_OUT_SHARE = 0.02  # of the texts of every other source


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def download(folder, package):
    """The unpacked package, downloaded once."""
    place = folder / "packages" / package
    if not place.exists():
        folder.joinpath("debs").mkdir(parents=True, exist_ok=True)
        run("apt-get", "-qq", "download", package, cwd=folder / "debs", stderr=subprocess.DEVNULL)
        archive = next(folder.joinpath("debs").glob(f"{package}_*.deb"))
        run("dpkg-deb", "-x", archive, place)
        archive.unlink()
    return place


def download_descriptions(folder):
    lists = folder / "lists"
    if not any(lists.glob("*Translation-en")):
        lists.joinpath("partial").mkdir(parents=True, exist_ok=True)
        run("apt-get", "-qq", "-o", "Acquire::Languages=en", "-o", f"Dir::State::lists={lists}",
            "-o", "Acquire::GzipIndexes=false", "update")
    return lists


def digest(text):
    """A number below 1 that a text has on every machine."""
    return zlib.crc32(text.encode()) / 2**32


def texts_of(source, pairs):
    """Distinct texts, cut to length, a sample of those of a large source."""
    seen, rows = set(), []
    for head, body in pairs:
        body = " ".join(body.split()[:WORDS_MAX])
        text = f"{head}\n{body}"
        if text in seen or not any(c.isalpha() for c in text):
            continue
        seen.add(text)
        held_out = source in sources.HELD_OUT or digest("held out" + text) < HELD_OUT_SHARE
        rows.append((digest(text), {"source": source, "head": head, "body": body, "held_out": held_out}))
    rows.sort(key=lambda row: row[0])
    return [row for _, row in rows[:PER_SOURCE_MAX]]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    folder = arguments.parse_args().folder.resolve()
    with gzip.GzipFile(folder / "corpus.jsonl.gz", "wb", mtime=0) as out:
        readers = {"descriptions": None} | sources.READERS
        for source, reader in readers.items():
            pairs = reader(download(folder, source)) if reader else sources.descriptions(download_descriptions(folder))
            rows = texts_of(source, pairs)
            words = sum(len(row["body"].split()) for row in rows)
            print(f"{source:28} {len(rows):7} texts {words:9} words", file=sys.stderr)
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    main()
