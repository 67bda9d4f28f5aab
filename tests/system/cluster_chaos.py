#!/usr/bin/env python3
"""Faults at random against a cluster of three nodes, under load, and whether what clients saw can be.

    cluster_chaos.py --minutes M [--seed S] [--cuts]   kills, stops, restarts (and cuts and delays, as root)
    cluster_chaos.py --leader-kills N [--seed S]       kills the leader N times and measures how long writes stand still

MOSAIC_BINARY is the binary. Ends with 1 when a promise was broken; what was, the seed and a summary are printed, and
the nodes' folders are kept then.
"""

import argparse
import collections
import contextlib
import pathlib
import random
import shutil
import sys
import tempfile
import time

import cluster_network
import node_faults
from cluster import Cluster, Member
from cluster_load import NAME, ClusterLoad
from node import Collection
from register_clients import SHARDS as REGISTERS
from register_clients import RegisterClients
from replica_rows import end_and_compare

HEALED_LIMIT_S = 120
FAULT_S = (0.05, 6.0)
QUIET_S = (0.0, 2.0)
WRITES_PER_KILL = 30
# Versions are purged while faults happen.
PURGES = ("--history.purge_interval_s", "1")


class Chaos:
    """Three nodes with the collections of both kinds of clients; `problems` are broken promises, as lines of text."""

    def __init__(self, folder, chance, network=None, flags=()):
        self.random, self.network = chance, network
        self.cluster = Cluster(folder, *PURGES, *flags, make=network.member if network else Member)
        self.faults, self.problems = collections.Counter(), []
        self.files = 0  # that were compared row for row
        self.healed_s = 0.0  # the longest time from the end of faults until the cluster was whole

    def start(self):
        self.cluster.start(3)
        Collection(self.cluster[0], NAME).make(dimension=2, metric="l2", embedder="none", shards=2, replicas=3,
                                               routing="centroid", retention_s=node_faults.RETENTIONS_S[1])
        self.registers = RegisterClients(self.cluster.nodes, self.random).prepare()
        for name in (NAME, *REGISTERS):
            self.cluster.wait_until_equal(name, {})
        return self

    def some(self, count=1):
        """Nodes by chance, of those that serve."""
        serving = self.cluster.serving()
        return self.random.sample(serving, min(count, len(serving)))

    def leader_or_some(self):
        try:
            return self.cluster.leader(limit_s=2)
        except AssertionError:
            return self.some()[0]

    def run(self, seconds):
        """Faults, one or two at a time, for so long; then everything is compared."""
        end = time.monotonic() + seconds
        with ClusterLoad(self.cluster.nodes, writers=1, searchers=0) as load, self.registers:
            while time.monotonic() < end and not self.problems:
                self._round()
            self._heal()
        self.registers.read_all()
        self._judge([load])
        self.problems += self.registers.problems + self.registers.violations()
        for name in REGISTERS:
            self._compare(name)
        self._compare_rows()

    def _round(self):
        """Some faults overlap with what is left of the one before."""
        for _ in range(self.random.choice((1, 1, 2))):
            if not self.cluster.serving():
                break
            fault = self.random.choice(node_faults.possible(self.network))
            self.faults[fault.__name__] += 1
            print(f"{time.strftime('%H:%M:%S')} {fault.__name__}", flush=True)
            fault(self)
            time.sleep(self.random.uniform(*FAULT_S) * self.random.random())
        self._heal(wait=self.random.random() < 0.7)
        time.sleep(self.random.uniform(*QUIET_S) * self.random.random())

    def _heal(self, wait=True):
        if self.network:
            self.network.heal()
        for node in self.cluster.nodes:
            if node.stopped:
                node.cont()
        for node in self.cluster.nodes:
            if node.process.poll() not in (None, 0, -9):
                self.problems.append(f"{node.name} ended with {node.process.poll()} by itself: {node.stderr()[-800:]}")
        down = [node for node in self.cluster.nodes if not node.running()]
        begin = time.monotonic()
        try:
            if down:
                self.cluster.restart_all(down)
            if wait:
                self.cluster.wait_until_up(limit_s=HEALED_LIMIT_S)
                self.healed_s = max(self.healed_s, time.monotonic() - begin)
        except AssertionError as late:
            self.problems.append(f"not whole again: {late}")

    def _judge(self, loads):
        stored = self._compare(NAME)
        for load in loads:
            self.problems += load.wrong
            if stored is not None:
                self.problems += load.differences(stored)

    def _compare(self, name):
        try:
            return self.cluster.wait_until_equal(name)
        except AssertionError as unequal:
            self.problems.append(f"replicas of '{name}' differ: {unequal}")
            return None

    def _compare_rows(self):
        """Ends the cluster. Shards that have moved have three replicas again for this, old and new ones."""
        try:
            self._spread()
            self.files, unequal = end_and_compare(self.cluster)
            self.problems += unequal
        except AssertionError as late:
            self.problems.append(f"rows are not compared: {late}")

    def _spread(self):
        node = self.cluster[0]

        def spread():
            # Until the log has room it says no.
            told = [node.request("PATCH", f"/api/v1/collections/{name}", {"replicas": 3}) for name in (NAME, *REGISTERS)]
            return all(answer.status == 200 for answer in told) and \
                all(len(shard["replicas"]) == 3 for shard in node.status()["shards"])

        self.cluster.wait_for(spread, "three replicas of each shard", HEALED_LIMIT_S)

    def kill_leaders(self, count):
        """The seconds without an acknowledged write at the others, for each kill."""
        gaps, failed, searches, loads = [], 0, 0, []
        for number in range(count):
            leader = self.cluster.leader()
            with ClusterLoad(self.cluster.others(leader), writers=2, searchers=2) as load:
                time.sleep(self.random.uniform(0, 0.2))
                killed = time.monotonic()
                leader.kill()
                load.until_written(WRITES_PER_KILL)
            gaps.append(load.longest_gap_s(killed))
            failed += len(load.failed_searches) + len(load.broken)
            searches += load.searches
            loads.append(load)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, the last stood still for {gaps[-1]:.2f} s", flush=True)
            self.faults["kill_leader"] += 1
            self._heal()
        self._judge(loads)
        self._compare_rows()
        if failed:
            self.problems.append(f"{failed} requests failed at nodes that were not killed: "
                                 f"{[load.failed_searches[:2] + load.broken[:2] for load in loads if load.failed_searches or load.broken][:3]}")
        print(f"{sum(load.acknowledged() for load in loads)} documents acknowledged, {searches} searches, {failed} failed; "
              f"without acknowledged writes: p50 {at(gaps, 0.5):.2f} s, p99 {at(gaps, 0.99):.2f} s, max {max(gaps):.2f} s")
        return gaps


