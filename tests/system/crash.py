"""Nodes under the storage shim: killed at chosen points, cut from power, refused writes by the disk.

MOSAIC_SHIM is the path of the shim's library; without it these tests are skipped.
"""

import hashlib
import json
import os
import pathlib
import shutil
import struct
import unittest

import power_loss
from node import Node, poll, run

SHIM = os.environ.get("MOSAIC_SHIM")
COUNT = struct.Struct("<56sQ")
RUN_LIMIT_S = 60


def needs_shim(test):
    return unittest.skipUnless(SHIM, "MOSAIC_SHIM is not set")(test)


class ShimmedNode(Node):
    """A node whose file operations below its data folder pass the shim.

    `journal` keeps what a power cut needs, `at` is a plan (kind:class:n:action) and `control` the file that makes
    writes fail while it is there.
    """

    def __init__(self, folder, *flags, journal=False, at=None, control=None, ignore_syncs=False, counts=False):
        folder = pathlib.Path(folder).resolve()
        folder.mkdir(exist_ok=True)
        self.journal = folder.with_name(folder.name + ".journal") if journal else None
        self.before = folder.with_name(folder.name + ".before") if journal else None
        self.counts = folder.with_name(folder.name + ".counts") if counts else None
        settings = {"LD_PRELOAD": SHIM, "SHIM_ROOT": str(folder), "SHIM_AT": at, "SHIM_JOURNAL": self.journal,
                    "SHIM_COUNTS": self.counts, "SHIM_CONTROL": control, "SHIM_IGNORE_SYNC": "1" if ignore_syncs else None}
        super().__init__(folder, *flags, env={key: str(value) for key, value in settings.items() if value})
        if journal:
            for old in (self.journal, self.counts):
                if old:
                    old.unlink(missing_ok=True)
            shutil.rmtree(self.before, ignore_errors=True)
            shutil.copytree(folder, self.before)

    def start_or_die(self):
        """False when it was killed before it listened: a plan may hit while it starts."""
        try:
            self.start(ready=False)
            return True
        except AssertionError:
            if self.process.wait(RUN_LIMIT_S) >= 0:
                raise
            return False

    def cut(self, after, seed=None):
        """Kills it and makes the folder `after` as a power cut at this moment may leave it; the cut disk."""
        self.kill()
        disk = power_loss.Disk(self.folder).load(self.before).replay(self.journal)
        disk.write(after, seed)
        return disk

    def points(self):
        """How often each point was passed."""
        data = self.counts.read_bytes()
        found = {}
        for name, passed in COUNT.iter_unpack(data[:len(data) // COUNT.size * COUNT.size]):
            if name[0]:
                found[name.split(b"\0")[0].decode()] = passed
        return found


def died(node, limit_s):
    """True when the process ended by itself within the limit."""
    try:
        poll(lambda: not node.running(), limit_s, "its end")
        return True
    except AssertionError:
        return False


def fingerprint(folder):
    """Names, sizes and contents of all files."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


def checked(folder, torn=False):
    """`mosaic check` of a folder that must be sound, and that it changes nothing; problems as lines.

    `torn`: a write was cut in its middle, or the power: then a write-ahead log may end early, of which the node's
    log repeats everything, and pages may be torn that it holds whole.
    """
    before = fingerprint(folder)
    done = run("check", folder, "--json", limit_s=RUN_LIMIT_S)
    problems = []
    if done.returncode not in (0, 1) or not done.stdout:
        problems.append(f"check ends with {done.returncode}: {done.stderr}")
    else:
        for found in json.loads(done.stdout)["findings"]:
            harmless = torn and found["severity"] == "derived" and (
                found["file"].endswith(".db-wal") or "whole in the write-ahead log" in found["what"])
            if found["severity"] != "note" and not harmless:
                problems.append(f"check finds {found}")
    if fingerprint(folder) != before:
        problems.append("check changed the folder")
    return problems
