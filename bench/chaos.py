#!/usr/bin/env python3
"""Makes parts of a node fail at random under load and tells what its clients saw of it.

The scenario of tests/system/test_faults.py on a node and a folder of its own, many times over: one shard of
four crashes, stalls, is slow or silent while clients search, in the second half while one writes, too.

    MOSAIC_BINARY=build/release/mosaic bench/chaos.py [--faults 100] [--seed N]
"""
import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "system"))

from chaos import Chaos  # noqa: E402
from node import Node  # noqa: E402

COLUMNS = ("fault", "times", "answers", "partial", "worst over deadline", "worst until whole")


def row(what, rounds, chaos):
    answers = [seen for this in rounds for seen in this.seen]
    partial = sum(len(this.partial()) for this in rounds)
    return (what, len(rounds), len(answers), f"{partial / max(1, len(answers)):.1%}",
            f"{max((seen.overdue_s for seen in answers), default=0) * 1e3:+.0f} ms",
            f"{max(this.again_s for this in rounds) * 1e3:.0f} ms")


def table(chaos):
    kinds = sorted({this.what for this in chaos.rounds})
    rows = [row(kind, [this for this in chaos.rounds if this.what == kind], chaos) for kind in kinds]
    rows.append(row("all", chaos.rounds, chaos))
    widths = [max(len(str(line[column])) for line in [COLUMNS, *rows]) for column in range(len(COLUMNS))]
    for line in [COLUMNS, *rows]:
        print("  ".join(f"{value!s:<{width}}" if not column else f"{value!s:>{width}}"
                        for column, (value, width) in enumerate(zip(line, widths))))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--faults", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mosaic-chaos-"))
    node = Node(folder / "data", "--debug.fault_injection", "true", "--search.result_cache_bytes", "0")
    try:
        chaos = Chaos(node.start(), random.Random(chosen.seed))
        chaos.run(chosen.faults // 2, writers=0)
        chaos.run(chosen.faults - chosen.faults // 2, writers=1)
        table(chaos)
        lost = chaos.lost()
    finally:
        node.kill()
        shutil.rmtree(folder)
    print(f"seed {chosen.seed}, {len(chaos.acknowledged)} documents acknowledged, {len(lost)} lost, "
          f"{len(chaos.problems)} wrong answers")
    print("\n".join(chaos.problems[:20]))
    return 1 if lost or chaos.problems else 0


if __name__ == "__main__":
    if not os.environ.get("MOSAIC_BINARY"):
        sys.exit("MOSAIC_BINARY is not set: it names the binary to run")
    sys.exit(main())
