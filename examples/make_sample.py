#!/usr/bin/env python3
"""Makes the sample corpus: packages.jsonl.gz and links.tsv.gz, from apt's own index.

Needs a Debian machine and python3's standard library. The same index gives the same bytes.
"""

import argparse
import gzip
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

SAMPLE_SIZE = 4000
TEXT_CHARS_MIN = 100
PER_SOURCE_MAX = 2
PRIORITIES = {"required", "important", "standard", "optional"}

# Where programs live that people look for by what they do.
SECTIONS = {
    "admin", "comm", "database", "devel", "editors", "education", "electronics", "embedded",
    "games", "gnome", "golang", "graphics", "hamradio", "httpd", "interpreters", "java",
    "javascript", "kde", "mail", "math", "net", "news", "otherosfs", "perl", "python", "rust",
    "science", "shells", "sound", "tex", "text", "utils", "vcs", "video", "web", "x11", "xfce",
}
# Sections that more people know than others: two documents a turn.
EVERYDAY_SECTIONS = {"games", "graphics", "net", "sound", "utils"}

# Parts of programs rather than programs.
PART_PREFIX = re.compile(
    r"^(lib|python3?-|ruby-|golang-|node-|r-|php-|haskell-|ocaml-|fonts?-|gir1|gcc-\d|g\+\+-\d|"
    r"linux-(headers|image|support)|llvm-\d|clang-\d|lua-|qml-module|task-|education-|science-|med-|"
    r"games-|debian-|hunspell-|aspell-|texlive-lang-|mate-|kodi-|xserver-xorg-video-)"
)
PART_SUFFIX = re.compile(
    r"-(dev|dbg|dbgsym|docs?|data|common|core|headers?|examples?|l10n|locale|i18n|plugins?|"
    r"modules?|dkms|source|tests?|server-data|music|sounds?|maps|levels|theme|themes|utils-data|"
    r"base|bin|runtime|support|qt|gtk|x11|cross|el|perl|java)$|(-|^)cross(-|$)|-linux-gnu"
)
PART_TAGS = re.compile(
    r"^role::(shared-lib|devel-lib|documentation|app-data|data|debug-symbols|dummy|source|plugin)$"
)

LINK_FIELDS = [("Pre-Depends", "depends"), ("Depends", "depends"), ("Recommends", "recommends"),
               ("Suggests", "suggests")]


def apt_options(lists_dir):
    """Options that make apt read its index from `lists_dir` (None: the machine's own)."""
    options = ["-o", "Acquire::Languages=en"]
    if lists_dir:
        options += ["-o", f"Dir::State::lists={lists_dir}"]
    return options


def download_index(lists_dir):
    os.makedirs(os.path.join(lists_dir, "partial"), exist_ok=True)
    caches = ["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="]
    command = ["apt-get", "update", "-qq", *apt_options(lists_dir), *caches]
    subprocess.run(command, check=True, stdout=sys.stderr)


def index_files(lists_dir, created_by):
    """The files of Debian's own release: neither updates nor other archives."""
    codename = "Codename: " + release_codename()
    command = ["apt-get", "indextargets", *apt_options(lists_dir), "--format", "$(FILENAME)",
               f"Created-By: {created_by}", "Origin: Debian", codename]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return sorted(set(done.stdout.split()))


def release_codename():
    with open("/etc/os-release", encoding="utf-8") as lines:
        values = dict(line.rstrip().split("=", 1) for line in lines if "=" in line)
    return values["VERSION_CODENAME"]


