"""What the benchmarks of the index share: files of vectors, nodes that hold them, and a client that counts the
processor time of the servers it asks, not its own. Standard library alone.
"""

import array
import contextlib
import gzip
import http.client
import json
import math
import os
import pathlib
import select
import socket
import statistics
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "system"))
import node as nodes  # noqa: E402
from exposition import Scrape  # noqa: E402

COLLECTION = "vectors"
SEARCH = f"/api/v1/collections/{COLLECTION}/search"
K = 10
BUILD_LIMIT_S = 3600
ANSWER_LIMIT_S = 120
GRAPH_ROWS_MIN = 5_000  # a shard with fewer scans them


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


# --- vectors --------------------------------------------------------------------------------------

def read_fvecs(path, count=None):
    """The first `count` vectors of a file, plain or gzipped."""
    opener = gzip.open if str(path).endswith(".gz") else open
    vectors = []
    with opener(path, "rb") as file:
        while (head := file.read(4)) and (count is None or len(vectors) < count):
            vectors.append(array.array("f", file.read(4 * struct.unpack("<i", head)[0])))
    return vectors


def write_fvecs(path, vectors):
    with open(path, "wb") as out:
        for vector in vectors:
            out.write(struct.pack("<i", len(vector)) + array.array("f", vector).tobytes())


def made(program, folder, size, queries=500):
    """The files of ROWSxDIMENSION generated vectors, made unless they are there."""
    rows, dimension = size.split("x")
    target = folder / f"clusters-{size}"
    if not (target / "query.fvecs").exists():
        say(f"making {rows} vectors of {dimension} numbers")
        subprocess.run([program, target, "--rows", rows, "--dimension", dimension, "--queries", str(queries)],
                       check=True, timeout=600)
    return target / "base.fvecs", target / "query.fvecs"


def numbers(vector):
    """As JSON, with the nine digits that a float32 needs."""
    return "[" + ",".join(f"{number:.9g}" for number in vector) + "]"


# --- nodes ----------------------------------------------------------------------------------------

@contextlib.contextmanager
def running(folder, *flags):
    node = nodes.Node(folder, "--log.level", "warn", "--search.result_cache_bytes", "0", *flags).start()
    try:
        yield node
    finally:
        if node.running():
            node.terminate()


