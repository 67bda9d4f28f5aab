"""What a power cut leaves: from a folder as it was and the journal of the storage shim, a folder as it may be.

A write is durable once a sync of its file covers it; a name once its folder was synced. POSIX promises no more,
and nothing more is given here: all that was not synced is dropped (`strict`), or a part of it chosen by seed is
kept (`random`): writes whole, not at all, or by 512-byte sectors; names up to some moment in the order in which
they changed. What is mapped and written through memory (SQLite's -shm) counts as never written.

    power_loss.py BEFORE JOURNAL AFTER [--seed N]     makes the folder AFTER; strict without a seed
"""

import argparse
import pathlib
import random
import struct
import sys

HEAD = struct.Struct("<BQQQIII")
SECTOR = 512
OPEN, WRITE, TRUNCATE, ALLOCATE, RENAME, UNLINK, MKDIR, RMDIR, LINK, SYNC, SYNC_FOLDER, SYNC_WRITE, CANCEL = range(1, 14)


class File:
    """`now` is what a reader saw, `durable` what is on the disk, `pending` the changes between them."""

    def __init__(self, data=b""):
        self.now, self.durable, self.pending = bytearray(data), bytearray(data), []

    def change(self, number, kind, at, data):
        self.pending.append((number, kind, at, data))
        apply(self.now, kind, at, data)

    def sync(self, before):
        for number, kind, at, data in self.pending:
            if number < before:
                apply(self.durable, kind, at, data)
        self.pending = [change for change in self.pending if change[0] >= before]

    def sync_one(self, wanted):
        """One write alone, as O_DSYNC makes it durable: with the file's size, and over what was written there before."""
        at, data = next((at, data) for number, _, at, data in self.pending if number == wanted)
        left = []
        for change in self.pending:
            number, kind, begin, content = change
            if number >= wanted:
                left += [change] if number > wanted else []
            elif kind != WRITE:
                apply(self.durable, kind, begin, content)
            else:
                left += [(number, kind, *part) for part in outside(begin, content, at, at + len(data))]
        apply(self.durable, WRITE, at, data)
        self.pending = left

    def cancel(self, unwanted):
        """The write was not made after all."""
        self.pending = [change for change in self.pending if change[0] != unwanted]

    def survivor(self, chance):
        """What is on the disk after the cut; `chance` is None for what is durable alone."""
        left = bytearray(self.durable)
        if chance is None:
            return left
        for _, kind, at, data in self.pending:
            fate = chance.random()
            if fate < 0.4:
                apply(left, kind, at, data)
            elif fate < 0.6 and kind == WRITE:
                for begin in range(0, len(data), SECTOR):
                    if chance.random() < 0.5:
                        apply(left, WRITE, at + begin, data[begin:begin + SECTOR])
        return left


def outside(begin, data, first, last):
    """The parts of a write at `begin` that are not in [first, last)."""
    before, after = data[:max(0, first - begin)], data[max(0, last - begin):]
    return [(at, part) for at, part in ((begin, before), (max(begin, last), after)) if part]


def apply(content, kind, at, data):
    if kind == WRITE:
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        content[at:at + len(data)] = data
    elif kind == TRUNCATE:
        del content[at:]
        content.extend(bytes(at - len(content)))
    elif kind == ALLOCATE:
        content.extend(bytes(max(0, at + data - len(content))))


class Folder:
    """`now` and `durable` map names to files and folders."""

    def __init__(self):
        self.now, self.durable = {}, {}


