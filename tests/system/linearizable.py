"""Whether a history of one register could have happened one operation after the other.

The search is just-in-time linearization (Lowe, Testing for linearizability, 2017): it goes through the history by time
and keeps every state that the register may be in, each with the operations that are under way and made already. When
one ends it must have been made, if need be after others that are under way. No state left is a violation.

An operation whose outcome is unknown may have been made at any time after it began, or never. Values that are written
must differ from each other. Then a write without outcome that somebody has read had been made when the first such read
ended. The others, and what erases without outcome, are called spare: nobody sees a spare write but an operation that
erases and says that it has found something, nobody a spare deletion but one that reads or erases and finds nothing,
right after it in either case: elsewhere it may as well be left out. So spare ones are made only where such an
operation does not meet what it says, and it does not matter which: all that have begun stay at hand, and what is kept
with a state is how many were used. Of two ways to the same, one that has used no more of either kind is as good.
Nothing is lost by all this: the verdict is exact.
"""

import bisect
import math
from dataclasses import dataclass, replace

WRITE, READ, ERASE = "write", "read", "erase"


@dataclass
class Operation:
    """`end` is math.inf while the outcome is unknown. `value` is what is written, was read, or whether something was
    erased (None: that is not known)."""

    kind: str
    value: object
    begin: float
    end: float = math.inf
    who: str = ""

    def __str__(self):
        end = "?" if self.end == math.inf else f"{self.end:.4f}"
        return f"{self.who} {self.kind} {self.value!r} [{self.begin:.4f}, {end}]"


def apply(operation, state):
    """Whether the operation can have met this state, and the state that it leaves."""
    if operation.kind == WRITE:
        return True, operation.value
    if operation.kind == ERASE:
        return operation.value is None or operation.value == (state is not None), None
    return operation.value == state, state


def first_reads(history):
    """When the first read of each value ended."""
    read_at = {}
    for operation in history:
        if operation.kind == READ:
            read_at[operation.value] = min(operation.end, read_at.get(operation.value, math.inf))
    return read_at


class Spare:
    """When the spare operations of one kind began."""

    def __init__(self, kind, operations):
        self.kind, self.begins = kind, sorted(operation.begin for operation in operations)

    def helps(self, operation, state):
        """Whether one of them, right before the operation, makes it fit a state that it does not fit."""
        if self.kind == WRITE:
            return operation.kind == ERASE and state is None
        return state is not None and (operation.kind == ERASE or operation.kind == READ and operation.value is None)

    def at_hand(self, time):
        """How many have begun."""
        return bisect.bisect_right(self.begins, time)


def divided(history):
    """The operations to be placed, with ends as early as they must have been, and the spare writes and deletions."""
    read_at = first_reads(history)
    placed, writes, deletions = [], [], []
    for operation in history:
        if operation.end < math.inf:
            placed.append(operation)
        elif operation.kind == ERASE:
            deletions.append(operation)
        elif operation.kind == WRITE and read_at.get(operation.value, math.inf) == math.inf:
            writes.append(operation)
        elif operation.kind == WRITE:
            # If it was read before it was written, the search must see that there is no order.
            placed.append(replace(operation, end=max(read_at[operation.value], operation.begin)))
    return placed, (Spare(WRITE, writes), Spare(ERASE, deletions))


def by_time(operations):
    """(operation's number, whether this is its end), in the order of time."""
    # At the same time begins come first: that allows more orders, never fewer.
    events = [(time, is_end, number) for number, operation in enumerate(operations)
              for time, is_end in ((operation.begin, False), (operation.end, True))]
    return [(number, is_end) for _, is_end, number in sorted(events)]


def step(operation, state, used, spares, now):
    """The state after an operation and how many spare ones of each kind are used then; nothing if it does not fit."""
    fits, after = apply(operation, state)
    if fits:
        return after, used
    for kind, spare in enumerate(spares):
        if spare.helps(operation, state) and used[kind] < spare.at_hand(now):
            return None, tuple(count + (other == kind) for other, count in enumerate(used))
    return None


def note(found, key, used):
    """Adds a way to `key` unless one is known that has used no more of either kind."""
    known = found.setdefault(key, [])
    if not any(all(a <= b for a, b in zip(before, used)) for before in known):
        known[:] = [before for before in known if not all(a <= b for a, b in zip(used, before))] + [used]


def must_be_made(number, operations, under_way, ways, spares):
    """The ways on from `ways`, (operations made of those under way, state): how spare ones were used, once it is made
    what ends now."""
    made, now = {}, operations[number].end
    while ways:
        longer = {}
        for (done, state), uses in ways.items():
            for used in uses:
                if number in done:
                    note(made, (done - {number}, state), used)
                    continue
                for other in under_way - done:
                    following = step(operations[other], state, used, spares, now)
                    if following:
                        note(longer, (done | {other}, following[0]), following[1])
        ways = longer
    return made


def is_linearizable(history, initial=None):
    """Whether there is an order; `history` is of one register, in any order."""
    return find_violation(history, initial) is None


def find_violation(history, initial=None):
    """Nothing if the history is linearizable, else the operations around the point that no order gets past."""
    operations, spares = divided(history)
    ways, under_way = {(frozenset(), initial): [(0, 0)]}, frozenset()
    for number, is_end in by_time(operations):
        if not is_end:
            under_way |= {number}
            continue
        ways = must_be_made(number, operations, under_way, ways, spares)
        if not ways:
            return around(operations, operations[number])
        under_way -= {number}
    return None


def around(operations, stuck):
    """The operation that cannot be placed, and the neighbours that it meets, by time."""
    ordered = sorted(operations, key=lambda operation: operation.begin)
    near = [operation for operation in ordered if operation.begin <= stuck.end and operation.end >= stuck.begin]
    earlier = [operation for operation in ordered if operation.end < stuck.begin][-6:]
    return [stuck] + earlier + near
