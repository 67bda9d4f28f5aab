"""Reads Prometheus' text format 0.0.4 as a node exports it, and checks the conventions of names and units."""

import re

SERIES = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
PARTS_OF = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
NO_BASE_UNITS = ("milliseconds", "ms", "minutes", "hours", "kilobytes", "megabytes", "mib", "percent")


class Scrape:
    """`types` and `helps` by family; `values` by name and labels, a frozenset of pairs."""

    def __init__(self, text):
        self.types, self.helps, self.values = {}, {}, {}
        for line in text.splitlines():
            if line.startswith("# "):
                _, kind, name, rest = line.split(" ", 3)
                {"TYPE": self.types, "HELP": self.helps}[kind][name] = rest
                continue
            name, labels, value = SERIES.fullmatch(line).groups()
            key = (name, frozenset(LABEL.findall(labels or "")))
            if key in self.values:
                raise AssertionError(f"twice: {line}")
            self.values[key] = float(value)

    def of(self, name, **labels):
        """The value of exactly one series."""
        return self.values[name, frozenset(labels.items())]

    def total(self, name, **labels):
        """The sum of all series of that name which carry `labels`."""
        return sum(value for (known, its), value in self.values.items()
                   if known == name and its >= frozenset(labels.items()))

    def family_of(self, name):
        for family, kind in self.types.items():
            if name == family or any(name == family + part for part in PARTS_OF.get(kind, ())):
                return family
        return None


def complaints(scrape):
    """What offends against the conventions (prometheus.io, "Metric and label naming")."""
    found = [f"{name} has no family" for name, _ in scrape.values if scrape.family_of(name) is None]
    for name, kind in scrape.types.items():
        if not scrape.helps.get(name):
            found.append(f"{name} has no help")
        if (kind == "counter") != name.endswith("_total"):
            found.append(f"{name} is a {kind}")
        if any(word in name.split("_") for word in NO_BASE_UNITS):
            found.append(f"{name} is in no base unit")
    return found
