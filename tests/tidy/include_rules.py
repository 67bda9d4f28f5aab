"""Which room may include which, and which library lives where (docs/ARCHITECTURE.md says why)."""

import posixpath
import re

from tree import Finding

_CORE = {"include", "base"}
_ENGINES = {"storage", "index", "text", "query", "graph"}
_BELOW_ACTORS = _CORE | _ENGINES | {
    "net", "tls", "routing", "shard", "replication", "cluster", "metrics", "backup"
}

# A room may always include itself.
ARROWS = {
    "include": set(),
    "base": {"include"},
    "metrics": _CORE,
    "net": _CORE,
    "tls": _CORE,
    **{room: _CORE | {"net"} for room in _ENGINES},
    "routing": _CORE | {"index"},
    "shard": _CORE | _ENGINES | {"net", "routing"},
    "replication": _CORE | {"net", "storage", "tls"},
    "cluster": _CORE,
    "backup": _CORE | {"net"},
    "check": _CORE | _ENGINES | {"routing", "shard", "replication"},
    "actors": _BELOW_ACTORS,
    "http": _CORE | {"metrics"},
    "cli": _CORE | {"net", "tls"},
}

# What an include line starts with -> the paths that may hold it.
LIBRARIES = {
    # What actors cost can only be measured among actors.
    "caf/": ("actors/", "tests/actors/", "include/mosaic/client.hpp", "bench/actor_bench.cpp"),
    # What is durable is measured against SQLite alone.
    "sqlite3": ("src/storage/", "tests/unit/storage/", "bench/durable_peer.cpp"),
    # The index is measured against it.
    "hnswlib/": ("src/index/", "tests/unit/index/", "bench/native_hnsw.cpp"),
    # A node is measured against a bare server.
    "boost/beast": ("src/http/", "tests/unit/http/", "bench/bare_server.cpp"),
    "boost/asio": ("src/http/", "tests/unit/http/", "bench/bare_server.cpp"),
    "raft.h": ("src/replication/", "tests/unit/replication/"),
    "uv.h": ("src/replication/", "tests/unit/replication/"),
    "raft/": ("src/replication/", "tests/unit/replication/"),
    "zstd.h": ("src/backup/", "tests/unit/backup/"),
    "prometheus/": ("src/metrics/",),
    "curl/": ("src/net/", "tests/unit/net/"),
    "pugixml": ("src/net/", "tests/unit/net/"),
    "openssl/": ("src/tls/", "src/base/digest.cpp", "tests/unit/tls/"),
    "hiredis/": ("src/net/", "tests/unit/net/"),
}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<mark>[<"])(?P<name>[^>"]+)[>"]')
_INCLUDE_FOLDERS = ("include", "src", "", "tests")


def includes(tree, path):
    """(line, name, is quoted) of every include of a file."""
    for number, line in tree.lines(path):
        match = _INCLUDE.match(line)
        if match:
            yield number, match["name"], match["mark"] == '"'


def room_of(path):
    """The room a file belongs to; None where everything may be included (main, system tests)."""
    parts = path.split("/")
    if parts[:2] == ["include", "mosaic"]:
        return "include"
    if parts[0] == "actors" or parts[:2] == ["tests", "actors"]:
        return "actors"
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["tests", "unit"] and len(parts) > 3:
        return parts[2]
    return None


def room_named(name):
    """The room that an include of `name` reaches into; None for a foreign or test header."""
    first = name.split("/")[0]
    if first == "mosaic":
        return "include"
    return first if first in ARROWS else None


def rooms_are_known(tree):
    """A folder under src/ needs its place in the order of rooms."""
    for path in tree.sources():
        room = room_of(path)
        if room is not None and room not in ARROWS:
            yield Finding(path, 1, "room", f"'{room}' is no room; give it a line in ARROWS")


def arrows_point_one_way(tree):
    for path in tree.sources():
        room = room_of(path)
        if room not in ARROWS:
            continue
        for number, name, quoted in includes(tree, path):
            target = room_named(name) if quoted else None
            if target is not None and target != room and target not in ARROWS[room]:
                yield Finding(path, number, "arrow", f"'{room}' must not include '{name}'")


def includes_name_their_room(tree):
    for path in tree.sources():
        if not path.startswith(("src/", "actors/", "include/")):
            continue
        for number, name, quoted in includes(tree, path):
            if quoted and (name.startswith(".") or "/" not in name):
                yield Finding(path, number, "spelling", f'write "room/file.hpp", not "{name}"')


def libraries_stay_in_their_rooms(tree):
    for path in tree.sources():
        for number, name, _ in includes(tree, path):
            for library, homes in LIBRARIES.items():
                if name.startswith(library) and not path.startswith(homes):
                    yield Finding(path, number, "library", f"<{name}> belongs to {homes[0]}")


def promise_needs_the_standard_library_only(tree):
    for path in tree.sources():
        if not path.startswith("include/") or path == "include/mosaic/client.hpp":
            continue
        for number, name, quoted in includes(tree, path):
            if not quoted and not re.fullmatch(r"[a-z_0-9]+", name):
                yield Finding(path, number, "promise", f"<{name}> is not of the standard library")


def includes_have_no_cycles(tree):
    graph = {path: list(_included_files(tree, path)) for path in tree.sources()}
    state, trail = {}, []

    def visit(path):
        state[path] = "open"
        trail.append(path)
        for number, target in graph[path]:
            if state.get(target) == "open":
                ring = " -> ".join(trail[trail.index(target):] + [target])
                yield Finding(path, number, "cycle", ring)
            elif target not in state:
                yield from visit(target)
        trail.pop()
        state[path] = "done"

    for start in graph:
        if start not in state:
            yield from visit(start)


def _included_files(tree, path):
    known = set(tree.sources())
    folders = (posixpath.dirname(path), *_INCLUDE_FOLDERS)
    for number, name, quoted in includes(tree, path):
        candidates = (posixpath.normpath(posixpath.join(folder, name)) for folder in folders)
        target = next((file for file in candidates if file in known), None) if quoted else None
        if target is not None:
            yield number, target


RULES = [rooms_are_known, arrows_point_one_way, includes_name_their_room,
         libraries_stay_in_their_rooms, promise_needs_the_standard_library_only,
         includes_have_no_cycles]
