"""Whether the replicas of a shard are equal row for row, as their files show when the nodes have ended.

Every table of a shard's file follows from the log alone (docs/SHARD_FORMAT.md), so at one applied seq all must be
equal: rows, their numbers, those that have ended, vectors, links, times, what is remembered of requests, the indexes
that there are. Two things are a node's own: up to where its index file covers the shard, and how FTS5 has cut its words
into segments, which depends on what became one transaction. Of FTS5's tables the words are compared, each with every
place where it stands, the sizes of the texts, and their sums. Of the catalog what entries have made is compared; how
far each shard is safe on this disk is not.
"""

import concurrent.futures
import contextlib
import itertools
import pathlib
import shutil
import sqlite3
import tempfile

OWN_META = "'index_seq'"
OWN_TABLES = ("sqlite_stat1", "sqlite_stat4")
CATALOG = "catalog.db"
# Of the catalog: `shards`, `meta` and what a snapshot's files look like here are a node's own.
CATALOG_TABLES = ("collections", "centroids", "nodes", "leaving_nodes", "replicas", "requests", "answers")
SHOWN_BYTES = 160
LEVEL_LIMIT_S = 120
ATTEMPTS = 5


@contextlib.contextmanager
def opened(path):
    """A database that nobody has open, with whatever its write-ahead log still holds; the file stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        journal = pathlib.Path(f"{path}-wal")
        mode = "mode=ro&immutable=1"
        if journal.exists() and journal.stat().st_size > 0:
            for part in (path, journal):
                shutil.copy(part, folder)
            path, mode = pathlib.Path(folder, path.name), "mode=rw"
        with contextlib.closing(sqlite3.connect(f"file:{path}?{mode}", uri=True)) as database:
            database.text_factory = bytes
            yield database


def names(database, what):
    return [name.decode() for name, in database.execute(f"SELECT name FROM sqlite_schema WHERE {what} ORDER BY name")]


def parts(database, only=()):
    """What is compared, by name: a statement that gives its rows in an order that is the same everywhere."""
    indexes = names(database, "sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'")
    internal = {f"{index}_{part}" for index in indexes for part in ("data", "idx", "docsize", "config")}
    found = {"schema": "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"}
    for table in names(database, "type = 'table'"):
        if table not in internal and table not in indexes and table not in OWN_TABLES:
            found[table] = f"SELECT * FROM {table} ORDER BY {order(database, table)}"
    for index in indexes:
        database.execute(f"CREATE VIRTUAL TABLE temp.{index}_words USING fts5vocab(main, {index}, instance)")
        found[f"{index} (words)"] = f"SELECT term, doc, col, offset FROM temp.{index}_words"
        found[f"{index} (sizes)"] = f"SELECT id, sz FROM {index}_docsize ORDER BY id"
        # Where FTS5 keeps the number of texts and the sums of their sizes.
        found[f"{index} (sums)"] = f"SELECT block FROM {index}_data WHERE id = 1"
    if "meta" in found:
        found["meta"] = f"SELECT key, value FROM meta WHERE key NOT IN ({OWN_META}) ORDER BY key"
    return {name: sql for name, sql in found.items() if not only or name in only}


def order(database, table):
    """The columns of the primary key, in which the rows lie anyhow, or the number of the row."""
    found = database.execute(f"PRAGMA table_info({table})")
    columns = sorted((place, name) for _, name, _, _, _, place in found if place)
    return ", ".join(name.decode() for _, name in columns) or "rowid"


def shown(row):
    return "nothing" if row is None else repr(row)[:SHOWN_BYTES]


def differences(one, other, only=()):
    """In what two files differ, as lines of text: of each table the first rows that are not the same."""
    with opened(one) as first, opened(other) as second:
        wanted, found = parts(first, only), parts(second, only)
        lines = [f"table {name} is only in one of both" for name in sorted(wanted.keys() ^ found.keys())]
        for name in sorted(wanted.keys() & found.keys()):
            pairs = itertools.zip_longest(first.execute(wanted[name]), second.execute(found[name]))
            number, pair = next(((number, pair) for number, pair in enumerate(pairs) if pair[0] != pair[1]), (0, None))
            if pair:
                lines.append(f"{name}, after {number} equal rows: {shown(pair[0])} beside {shown(pair[1])}")
        return lines


def applied_seq(path):
    """Of a shard or a catalog."""
    with opened(path) as database:
        return database.execute("SELECT value FROM meta WHERE key = 'applied_seq'").fetchone()[0]


def wait_until_level(cluster):
    """Until all nodes and all replicas have applied the same and no job adds to it; what the cluster then says of
    itself."""

    def level():
        if any(job["state"] == "running" for node in cluster.nodes for job in node.get("/api/v1/jobs").json()["jobs"]):
            return False
        seen = [node.status() for node in cluster.nodes]
        shards = [[(shard["collection"], shard["id"], {replica["node"] for replica in shard["replicas"]})
                   for shard in status["shards"]] for status in seen]
        return all(
            status["leader"] == seen[0]["leader"] is not None and status["seq"] == seen[0]["seq"]
            and all(node["state"] == "up" and node["lag"] == 0 for node in status["nodes"])
            and all(len({replica["seq"] for replica in shard["replicas"]}) == 1 for shard in status["shards"])
            and all(replica["state"] == "up" for shard in status["shards"] for replica in shard["replicas"])
            and placed == shards[0] for status, placed in zip(seen, shards)) and seen[0]

    return cluster.wait_for(level, "nodes that are level", LEVEL_LIMIT_S)


def files(cluster, status):
    """The files that must be equal: what they are, and for each node that must have one its path, or nothing."""
    folders = {node.name: node.folder for node in cluster.nodes}
    found = {CATALOG: {name: folder / CATALOG for name, folder in folders.items()}}
    for shard in status["shards"]:
        place = f"collections/{shard['collection']}-[0-9]*/shard-{shard['id']}.db"
        found[f"shard {shard['id']} of '{shard['collection']}'"] = {
            replica["node"]: next(folders[replica["node"]].glob(place), None) for replica in shard["replicas"]}
    return found


def end_all(cluster):
    """SIGTERM to all nodes at the same time: none sees the others go for long. Lines of text about bad ends."""
    with concurrent.futures.ThreadPoolExecutor(len(cluster.nodes)) as pool:
        codes = list(pool.map(lambda node: node.terminate(), cluster.nodes))
    return [f"{node.name} ends with {code} after SIGTERM" for node, code in zip(cluster.nodes, codes) if code != 0]


def end_and_compare(cluster):
    """Ends all nodes, which nobody may write to, and compares all their replicas. Answers with how many files there
    were and the differences, as lines of text."""
    for _ in range(ATTEMPTS):
        compared = files(cluster, wait_until_level(cluster))
        problems = end_all(cluster)
        seqs = {what: {name: path and applied_seq(path) for name, path in paths.items()}
                for what, paths in compared.items() if what != CATALOG}
        uneven = [f"{what} ends at {at}" for what, at in seqs.items()
                  if None in at.values() or len(set(at.values())) > 1]
        if problems or not uneven:
            break
        # Between the look at the levels and the end the nodes may have appended something of their own.
        cluster.restart_all()
        cluster.wait_until_up()
    lines = [line for what, paths in compared.items() for line in unequal(what, paths)]
    return sum(map(len, compared.values())), problems + uneven + lines


def unequal(what, paths):
    """How the first of these files differs from each other one, as lines of text."""
    (first, path), *others = [(name, path) for name, path in paths.items() if path]
    only = CATALOG_TABLES if what == CATALOG else ()
    return [f"{what} at {first} and {name}: {line}"
            for name, other in others for line in differences(path, other, only)]
