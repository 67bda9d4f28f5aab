"""Collections whose vectors an endpoint with OpenAI's interface makes: what it is asked, and that its
failures stay with the requests that need it."""

import http.server
import json
import threading
import unittest

from node import Collection, SystemTest

KEY = "secret-key"
FLAGS = ("--embedding.timeout_ms", "400", "--embedding.batch_max", "4", "--embedding.attempts_max", "2")
DOCUMENTS = [{"id": "red", "text": "red apples"}, {"id": "green", "title": "green", "text": "pears"},
             {"id": "none", "metadata": {"a": 1}}, {"id": "own", "text": "brought along", "vector": [0, 0, 1]}]


def vector(text):
    """Red, green, anything else."""
    return [float("red" in text), float("green" in text), 0.1]


class Endpoint(http.server.ThreadingHTTPServer):
    """Answers like OpenAI, as long as `mode` is "ok"."""

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.mode, self.asked, self.keys, self.paths, self.models = "ok", [], set(), set(), set()
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self):
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        server.asked.append(asked["input"])
        server.models.add(asked["model"])
        server.keys.add(self.headers["Authorization"])
        server.paths.add(self.path)
        if server.mode == "hanging":
            server.released.wait()
            self.close_connection = True
            return
        vectors = [vector(text) for text in asked["input"]]
        if server.mode == "wide":
            vectors = [each + [1.0] for each in vectors]
        items = [{"object": "embedding", "index": i, "embedding": each} for i, each in enumerate(vectors)]
        answers = {"failing": (500, b'{"error": {"message": "no memory"}}'), "garbage": (200, b"<html>"),
                   "refusing": (401, b'{"error": {"message": "bad key secret-key"}}')}
        status, body = answers.get(server.mode, (200, json.dumps({"data": items[::-1]}).encode()))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class EmbeddingTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.stop)
        self.node = self.start_node(*FLAGS, env={"MOSAIC_EMBEDDING_API_KEY": KEY})
        self.docs = Collection(self.node, "docs")

    def fill(self):
        self.docs.make(embedder=f"openai:{self.endpoint.url}#tiny", shards=2)
        self.docs.upsert(DOCUMENTS)

    def texts_asked(self):
        return sorted(text for batch in self.endpoint.asked for text in batch)

    def ids(self, **search):
        return [hit["id"] for hit in self.docs.search(**search)["hits"]]

    def test_documents_and_queries_get_their_vectors_from_the_endpoint(self):
        self.fill()
        self.assertEqual(self.docs.info()["dimension"], 3)
        self.assertEqual(self.texts_asked(), ["dimension", "green\npears", "red apples"])
        for key, expected in (("red", [1.0, 0.0, 0.1]), ("own", [0.0, 0.0, 1.0])):
            found = self.docs.document(key, include="vector")["vector"]
            self.assertEqual([round(x, 6) for x in found], expected)
        self.assertIsNone(self.docs.document("none", include="vector").get("vector"))
        self.assertEqual(self.ids(query="something red", mode="vector")[0], "red")
        self.assertEqual(self.ids(query="green", mode="vector")[0], "green")
        self.assertEqual(self.ids(query="pears", fusion="rrf")[0], "green")
        self.assertEqual(self.endpoint.keys, {f"Bearer {KEY}"})
        self.assertEqual(self.endpoint.paths, {"/v1/embeddings"})
        self.assertEqual(self.endpoint.models, {"tiny"})

    def test_a_text_is_asked_for_once(self):
        self.fill()
        before = len(self.endpoint.asked)
        for _ in range(3):
            self.ids(query="what is red", mode="vector")
        self.docs.upsert(DOCUMENTS)
        self.assertEqual(self.endpoint.asked[before:], [["what is red"]])

    def test_large_writes_go_in_batches(self):
        self.fill()
        before = len(self.endpoint.asked)
        self.docs.upsert([{"id": str(i), "text": f"text {i}"} for i in range(10)])
        self.assertEqual(sorted(map(len, self.endpoint.asked[before:])), [2, 4, 4])

    def test_a_repeated_put_without_a_dimension_is_the_same(self):
        self.fill()
        before = len(self.endpoint.asked)
        embedder = f"openai:{self.endpoint.url}#tiny"
        self.docs.call("PUT", body={"embedder": embedder, "shards": 2})
        self.docs.call("PUT", body={"embedder": embedder, "shards": 2, "dimension": 3})
        self.assertEqual(len(self.endpoint.asked), before)
        answer = self.node.put(self.docs.path, {"embedder": embedder, "shards": 2, "dimension": 4})
        self.assert_problem(answer, 409, "already_exists", "dimension is 3, not 4")

    def test_a_bad_endpoint_fails_only_what_needs_it(self):
        self.fill()
        cases = (("failing", 503, "unavailable", ("answered 500", "no memory")),
                 ("refusing", 503, "unavailable", ("answered 401", "bad key ***")),
                 ("garbage", 503, "unavailable", ("not valid JSON",)),
                 ("wide", 503, "unavailable", ("has 4 dimensions, expected 3",)),
                 ("hanging", 504, "deadline_exceeded", (self.endpoint.url,)))
        for mode, status, code, words in cases:
            with self.subTest(mode=mode):
                self.endpoint.mode = mode
                self.assert_fails(mode, status, code, *words)
        self.endpoint.released.set()
        self.endpoint.mode = "ok"
        self.docs.upsert([{"id": "new", "text": "green again"}])
        self.assertEqual(self.node.terminate(), 0)

    def test_an_endpoint_that_is_gone_fails_only_what_needs_it(self):
        self.fill()
        self.endpoint.stop()
        self.assert_fails("gone", 503, "unavailable", "cannot reach")
        again = Endpoint(self.endpoint.server_port)
        self.addCleanup(again.stop)
        self.docs.upsert([{"id": "new", "text": "green again"}])
        self.assertEqual(self.texts_asked().count("green again"), 0)
        self.assertEqual(again.asked, [["green again"]])

    def assert_fails(self, mode, status, code, *words):
        """Searches and writes that need a vector fail; text search and own vectors go on."""
        answer = self.node.post(self.docs.path + "/search", {"query": f"apples {mode}", "timeout_ms": 5000})
        self.assert_problem(answer, status, code, *words)
        self.assertNotIn(KEY, answer.json()["detail"])
        documents = [{"id": "new", "text": f"new {mode}"}, {"id": "own", "vector": [1, 0, 0]}]
        answer = self.node.post(self.docs.path + "/documents", {"documents": documents})
        self.assert_problem(answer, status, code, *words)
        self.docs.document("new", expect=404)
        self.assertEqual(self.docs.search(query="apples", mode="text")["hits"][0]["id"], "red")
        self.assertEqual(self.docs.search(vector=[0, 1, 0])["hits"][0]["id"], "green")
        self.docs.upsert([{"id": "other", "text": "brought along", "vector": [0, 0, 1]}])

    def test_a_collection_needs_its_endpoint_only_for_the_dimension(self):
        self.endpoint.mode = "failing"
        embedder = f"openai:{self.endpoint.url}"
        self.assert_problem(self.node.put(self.docs.path, {"embedder": embedder}), 503, "unavailable", "no memory")
        self.docs.call("GET", expect=404)
        self.docs.make(embedder=embedder, dimension=3)
        for bad in ("openai:nowhere", "openai:http://", "openai:http://user:key@host"):
            answer = self.node.put(self.docs.path, {"embedder": bad})
            self.assert_problem(answer, 400, "invalid_argument", "embedder", bad)
        answer = self.node.put("/api/v1/collections/other", {"embedder": "model:x"})
        self.assert_problem(answer, 400, "invalid_argument", "embedder", "model:x")


if __name__ == "__main__":
    unittest.main()