def mosaic(*arguments, limit_s=BUILD_LIMIT_S):
    done = nodes.run(*arguments, limit_s=limit_s)
    if done.returncode != 0:
        raise SystemExit(f"mosaic {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def fill(node, base, shards=1, metric="cosine"):
    """The vectors of a file in a collection of their own, unless it is there; seconds of the import."""
    if node.get(f"/api/v1/collections/{COLLECTION}").status == 200:
        return None
    dimension = len(read_fvecs(base, 1)[0])
    made_now = node.put(f"/api/v1/collections/{COLLECTION}",
                        {"dimension": dimension, "metric": metric, "shards": shards, "embedder": "none"})
    if made_now.status != 201:
        raise SystemExit(f"no collection: {made_now}")
    say(f"importing {base}, {shards} shard{'s' * (shards > 1)}")
    begin = time.monotonic()
    mosaic("import", COLLECTION, base, "--batch", 5_000, "--url", node.url)
    return time.monotonic() - begin


def shard_sizes(node):
    """[(vectors in the graph, in the tail)] of each shard of the collection."""
    scrape = Scrape(node.get("/metrics").body.decode())
    shards = len(node.get(f"/api/v1/collections/{COLLECTION}").json()["shards"])
    return [tuple(scrape.of(f"mosaic_shard_index_{name}", collection=COLLECTION, shard=str(shard))
                  for name in ("vectors", "tail_vectors")) for shard in range(shards)]


def waits(graph, tail):
    """Whether a shard has a step of its index before it (src/index/build_plan.hpp)."""
    return tail >= max(GRAPH_ROWS_MIN, graph / 5)


def wait_built(node):
    """Until all that was written is in graphs or in tails small enough to stay."""
    begin = told = time.monotonic()
    while time.monotonic() - begin < BUILD_LIMIT_S:
        sizes = shard_sizes(node)
        if not any(waits(*size) for size in sizes):
            return
        if time.monotonic() - told > 20:
            told = time.monotonic()
            say("in graphs {:,.0f}, in tails {:,.0f}".format(*map(sum, zip(*sizes))))
        time.sleep(0.2)
    raise SystemExit(f"no index within {BUILD_LIMIT_S} s")


def cpu_s(pid):
    """Processor time that all threads of a process have had, those that ended too."""
    return time.clock_gettime((~pid << 3) | 2)  # the clock that clock_getcpuclockid() names


def resident(pid):
    """{RssAnon, RssFile, ...} in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in status if line.startswith("Rss")}


def exact_answers(node, queries):
    """The ids of the k nearest to each query. `node` has a host and a port."""
    say(f"asking exactly for {len(queries)} queries")
    found = []
    connection = http.client.HTTPConnection(node.host, node.port, timeout=ANSWER_LIMIT_S)
    for query in queries:
        connection.request("POST", SEARCH, node_body(query, '"exact":true,"timeout_ms":60000'))
        answer = json.loads(connection.getresponse().read())
        found.append({hit["id"] for hit in answer["hits"]})
    connection.close()
    return found


def node_body(query, more):
    return f'{{"vector":{numbers(query)},"mode":"vector","k":{K},"include":[],{more}}}'


# --- a client that costs little -------------------------------------------------------------------

def request_bytes(path, body):
    return (f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


class Client:
    """Connections that are kept, each with one request at a time."""

    def __init__(self, host, port, connections):
        self.sockets = []
        for _ in range(connections):
            one = socket.create_connection((host, int(port)), timeout=ANSWER_LIMIT_S)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(one)

    def close(self):
        for one in self.sockets:
            one.close()

    def ask(self, requests):
        """(body, seconds) of each answer, in the order of the requests."""
        answers = [None] * len(requests)
        waiting = list(enumerate(requests))[::-1]
        under_way = {}
        poller = select.poll()
        for one in self.sockets:
            poller.register(one, select.POLLIN)
            self._send(one, waiting, under_way)
        by_number = {one.fileno(): one for one in self.sockets}
        while under_way:
            ready = poller.poll(1000 * ANSWER_LIMIT_S)
            if not ready:
                raise SystemExit(f"no answer within {ANSWER_LIMIT_S} s")
            for number, _ in ready:
                self._read(by_number[number], answers, waiting, under_way)
        return answers

    @staticmethod
    def _send(one, waiting, under_way):
        if waiting:
            place, request = waiting.pop()
            under_way[one] = [place, time.perf_counter(), b""]
            one.sendall(request)

    def _read(self, one, answers, waiting, under_way):
        state = under_way[one]
        received = one.recv(1 << 16)
        state[2] += received
        head, end, body = state[2].partition(b"\r\n\r\n")
        if not received:
            raise SystemExit(f"a server closed the connection: {state[2][:300]}")
        if not end or len(body) < content_length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {state[2][:300]}")
        answers[state[0]] = body, time.perf_counter() - state[1]
        del under_way[one]
        self._send(one, waiting, under_way)


def content_length(head):
    at = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[at:].split(b"\r\n", 1)[0])


def recall(answers, truth):
    """Share of the exact answers' ids that were found."""
    hits = [{hit["id"] for hit in json.loads(body)["hits"]} for body, _ in answers]
    return sum(len(found & right) for found, right in zip(hits, truth)) / sum(map(len, truth))


# --- figures --------------------------------------------------------------------------------------

MISSED_MIN = 1e-4  # a logarithm needs something


def time_at(points, wanted):
    """Microseconds at a recall, between the points [(recall, us)] around it: the logarithm of time over that of
    what is missed, as in index_contest.cpp. None where the curve does not reach it."""
    above = next((i for i, (found, _) in enumerate(points) if found >= wanted), None)
    if above is None or above == 0:
        return None if above is None else points[0][1]
    (found_0, us_0), (found_1, us_1) = points[above - 1], points[above]
    missed = [math.log(max(1 - found, MISSED_MIN)) for found in (found_0, found_1, wanted)]
    share = (missed[2] - missed[0]) / (missed[1] - missed[0]) if missed[1] != missed[0] else 1
    return math.exp(math.log(us_0) + share * (math.log(us_1) - math.log(us_0)))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)


def keep(path, figures):
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": os.cpu_count()}


def median(values):
    return statistics.median(values)
