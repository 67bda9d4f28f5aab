"""The log of a node: its format, its level, its files, the traces through it, and that nothing which
a user wrote gets into it."""

import http.server
import json
import threading
import unittest

from node import Collection, SystemTest, poll, run

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MARKER = "xqzmarker"
# What a float of this vector looks like in any text.
MARKED_NUMBER = 7777.5
KEY = f"{MARKER}-key"


class Echo(http.server.BaseHTTPRequestHandler):
    """An embedding endpoint that refuses, and repeats what it was asked and by whom."""

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = json.dumps({"error": {"message": f"no: {asked} from {self.headers['Authorization']}"}}).encode()
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class LogTest(SystemTest):
    def start(self, *flags, **more):
        self.log = self.folder / "log" / "node.log"
        self.node = self.start_node("--log.file", self.log, *flags, **more)
        return self.node

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def entries(self):
        """Every line so far; each has to be a JSON object with a time, a level and a message."""
        entries = [json.loads(line) for line in self.text().splitlines()]
        for entry in entries:
            self.assertRegex(entry["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(entry["level"], ("debug", "info", "warn", "error", "critical"))
            self.assertIsInstance(entry["message"], str)
        return entries

    def wait_for(self, message, **fields):
        """The first entry with this message and these fields."""
        def found():
            return next((entry for entry in self.entries() if entry["message"] == message
                         and fields.items() <= entry.items()), None)
        return poll(found, 20, f"a line '{message}' with {fields}")

    def test_lines_are_text_or_json(self):
        self.start()
        self.assertEqual(self.node.terminate(), 0)
        for line in self.text().splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[\d:.]+Z (info|warn|error) ")
        self.assertIn(" info stopped\n", self.text())
        self.log.unlink()
        self.start("--log.format", "json")
        self.assertEqual(self.node.terminate(), 0)
        self.assertEqual(self.entries()[-1]["message"], "stopped")
        self.assertEqual(self.node.stderr(), "")

    def test_a_file_that_cannot_be_opened_ends_the_start(self):
        path = self.folder / "taken"
        path.mkdir()
        outcome = run("serve", "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0", "--log.file", path)
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("log.file", outcome.stderr)
        self.assertIn(str(path), outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1)

    def test_files_rotate_by_size(self):
        self.start("--log.file_bytes_max", "65536", "--log.files_max", "3", "--log.level", "debug")

        def rotated():
            for _ in range(100):
                self.node.get("/health")
            return (self.log.parent / "node.2.log").exists()
        poll(rotated, 60, "three files")
        self.assertEqual(self.node.terminate(), 0)
        files = sorted(self.log.parent.iterdir())
        self.assertEqual([file.name for file in files], ["node.1.log", "node.2.log", "node.log"])
        for file in files:
            self.assertLessEqual(file.stat().st_size, 65536)

    def test_the_level_changes_at_run_time(self):
        self.start("--log.format", "json")
        for _ in range(5):
            self.node.get("/health")
        self.assertEqual(self.node.put("/api/v1/log", {"level": "debug"}).json(), {"level": "debug"})
        self.assertEqual(self.node.get("/api/v1/log").json(), {"level": "debug"})
        self.node.get("/health")
        line = self.wait_for("request", route="/health")
        self.assertEqual((line["method"], line["status"]), ("GET", 200))
        # A line is written behind its answer: that of the last before the change may still come.
        self.assertLessEqual(sum(entry.get("route") == "/health" for entry in self.entries()), 2)
        self.assert_problem(self.node.put("/api/v1/log", {"level": "loud"}), 400, "invalid_argument",
                            "level", "loud")

    def test_one_trace_goes_through_answers_and_lines(self):
        self.start("--log.format", "json", "--log.level", "debug")
        parent = f"00-{TRACE}-00f067aa0ba902b7-01"
        answer = self.node.request("GET", "/health", headers={"traceparent": parent})
        self.assertEqual(answer.headers["X-Request-Id"], TRACE)
        self.assertRegex(answer.headers["traceparent"], f"^00-{TRACE}-[0-9a-f]{{16}}-01$")
        self.assertNotEqual(answer.headers["traceparent"], parent)
        self.wait_for("request", route="/health", trace_id=TRACE)
        ids = set()
        for traceparent in ("", "00-nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01"):
            answer = self.node.request("GET", "/nothing", headers={"traceparent": traceparent})
            found = answer.headers["X-Request-Id"]
            self.assertEqual(answer.json()["trace_id"], found)
            self.assertRegex(answer.headers["traceparent"], f"^00-{found}-[0-9a-f]{{16}}-00$")
            self.wait_for("request", route="other", trace_id=found)
            ids.add(found)
        self.assertEqual(len(ids), 3)

    def test_a_slow_query_tells_where_its_time_went(self):
        self.start("--log.format", "json", "--log.slow_query_ms", "1", "--debug.fault_injection", "true")
        docs = Collection(self.node, "docs")
        docs.make(dimension=2, shards=2)
        docs.upsert([{"id": str(i), "text": f"words {MARKER}", "vector": [1, i]} for i in range(20)])
        for shard in (0, 1):
            answer = self.node.post("/api/v1/debug/faults", {"part": "searcher", "fault": "slow", "collection": "docs",
                                                             "shard": shard, "duration_ms": 30, "count": 100})
            self.assertEqual(answer.status, 202)
        parent = f"00-{TRACE}-00f067aa0ba902b7-00"
        answer = self.node.post(docs.path + "/search", {"query": MARKER, "k": 7}, headers={"traceparent": parent})
        self.assertEqual(answer.status, 200)
        self.assertNotIn("explain", answer.json())
        line = self.wait_for("slow query", trace_id=TRACE)
        self.assertEqual((line["collection"], line["mode"], line["k"]), ("docs", "hybrid", 7))
        self.assertEqual((line["partial"], line["shards_failed"], line["shards_total"]), (False, [], 2))
        self.assertEqual(line["filter"], False)
        stages = {stage["name"]: stage for stage in line["stages"]}
        self.assertLessEqual({"text_stats", "candidates", "rank", "documents"}, set(stages))
        self.assertGreaterEqual(stages["candidates"]["took_ms"], 25)
        self.assertEqual(stages["candidates"]["shards_asked"], 2)
        self.assertGreaterEqual(line["took_ms"], sum(stage["took_ms"] for stage in line["stages"]) * 0.99)
        self.assertNotIn(MARKER, self.text())

    def test_no_slow_query_is_logged_when_that_is_off(self):
        self.start("--log.format", "json", "--log.slow_query_ms", "0", "--debug.fault_injection", "true")
        docs = Collection(self.node, "docs")
        docs.make(dimension=2)
        self.node.post("/api/v1/debug/faults", {"part": "searcher", "fault": "slow", "collection": "docs",
                                                "duration_ms": 1500, "count": 1})
        docs.search(vector=[1, 0], timeout_ms=5000)
        self.assertEqual(self.node.terminate(), 0)
        self.assertNotIn("slow query", self.text())

    def test_nothing_that_a_user_wrote_is_in_the_log(self):
        self.start("--log.format", "json", "--log.slow_query_ms", "1", "--debug.fault_injection", "true",
                   "--embedding.attempts_max", "1", env={"MOSAIC_EMBEDDING_API_KEY": KEY})
        docs = Collection(self.node, "docs")
        docs.make(dimension=2, indexed=["a"])
        self.write_marked(docs)
        self.search_marked(docs)
        self.embed_marked()
        self.fail_marked(docs)
        self.assertEqual(self.node.terminate(), 0)
        messages = {entry["message"] for entry in self.entries()}
        self.assertLessEqual({"slow query", "a request failed"}, messages)
        self.assertNotIn(MARKER, self.text())
        self.assertNotIn(str(MARKED_NUMBER), self.text())
        self.assertNotIn(MARKER, self.node.stderr())

    def write_marked(self, docs):
        docs.upsert([{"id": MARKER, "title": MARKER, "text": f"some {MARKER} text", "vector": [MARKED_NUMBER, 1],
                      "metadata": {"a": MARKER}, "links": [{"to": MARKER}]}])
        for bad in ([{"id": MARKER, "vector": [MARKED_NUMBER]}], [{"id": MARKER * 200}], [{"id": MARKER, "text": 5}],
                    [{"id": MARKER, MARKER: 1}]):
            self.assertEqual(self.node.post(docs.path + "/documents", {"documents": bad}).status, 400)
        for body in (f'{{"documents":[{{"id":"{MARKER}"', f"{MARKER}\x00", b"\xff\xfe" + MARKER.encode()):
            self.assertEqual(self.node.post(docs.path + "/documents", body).status, 400)
        headers = {"Authorization": f"Bearer {KEY}", "traceparent": MARKER, "Content-Type": MARKER}
        self.assertEqual(self.node.request("GET", f"/{MARKER}?api_key={KEY}", headers=headers).status, 404)

    def search_marked(self, docs):
        self.node.post("/api/v1/debug/faults", {"part": "searcher", "fault": "slow", "collection": "docs",
                                                "duration_ms": 20, "count": 1000})
        docs.search(query=MARKER, filter={"a": MARKER}, where=f"title = '{MARKER}'")
        docs.search(vector=[MARKED_NUMBER, 1], explain=True)
        docs.search(document=MARKER)
        self.assertEqual(self.node.post(docs.path + "/search/batch", {"searches": [{"query": MARKER}] * 3}).status, 200)
        for bad in ({"query": MARKER, "where": f"{MARKER}("}, {"query": MARKER, "filter": {"$" + MARKER: 1}},
                    {"vector": [MARKED_NUMBER]}, {"document": MARKER + "2"}, {"query": MARKER, "mode": MARKER}):
            self.assertIn(self.node.post(docs.path + "/search", bad).status, (400, 404))

    def embed_marked(self):
        """The endpoint's words, which repeat the text, are for the client alone."""
        endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        self.addCleanup(endpoint.server_close)
        self.addCleanup(endpoint.shutdown)
        url = f"http://127.0.0.1:{endpoint.server_port}/v1?key={KEY}"
        far = Collection(self.node, "far")
        far.make(dimension=2, embedder=f"openai:{url}")
        answer = self.node.post(far.path + "/documents", {"documents": [{"id": "a", "text": MARKER}]})
        self.assert_problem(answer, 503, "unavailable", "it said: ", MARKER)
        answer = self.node.post(far.path + "/search", {"query": MARKER, "mode": "vector"})
        self.assert_problem(answer, 503, "unavailable", MARKER)
        trace = answer.headers["X-Request-Id"]
        line = self.wait_for("a request failed", trace_id=trace)
        self.assertRegex(line["detail"], r"^embedding endpoint http://127\.0\.0\.1:\d+/v1/embeddings: answered 500$")
        self.assertEqual((line["status"], line["route"]), (503, "/api/v1/collections/{name}/search"))

    def fail_marked(self, docs):
        """A part that dies under a write and a search."""
        for part in ("shard", "searcher"):
            self.node.post("/api/v1/debug/faults", {"part": part, "fault": "crash", "collection": "docs"})
            self.node.post(docs.path + "/documents", {"documents": [{"id": MARKER, "text": MARKER}]})
            self.node.post(docs.path + "/search", {"query": MARKER})
        poll(lambda: self.node.get("/health").json()["status"] == "ok", 30, "all shards up again")


if __name__ == "__main__":
    unittest.main()
