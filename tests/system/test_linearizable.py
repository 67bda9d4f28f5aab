"""The checker of histories: passes those that could have happened, and finds what could not."""

import itertools
import math
import unittest

from linearizable import ERASE, READ, WRITE, Operation, apply, doubted, find_violation, is_linearizable
from node import seeded


def write(value, begin, end=math.inf):
    return Operation(WRITE, value, begin, end)


def read(value, begin, end):
    return Operation(READ, value, begin, end)


def erase(found, begin, end=math.inf):
    return Operation(ERASE, found, begin, end)


def by_trying_all_orders(history, initial=None):
    """The same answer from the definition; for a few operations."""
    known = [operation for operation in history if operation.end < math.inf]
    unknown = [operation for operation in history if operation.end == math.inf and operation.kind != READ]
    for count in range(len(unknown) + 1):
        for made in itertools.combinations(unknown, count):
            for order in itertools.permutations(known + list(made)):
                if in_time(order) and in_effect(order, initial):
                    return True
    return False


def in_time(order):
    return all(order[j].end >= order[i].begin for i in range(len(order)) for j in range(i + 1, len(order)))


def in_effect(order, state):
    for operation in order:
        fits, state = apply(operation, state)
        if not fits:
            return False
    return True


class Good(unittest.TestCase):
    def passes(self, *history):
        self.assertIsNone(find_violation(history))

    def test_nothing(self):
        self.passes()

    def test_one_after_the_other(self):
        self.passes(write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7))

    def test_a_read_during_a_write_sees_either(self):
        self.passes(write(1, 0, 10), read(None, 1, 2), read(1, 3, 4))

    def test_writes_at_the_same_time_in_either_order(self):
        self.passes(write(1, 0, 10), write(2, 0, 10), read(2, 11, 12))
        self.passes(write(1, 0, 10), write(2, 0, 10), read(1, 11, 12))

    def test_an_unknown_write_that_never_happened(self):
        self.passes(write(1, 0, 1), write(2, 2), read(1, 3, 4), read(1, 9, 10))

    def test_an_unknown_write_that_happened_late(self):
        self.passes(write(1, 0, 1), write(2, 2), read(1, 3, 4), read(2, 9, 10))

    def test_an_unknown_deletion_that_happened_late(self):
        self.passes(write(1, 0, 1), erase(None, 2), read(1, 3, 4), read(None, 5, 6), write(3, 7, 8), read(3, 9, 10))

    def test_two_that_erase_at_the_same_time_find_it_once(self):
        self.passes(write(1, 0, 1), erase(True, 2, 9), erase(False, 2, 9), read(None, 10, 11))

    def test_an_unknown_read_says_nothing(self):
        self.passes(write(1, 0, 1), Operation(READ, 7, 2))

    def test_what_was_there_before(self):
        self.assertTrue(is_linearizable([read(5, 0, 1)], initial=5))


class Bad(unittest.TestCase):
    def fails(self, *history):
        self.assertIsNotNone(find_violation(history))

    def test_a_stale_read(self):
        self.fails(write(1, 0, 1), write(2, 2, 3), read(1, 4, 5))

    def test_a_lost_write(self):
        self.fails(write(1, 0, 1), read(None, 2, 3))

    def test_a_value_that_nobody_wrote(self):
        self.fails(write(1, 0, 1), read(3, 2, 3))

    def test_a_read_that_goes_back(self):
        self.fails(write(1, 0, 1), write(2, 2, 20), read(2, 3, 4), read(1, 5, 6))

    def test_an_unknown_write_that_comes_and_goes(self):
        self.fails(write(1, 0, 1), write(2, 2), read(2, 3, 4), read(1, 5, 6), read(2, 7, 8))

    def test_a_value_that_is_read_before_it_is_written(self):
        self.fails(read(2, 0, 1), write(2, 2), read(None, 3, 4))
        self.fails(read(2, 0, 1), write(2, 2, 3))

    def test_a_deletion_that_is_undone(self):
        self.fails(write(1, 0, 1), erase(True, 2, 3), read(1, 4, 5))

    def test_what_is_erased_twice(self):
        self.fails(write(1, 0, 1), erase(True, 2, 3), erase(True, 2, 9))

    def test_what_is_not_found_though_it_is_there(self):
        self.fails(write(1, 0, 1), erase(False, 2, 3))

    def test_the_violation_is_shown(self):
        found = find_violation([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5), read(2, 6, 7)])
        self.assertEqual((found[0].kind, found[0].value), (READ, 1))


class Random(unittest.TestCase):
    def setUp(self):
        self.random = seeded(self.id())

    def history(self, count, clients, unknown=0.1):
        """A history of a register that works, and the same with nothing hidden: who reads what was there."""
        state, now, made, busy = None, 0.0, [], [0.0] * clients
        for value in range(count):
            client = self.random.randrange(clients)
            begin = max(busy[client], now) + self.random.random()
            point = begin + self.random.random()
            now = max(now, begin - clients)
            busy[client] = point + self.random.random()
            made.append((point, client, begin, busy[client], value))
        history = []
        for point, client, begin, end, value in sorted(made):
            if self.random.random() < 0.5:
                history.append(Operation(READ, state, begin, end, f"c{client}"))
                continue
            end = math.inf if self.random.random() < unknown else end
            if self.random.random() < 0.1:
                history.append(Operation(ERASE, None if end == math.inf else state is not None, begin, end, f"c{client}"))
                state = None
                continue
            state = value
            history.append(Operation(WRITE, state, begin, end, f"c{client}"))
        return history

    def test_long_histories_pass_and_planted_violations_are_found(self):
        for _ in range(20):
            history = self.history(2_000, 6, unknown=0.02)
            self.assertIsNone(find_violation(history))
            reads = [operation for operation in history if operation.kind == READ]
            planted = self.random.choice(reads[len(reads) // 2:])
            early = [operation.value for operation in history
                     if operation.kind == WRITE and operation.end < planted.begin - 50]
            planted.value = self.random.choice(early)
            self.assertIsNotNone(find_violation(history))

    def test_short_histories_agree_with_the_definition(self):
        verdicts = []
        for _ in range(400):
            history = self.history(6, 3, unknown=0.3)
            if self.random.random() < 0.6:
                operation = self.random.choice(history)
                if operation.kind == READ:
                    operation.value = self.random.choice([None, 0, 1, 2, 3, 4, 5])
                else:
                    operation.begin, operation.end = operation.begin + 2, max(operation.end, operation.begin + 2)
            wanted = by_trying_all_orders(doubted(history))
            self.assertEqual(is_linearizable(history), wanted, [str(operation) for operation in history])
            verdicts.append(wanted)
        self.assertGreater(verdicts.count(True), 50)
        self.assertGreater(verdicts.count(False), 20)


if __name__ == "__main__":
    unittest.main()