def read_stanzas(path):
    """Yields every stanza of an index file, compressed or not, as a dict of its fields."""
    command = ["/usr/lib/apt/apt-helper", "cat-file", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as source:
        fields, name = {}, None
        for line in source.stdout:
            line = line.rstrip("\n")
            if not line:
                if fields:
                    yield fields
                fields, name = {}, None
            elif line[0] in " \t":
                fields[name] += "\n" + line
            else:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if fields:
            yield fields
    if source.returncode != 0:
        sys.exit(f"error: cannot read {path}")


def read_packages(lists_dir):
    packages = {}
    for path in index_files(lists_dir, "Packages"):
        for stanza in read_stanzas(path):
            packages.setdefault(stanza["Package"], stanza)
    return packages


def read_descriptions(lists_dir):
    """(package, md5 of its description) -> short line and long lines."""
    descriptions = {}
    for path in index_files(lists_dir, "Translations"):
        for stanza in read_stanzas(path):
            if "Description-en" in stanza:
                key = (stanza["Package"], stanza.get("Description-md5"))
                descriptions[key] = stanza["Description-en"]
    return descriptions


def clean_text(long_lines):
    """Paragraphs parted by an empty line; wrapped lines joined; list items on lines of their own."""
    paragraphs, lines, in_item = [], [], False
    for raw in long_lines:
        line = raw[1:]
        item = re.match(r"\s*[*+o•-] +\S", line)
        if line.strip() == ".":
            paragraphs.append(lines)
            lines, in_item = [], False
        elif item or not lines or (line.startswith(" ") and not in_item):
            lines.append(" ".join(line.split()))
            in_item = bool(item)
        else:
            lines[-1] += " " + " ".join(line.split())
    paragraphs.append(lines)
    return "\n\n".join("\n".join(part) for part in paragraphs if part)


def tags_of(stanza):
    """Debian's tags, without the ones in capitals that mark a facet nobody has filled in yet."""
    words = " ".join(stanza.get("Tag", "").split())
    return sorted({tag for tag in words.split(", ") if tag and not re.search(r"::[A-Z]+$", tag)})


def link_targets(value):
    """Package names of a relation field; of alternatives the first, which apt prefers."""
    for clause in value.replace("\n", " ").split(","):
        name = clause.split("|")[0].split("(")[0].strip().split(":")[0]
        if name:
            yield name


def links_of(stanza):
    """Links of one package; a target that stands in several fields keeps the strongest kind."""
    links = {}
    for field, kind in LINK_FIELDS:
        for target in link_targets(stanza.get(field, "")):
            if target != stanza["Package"]:
                links.setdefault(target, kind)
    return sorted(links.items())


def document_of(stanza, description):
    lines = description.split("\n")
    document = {"id": stanza["Package"], "title": lines[0], "text": clean_text(lines[1:]),
                "section": stanza["Section"], "priority": stanza["Priority"],
                "installed_size": int(stanza.get("Installed-Size", 0))}
    if "Homepage" in stanza:
        document["homepage"] = stanza["Homepage"]
    tags = tags_of(stanza)
    if tags:
        document["tags"] = tags
    return document


def is_program(stanza):
    name, tags = stanza["Package"], tags_of(stanza)
    if stanza.get("Section") not in SECTIONS or stanza.get("Priority") not in PRIORITIES:
        return False
    if any(PART_TAGS.match(tag) for tag in tags) and "role::program" not in tags:
        return False
    return not PART_PREFIX.match(name) and not PART_SUFFIX.search(name)


def worth(document, dependents):
    """How much a document adds: known to others, described at length, known to be a program."""
    score = math.log2(1 + dependents) + math.log2(len(document["text"]))
    return score + ("role::program" in document.get("tags", [])) + ("homepage" in document)


def candidates(packages, descriptions):
    """Documents by section, the best first, few of one source, no text twice."""
    dependents = Counter(target for stanza in packages.values()
                         for target, _ in links_of(stanza))
    ranked = []
    for name, stanza in packages.items():
        description = descriptions.get((name, stanza.get("Description-md5")))
        if description and is_program(stanza):
            document = document_of(stanza, description)
            if len(document["text"]) >= TEXT_CHARS_MIN:
                source = stanza.get("Source", name).split(" ")[0]
                ranked.append((-worth(document, dependents[name]), name, source, document))
    ranked.sort(key=lambda entry: entry[:2])
    sources, texts, sections = Counter(), set(), defaultdict(list)
    for _, _, source, document in ranked:
        if sources[source] < PER_SOURCE_MAX and document["text"] not in texts:
            sources[source] += 1
            texts.add(document["text"])
            sections[document["section"]].append(document)
    return sections


def pick(sections, size):
    """Takes from every section in turn, so that small ones come in whole and none crowds out."""
    turns = []
    for section, documents in sections.items():
        share = 2 if section in EVERYDAY_SECTIONS else 1
        turns += [(rank // share, document["id"], document)
                  for rank, document in enumerate(documents)]
    picked = [document for _, _, document in sorted(turns, key=lambda turn: turn[:2])[:size]]
    return sorted(picked, key=lambda document: document["id"])


def write_gzip(path, lines):
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        for line in lines:
            packed.write((line + "\n").encode("utf-8"))
    print(f"{path}: {os.path.getsize(path):,} bytes")


def make_sample(lists_dir, out_dir, size):
    packages, descriptions = read_packages(lists_dir), read_descriptions(lists_dir)
    if not packages or not descriptions:
        sys.exit("error: apt's index here has no English descriptions (containers leave them out); "
                 "try --update, which downloads the index into a temporary folder")
    documents = pick(candidates(packages, descriptions), size)
    links = [f"{document['id']}\t{target}\t{kind}" for document in documents
             for target, kind in links_of(packages[document["id"]])]
    print(f"{len(packages):,} packages in the index, {len(documents):,} taken, {len(links):,} links")
    write_gzip(os.path.join(out_dir, "packages.jsonl.gz"),
               (json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                for document in documents))
    write_gzip(os.path.join(out_dir, "links.tsv.gz"), links)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)),
                        help="folder for the two files (default: beside this script)")
    parser.add_argument("--size", type=int, default=SAMPLE_SIZE, help="documents to take")
    parser.add_argument("--lists", help="apt's list folder (default: the machine's own)")
    parser.add_argument("--update", action="store_true",
                        help="download the index first, into a temporary folder")
    arguments = parser.parse_args()
    if not arguments.update:
        make_sample(arguments.lists, arguments.out, arguments.size)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # apt downloads as a user of its own
        download_index(folder)
        make_sample(folder, arguments.out, arguments.size)


if __name__ == "__main__":
    main()
