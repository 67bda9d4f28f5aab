"""What must not stand in any file, and how headers begin."""

import re

from tree import Finding

# Written in pieces, so that this file passes its own rules.
_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
_OF_A_MACHINE = re.compile(r"(?<![\w./*-])/(wo" r"rk|ho" r"me|ro" r"ot)/"
                           r"|deb\.debian" r"\.org|pypi" r"\.org|registry\.npm" r"js")
_EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}


def headers_are_guarded(tree):
    for path in tree.headers():
        if not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            yield Finding(path, 1, "header", "#pragma once is missing")


def headers_open_with_a_comment(tree):
    for path in tree.headers():
        if not tree.text(path).startswith(("//", "/*")):
            yield Finding(path, 1, "header", "say first what it is, who owns it, which thread")


def names_say_something(tree):
    for path in tree.paths:
        empty = _EMPTY_NAMES.intersection(re.split(r"[/._-]", path.lower()))
        if empty:
            yield Finding(path, 1, "name", f"'{min(empty)}' says nothing about what is inside")


def nothing_is_left_unfinished(tree):
    yield from _matches(tree, tree.texts(), "unfinished", _UNFINISHED)


def no_tabs(tree):
    paths = [path for path in tree.texts() if not path.endswith((".tsv", "Makefile"))]
    yield from _matches(tree, paths, "tab", re.compile("\t"))


def nothing_of_one_machine(tree):
    yield from _matches(tree, tree.texts(), "machine", _OF_A_MACHINE)


def _matches(tree, paths, rule, pattern):
    for path in paths:
        for number, line in tree.lines(path):
            match = pattern.search(line)
            if match:
                yield Finding(path, number, rule, f"{match.group()!r} does not belong here")


RULES = [headers_are_guarded, headers_open_with_a_comment, names_say_something,
         nothing_is_left_unfinished, no_tabs, nothing_of_one_machine]
