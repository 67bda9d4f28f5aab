"""A MosaicDB process under test: starts it, speaks HTTP to it, ends it in every way a process can end.

The binary's path comes from MOSAIC_BINARY. Whatever a test starts here is ended when the test is over.
"""

import http.client
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

BINARY = os.environ.get("MOSAIC_BINARY", "mosaic")
START_LIMIT_S = 60
STOP_LIMIT_S = 30
REQUEST_LIMIT_S = 60


def poll(condition, limit_s, what):
    """The first true value of `condition()`; a failure that says `what` after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s: {what}")
        time.sleep(0.02)


def seeded(name):
    """A random source; its seed is printed and may be given as MOSAIC_SEED."""
    seed = int(os.environ.get("MOSAIC_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"{name}: MOSAIC_SEED={seed}", flush=True)
    return random.Random(seed)


def run(*arguments, env=None, stdin=None, limit_s=60):
    """Runs the binary to its end; answers with returncode, stdout and stderr."""
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, input=stdin,
                          env=clean_environment(env), timeout=limit_s, check=False)


def clean_environment(extra=None):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MOSAIC_")}
    return {**kept, **(extra or {})}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Node:
    """One `mosaic serve` over one data folder; may be started again after it ended."""

    def __init__(self, folder, *flags, env=None, preexec=None):
        self.folder = pathlib.Path(folder)
        self.flags, self.env, self.preexec = flags, env, preexec
        self.listen = "127.0.0.1:0"
        self.errors = self.folder.with_name(self.folder.name + ".stderr")
        self.process = self.url = self.host = self.port = None

    def start(self, ready=True):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--data-dir", self.folder, "--listen", self.listen, *self.flags],
                stdout=subprocess.PIPE, stderr=errors, env=clean_environment(self.env),
                preexec_fn=self.preexec)
        line = self._first_line()
        prefix = "listening on http://"
        if not line.startswith(prefix):
            raise AssertionError(f"first line on stdout is {line!r}; stderr: {self.stderr()}")
        self.host, port = line[len(prefix):].split(":")
        self.port, self.url = int(port), line[len("listening on "):]
        if ready:
            poll(lambda: self.get("/ready").status == 200, START_LIMIT_S, f"{self.url}/ready")
        return self

    def _first_line(self):
        if not select.select([self.process.stdout], [], [], START_LIMIT_S)[0]:
            raise AssertionError(f"nothing on stdout; stderr: {self.stderr()}")
        return self.process.stdout.readline().decode().strip()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stderr(self):
        return self.errors.read_text(errors="replace")[-4000:] if self.errors.exists() else ""

    def kill(self):
        if self.running():
            self.process.kill()
        self._reap(STOP_LIMIT_S)

    def terminate(self):
        """SIGTERM; the exit code. A node that does not end in time is killed and the test fails."""
        self.process.send_signal(signal.SIGTERM)
        return self._reap(STOP_LIMIT_S)

    def _reap(self, limit_s):
        if self.process is None:
            return None
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running {limit_s} s after SIGTERM") from None
        finally:
            self.process.stdout.close()

    def request(self, method, path, body=None, headers=None, limit_s=REQUEST_LIMIT_S):
        """`body` is sent as JSON, bytes and str as they are."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=limit_s)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **query):
        return self.request("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None):
        return self.request("PUT", path, body)


class Collection:
    """Short names for the calls on one collection; `expect` is the status that must come back."""

    def __init__(self, node, name):
        self.node, self.path = node, f"/api/v1/collections/{name}"

    def call(self, method, path="", body=None, expect=200, **more):
        answer = self.node.request(method, self.path + path, body, **more)
        if answer.status != expect:
            raise AssertionError(f"{method} {path} {str(body)[:300]}: expected {expect}, got {answer}")
        return answer.json()

    def make(self, **settings):
        return self.call("PUT", body=settings, expect=201)

    def info(self):
        return self.call("GET")

    def upsert(self, documents, **more):
        return self.call("POST", "/documents", {"documents": documents}, **more)

    def delete(self, expect=200, **what):
        return self.call("POST", "/documents/delete", what, expect=expect)

    def document(self, key, include="", expect=200):
        query = f"?include={include}" if include else ""
        return self.call("GET", f"/documents/{urllib.parse.quote(key, safe='')}{query}", expect=expect)

    def search(self, expect=200, **what):
        return self.call("POST", "/search", what, expect=expect)

    def pages(self, kind="documents", **query):
        """Every item of every page of `documents` or `ids`, in order."""
        items, cursor = [], {}
        while True:
            page = self.call("GET", f"/{kind}?" + urllib.parse.urlencode({**query, **cursor}))
            items += page[kind]
            if page.get("partial"):
                raise AssertionError(f"a partial page: {page}")
            if not page["next_cursor"]:
                return items
            cursor = {"cursor": page["next_cursor"]}


class SystemTest(unittest.TestCase):
    """A folder of its own per test, and an end for every node that it started."""

    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mosaic-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start_node(self, *flags, name="data", ready=True, **more):
        node = Node(self.folder / name, *flags, **more)
        self.addCleanup(node.kill)
        return node.start(ready)

    def assert_problem(self, answer, status, code, *words):
        """`answer` is a problem document of this status and code whose detail holds all `words`."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get_content_type(), "application/problem+json", answer)
        problem = answer.json()
        self.assertLessEqual({"type", "title", "status", "detail", "code", "trace_id"}, set(problem))
        self.assertEqual((problem["status"], problem["code"]), (status, code), problem)
        for word in words:
            self.assertIn(word, problem["detail"])
        return problem