def at(values, share):
    """The smallest value that so many of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--leader-kills", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--cuts", action="store_true",
                        help="cut nodes from each other, too, and delay what they send; needs root and ip")
    parser.add_argument("--flag", action="append", default=[], help="of every node, as --flag=--log.level=debug")
    return parser.parse_args()


def main():
    wanted = arguments()
    print(f"seed {wanted.seed}", flush=True)
    if wanted.cuts and not cluster_network.usable():
        sys.exit("--cuts needs the program ip, and root who may make namespaces")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mosaic-chaos-"))
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(cluster_network.Network(3)) if wanted.cuts else None
        chaos = Chaos(folder, random.Random(wanted.seed), network, wanted.flag)
        stack.callback(chaos.cluster.end)
        chaos.start()
        chaos.kill_leaders(wanted.leader_kills) if wanted.leader_kills else chaos.run(wanted.minutes * 60)
    print(dict(chaos.faults), f"whole again after at most {chaos.healed_s:.1f} s; {chaos.files} files compared")
    print(chaos.registers.summary())
    for problem in chaos.problems:
        print("PROBLEM:", problem)
    print(f"seed {wanted.seed}: {len(chaos.problems)} problems" + (f"; the nodes' files are in {folder}" if chaos.problems else ""))
    if not chaos.problems:
        shutil.rmtree(folder)
    return 1 if chaos.problems else 0


if __name__ == "__main__":
    sys.exit(main())
