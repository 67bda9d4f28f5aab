#!/usr/bin/env python3
"""Checks a source tree against the rules of the house: tidy.py [ROOT]. 0: clean, 1: findings."""

import os
import sys

import include_rules
import size_rules
import text_rules
from tree import Tree

RULES = include_rules.RULES + size_rules.RULES + text_rules.RULES


def findings(root):
    tree = Tree(root)
    return sorted(finding for rule in RULES for finding in rule(tree))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")
    found = findings(os.path.abspath(root))
    for finding in found:
        print(finding)
    print(f"tidy: {len(found)} findings" if found else "tidy: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
