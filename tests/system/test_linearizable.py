"""The checker of histories: passes those that could have happened, and finds what could not."""

import math
import unittest

from linearizable import ERASE, READ, WRITE, Operation, apply, find_violation, is_linearizable
from node import seeded


def write(value, begin, end=math.inf):
    return Operation(WRITE, value, begin, end)


def read(value, begin, end):
    return Operation(READ, value, begin, end)


def erase(found, begin, end=math.inf):
    return Operation(ERASE, found, begin, end)


def by_trying_all_orders(history, state=None):
    """The same answer from the definition, without any thought for what may be left out; for a few operations."""
    if all(operation.end == math.inf for operation in history):
        return True  # None of these need ever have been made.
    for chosen in history:
        left = [operation for operation in history if operation is not chosen]
        # What reads without an answer changes nothing and says nothing.
        if chosen.kind == READ and chosen.end == math.inf or any(other.end < chosen.begin for other in left):
            continue
        fits, after = apply(chosen, state)
        if fits and by_trying_all_orders(left, after):
            return True
    return False


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

    def test_unknown_writes_that_nobody_read_but_who_erased_them(self):
        self.passes(write(1, 0), erase(True, 2, 3), read(None, 4, 5))
        self.passes(write(1, 0, 1), write(2, 0), erase(True, 2, 3), erase(True, 4, 5))
        self.passes(write(1, 0), write(2, 0), erase(True, 2, 3), erase(True, 4, 5), erase(False, 6, 7))
        self.passes(write(1, 2.5), erase(True, 2, 3), read(None, 4, 5))

    def test_two_unknown_deletions_that_were_made_late(self):
        self.passes(erase(None, 0), erase(None, 0), write(1, 1, 2), read(1, 3, 4), read(None, 5, 6), write(2, 7, 8),
                    erase(False, 9, 10))

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

    def test_more_is_erased_than_was_written(self):
        self.fails(write(1, 0), erase(True, 2, 3), erase(True, 4, 5))
        self.fails(write(1, 0, 1), write(2, 0), erase(True, 2, 3), erase(True, 4, 5), erase(True, 6, 7))

    def test_what_is_erased_before_an_unknown_write_began(self):
        self.fails(erase(True, 2, 3), write(1, 4))
        self.fails(write(1, 0, 1), erase(True, 2, 3), erase(True, 4, 5), write(2, 6))

    def test_an_unknown_write_that_is_read_is_none_that_may_be_erased_unseen(self):
        self.fails(write(1, 0), read(1, 2, 3), erase(True, 4, 5), erase(True, 6, 7))

    def test_more_is_gone_than_unknown_deletions_took_away(self):
        self.fails(erase(None, 0), write(1, 1, 2), read(None, 3, 4), write(2, 5, 6), read(None, 7, 8))

    def test_the_violation_is_shown(self):
        found = find_violation([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5), read(2, 6, 7)])
        self.assertEqual((found[0].kind, found[0].value), (READ, 1))


class Random(unittest.TestCase):
    def setUp(self):
        self.random = seeded(self.id())

    def history(self, count, clients, unknown=0.1, erased=0.1):
        """A history of a register that works: who reads sees what was there, and of what has no answer a part is made."""
        points, busy = [], [0.0] * clients
        for value in range(count):
            client = self.random.randrange(clients)
            begin = busy[client] + self.random.random()
            point = begin + self.random.random()
            busy[client] = point + self.random.random()
            points.append((point, client, begin, busy[client], value))
        history, state = [], None
        for _, client, begin, end, value in sorted(points):
            end = math.inf if self.random.random() < unknown else end
            operation, after = self.one(state, value, begin, end, erased)
            operation.who = f"c{client}"
            history.append(operation)
            if end < math.inf or self.random.random() < 0.5:
                state = after
        return history

    def one(self, state, value, begin, end, erased):
        """An operation that meets `state`, and the state after it."""
        roll = self.random.random()
        if roll < erased:
            return erase(None if end == math.inf else state is not None, begin, end), None
        if roll < 0.5 + erased / 2:
            return read(state, begin, end), state
        return write(value, begin, end), value

    def spoil(self, history):
        """Changes what one operation saw or when it was; the history may still be one that could have happened."""
        operation = self.random.choice(history)
        if operation.kind == READ:
            operation.value = self.random.choice([None, *range(len(history))])
        elif operation.kind == ERASE and operation.end < math.inf:
            operation.value = self.random.choice([True, True, False, None])
        else:
            operation.begin, operation.end = operation.begin + 2, max(operation.end, operation.begin + 2)

    def test_long_histories_pass_and_planted_violations_are_found(self):
        for _ in range(20):
            history = self.history(2_000, 6, unknown=0.02)
            self.assertIsNone(find_violation(history))
            reads = [operation for operation in history if operation.kind == READ and operation.end < math.inf]
            planted = self.random.choice(reads[len(reads) // 2:])
            early = [operation.value for operation in history
                     if operation.kind == WRITE and operation.end < planted.begin - 50]
            planted.value = self.random.choice(early)
            self.assertIsNotNone(find_violation(history))

    def test_erasures_of_long_histories_with_much_unknown_are_counted(self):
        for _ in range(10):
            history = self.history(2_000, 6, unknown=0.05, erased=0.3)
            self.assertIsNone(find_violation(history))
            # Each unknown write may be what one of them has erased, and none can be what two have.
            end = max(operation.end for operation in history if operation.end < math.inf)
            writes = [operation for operation in history if operation.kind == WRITE and operation.end == math.inf]
            history += [erase(True, end + 2 * n + 1, end + 2 * n + 2) for n in range(len(writes) + 2)]
            self.assertIsNotNone(find_violation(history))

    def test_short_histories_agree_with_the_definition(self):
        verdicts, spare = [], 0
        for _ in range(10_000):
            history = self.history(self.random.randint(3, 9), 3, self.random.choice([0.1, 0.4]),
                                   self.random.choice([0.1, 0.5]))
            for _ in range(self.random.randint(0, 2)):
                self.spoil(history)
            wanted = by_trying_all_orders(history)
            self.assertEqual(is_linearizable(history), wanted, [str(operation) for operation in history])
            known = [operation for operation in history if operation.end < math.inf]
            verdicts.append(wanted)
            spare += wanted and not by_trying_all_orders(known)
        self.assertGreater(verdicts.count(True), 2_000)
        self.assertGreater(verdicts.count(False), 1_000)
        self.assertGreater(spare, 500, "histories that are possible only by what was never answered")


if __name__ == "__main__":
    unittest.main()
