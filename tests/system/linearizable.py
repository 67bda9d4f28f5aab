"""Whether a history of one register could have happened one operation after the other.

The search is that of Wing and Gong (1993) with the memory of Lowe (2017) as Porcupine has it: an operation is taken
next if none that is still to come had ended before it began, and what was tried once, as a set of taken operations
with the state that they leave, is not tried again.

An operation whose outcome is unknown may have been made at any time after it began, or never. Values that are written
must differ from each other. Then a write without outcome that nobody has read can
be left out, and one that was read had been made when the first such read ended.

An operation that erases says whether it has found a value. That it has is believed once any write may have been left
out: it may be that value.
"""

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


class Event:
    """The begin of an operation, with a `match` that is its end, or that end; in a list linked both ways."""

    __slots__ = ("operation", "number", "match", "before", "after")

    def __init__(self, operation, number):
        self.operation, self.number = operation, number
        self.match = self.before = self.after = None


def first_reads(history):
    """When the first read of each value ended."""
    read_at = {}
    for operation in history:
        if operation.kind == READ:
            read_at[operation.value] = min(operation.end, read_at.get(operation.value, math.inf))
    return read_at


def doubted(history):
    """The history where what was erased is not known wherever it may be a value that nobody has read."""
    read_at = first_reads(history)
    left_out = min((operation.begin for operation in history
                    if operation.kind == WRITE and operation.end == math.inf and
                    read_at.get(operation.value, math.inf) == math.inf), default=math.inf)
    return [replace(operation, value=None)
            if operation.kind == ERASE and operation.value and operation.end > left_out else operation
            for operation in history]


def relevant(history):
    """The operations that can make a difference, with ends as early as they must have been."""
    kept = [operation for operation in doubted(history) if operation.kind != READ or operation.end < math.inf]
    read_at = first_reads(kept)
    found = []
    for operation in kept:
        if operation.kind == WRITE and operation.end == math.inf:
            if operation.value not in read_at:
                continue
            # If it was read before it was written, the search must see that there is no order.
            operation = replace(operation, end=max(read_at[operation.value], operation.begin))
        found.append(operation)
    return found


def linked(operations):
    """The first element of the list, which is none of the events, in the order of time."""
    events = []
    for number, operation in enumerate(operations):
        begin, end = Event(operation, number), Event(operation, number)
        begin.match = end
        # At the same time begins come first: that allows more orders, never fewer.
        events += [(operation.begin, 0, number, begin), (operation.end, 1, number, end)]
    events.sort(key=lambda event: event[:3])
    head = Event(None, -1)
    last = head
    for *_, event in events:
        last.after, event.before = event, last
        last = event
    return head


def lift(event):
    """Takes an operation out of the list."""
    for part in (event, event.match):
        part.before.after = part.after
        if part.after is not None:
            part.after.before = part.before


def put_back(event):
    for part in (event.match, event):
        part.before.after = part
        if part.after is not None:
            part.after.before = part


def is_linearizable(history, initial=None):
    """Whether there is an order; `history` is of one register, in any order."""
    return find_violation(history, initial) is None


def find_violation(history, initial=None):
    """Nothing if the history is linearizable, else the operations around the point that no order gets past."""
    operations = relevant(history)
    head = linked(operations)
    state, taken, seen, stack = initial, 0, set(), []
    furthest, stuck = -1, None
    event = head.after
    while head.after is not None:
        if event.match is not None:
            fits, after = apply(event.operation, state)
            key = (taken | 1 << event.number, after)
            if fits and key not in seen:
                seen.add(key)
                stack.append((event, state))
                state, taken = after, key[0]
                lift(event)
                event = head.after
            else:
                event = event.after
            continue
        if event.operation.end == math.inf:
            return None  # All that is left may never have been made.
        if len(stack) > furthest:
            furthest, stuck = len(stack), event.operation
        if not stack:
            return around(operations, stuck)
        event, state = stack.pop()
        taken &= ~(1 << event.number)
        put_back(event)
        event = event.after
    return None


def around(operations, stuck):
    """The operation that cannot be placed, and the neighbours that it meets, by time."""
    ordered = sorted(operations, key=lambda operation: operation.begin)
    near = [operation for operation in ordered if operation.begin <= stuck.end and operation.end >= stuck.begin]
    earlier = [operation for operation in ordered if operation.end < stuck.begin][-6:]
    return [stuck] + earlier + near