class Disk:
    """Replays a journal. `root` is the path that the shim watched."""

    def __init__(self, root):
        self.root, self.tree = pathlib.PurePosixPath(root), Folder()
        self.files = {}  # by the id of the shim
        self.changes = []  # of names: (number, [(folder, name, what or None)]), those not durable yet
        self.records = 0

    def load(self, before):
        """Starts from a folder as it is, all of it durable."""
        self.tree = load_folder(pathlib.Path(before))
        return self

    def replay(self, journal, until=None):
        """All records, or the first `until`; a torn one at the end was never made."""
        data, at = pathlib.Path(journal).read_bytes(), 0
        while at + HEAD.size <= len(data) and (until is None or self.records < until):
            op, number, offset, length, *sizes = HEAD.unpack_from(data, at)
            at += HEAD.size
            if at + sum(sizes) > len(data):
                break
            parts = []
            for size in sizes:
                parts.append(data[at:at + size])
                at += size
            self._record(op, number, offset, length, parts[0].decode(), parts[1].decode(), parts[2])
            self.records += 1
        return self

    def _record(self, op, key, offset, length, path, other, data):
        if op == OPEN:
            self._open(key, path, made=offset, cut=length)
        elif op in (WRITE, TRUNCATE, ALLOCATE):
            self.files[key].change(self.records, op, offset, length if op == ALLOCATE else data)
        elif op == SYNC and key:
            self.files[key].sync(offset)
        elif op == SYNC_WRITE:
            self.files[key].sync_one(offset)
        elif op == CANCEL:
            self.files[key].cancel(offset)
        elif op == SYNC_FOLDER:
            # One that has been taken away meanwhile has nothing to keep.
            folder = self._find(path, missing=None)
            if folder is not None:
                self._sync_folder(folder, offset)
        elif op == RENAME:
            self._names((path, None), (other, self._find(path)))
        elif op == LINK:
            self._names((other, self._find(path)))
        elif op in (UNLINK, RMDIR):
            self._names((path, None))
        elif op == MKDIR and path != str(self.root):
            self._names((path, Folder()))

    def _open(self, key, path, made, cut):
        if made:
            self._names((path, File()))
        self.files[key] = self._find(path)
        if cut:
            self.files[key].change(self.records, TRUNCATE, 0, b"")

    def _find(self, path, **missing):
        found = self.tree
        for name in pathlib.PurePosixPath(path).relative_to(self.root).parts:
            if missing and name not in found.now:
                return missing["missing"]
            found = found.now[name]
        return found

    def _names(self, *changes):
        made = []
        for path, what in changes:
            path = pathlib.PurePosixPath(path)
            folder = self._find(path.parent)
            made.append((folder, path.name, what))
            enter(folder.now, path.name, what)
        self.changes.append((self.records, made))

    def _sync_folder(self, folder, before):
        kept = []
        for number, made in self.changes:
            if number < before and any(part[0] is folder for part in made):
                for where, name, what in made:
                    enter(where.durable, name, what)
            else:
                kept.append((number, made))
        self.changes = kept

    def write(self, after, seed=None):
        """Makes the folder `after` as the disk may be when the power fails now."""
        chance = None if seed is None else random.Random(seed)
        if chance is not None:
            until = chance.randrange(self.records + 1)
            for number, made in self.changes:
                if number < until:
                    for where, name, what in made:
                        enter(where.durable, name, what)
        write_folder(self.tree, pathlib.Path(after), lambda folder: folder.durable,
                     lambda file: file.survivor(chance))

    def write_now(self, after):
        """Makes the folder as it was to a reader, to compare with the real one."""
        write_folder(self.tree, pathlib.Path(after), lambda folder: folder.now, lambda file: file.now)


def enter(names, name, what):
    if what is None:
        names.pop(name, None)
    else:
        names[name] = what


def load_folder(path):
    folder = Folder()
    for entry in sorted(path.iterdir()):
        folder.now[entry.name] = load_folder(entry) if entry.is_dir() else File(entry.read_bytes())
    folder.durable = dict(folder.now)
    return folder


def write_folder(folder, path, names, content):
    path.mkdir(parents=True)
    for name, entry in names(folder).items():
        if isinstance(entry, Folder):
            write_folder(entry, path / name, names, content)
        else:
            (path / name).write_bytes(content(entry))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("journal", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--root", help="the path that the shim watched, if BEFORE is a copy of it")
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    if given.after.exists():
        sys.exit(f"{given.after} is there already")
    Disk(given.root or given.before.resolve()).load(given.before).replay(given.journal).write(given.after, given.seed)


if __name__ == "__main__":
    main()
