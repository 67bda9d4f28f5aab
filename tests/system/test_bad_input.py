"""Bad input over HTTP: a clear error that names field and value, nothing stored, no crash, no hang."""

import json
import socket
import time
import unittest

from node import Collection, SystemTest, poll, seeded

SLACK_S = 1
SQL_TIMEOUT_MS = 500


def nested(levels):
    return json.loads('{"a":' * levels + "1" + "}" * levels)


class BadInput(SystemTest):
    """One collection per metric, each with one document that no bad request may change."""

    FLAGS = ()

    def setUp(self):
        super().setUp()
        self.node = self.start_node(*self.FLAGS)
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=3, embedder="none", shards=2)
        self.docs.upsert([{"id": "kept", "title": "T", "text": "hello", "vector": [1, 2, 3]}])
        self.before = self.state()

    def state(self):
        info = self.docs.info()
        return info["documents"], info["seq"], self.docs.document("kept", include="vector")

    def tearDown(self):
        self.assertTrue(self.node.running(), "the node died: " + self.node.stderr())
        self.assertEqual(self.state(), self.before, "something was stored")
        self.assertEqual(self.node.get("/ready").status, 200)

    def refused(self, path, body, *words, status=400, code="invalid_argument", method="POST", **more):
        with self.subTest(path=path, body=str(body)[:200]):
            answer = self.node.request(method, self.docs.path + path, body, **more)
            self.assert_problem(answer, status, code, *words)

    def refused_document(self, document, *words, **more):
        # The position shows that it is this document that the error speaks of.
        body = {"documents": [{"id": "good"}, document]}
        self.refused("/documents", body, "1", *words, **more)


class Documents(BadInput):
    def test_json_that_is_none(self):
        for body in (b"", b"{", b'{"documents":[}', b'{"documents":[{"id":"x"}]} x', b"nul", b"\x00", b"[]",
                     b'{"documents":[{"id":"x"}', b'{"documents":[{"id":"x",}]}', b'{"documents":[{id:"x"}]}',
                     b'{"documents":[{"id":"\xff"}]}', b'{"documents":[{"id":"x","text":"\xc3("}]}',
                     b'{"documents":[{"id":"x","text":"\\ud800"}]}', b'"' + b"[" * 100_000):
            self.refused("/documents", body)
        self.refused("/documents", b"[" * 1_000_000)

    def test_wrong_types(self):
        self.refused("/documents", {}, "documents")
        self.refused("/documents", {"documents": {}}, "documents")
        self.refused("/documents", {"documents": [7]}, "documents[0]", "7")
        for name, value, shown in (("id", 7, "7"), ("title", 1.5, "1.5"), ("text", ["x"], "text"),
                                   ("vector", "abc", "abc"), ("vector", [1, "two", 3], "two"),
                                   ("vector", [1, None, 3], "null"), ("metadata", [1], "metadata"),
                                   ("metadata", "word", "word"), ("links", "x", "x"), ("links", [3], "3"),
                                   ("links", [{"kind": "k"}], "to"), ("links", [{"to": "a", "weight": "w"}], "w")):
            self.refused_document({"id": "x", name: value}, name, shown)

    def test_unknown_fields(self):
        self.refused("/documents", {"documents": [], "colour": 1}, "colour")
        self.refused_document({"id": "x", "colour": "red"}, "colour")
        self.refused_document({"id": "x", "links": [{"to": "y", "colour": 1}]}, "colour")
        self.refused("/documents/delete", {"ids": ["kept"], "colour": 1}, "colour")

    def test_vectors(self):
        self.refused_document({"id": "x", "vector": []}, "vector", "empty")
        for vector in ([1], [1, 2], [1, 2, 3, 4]):
            body = {"documents": [{"id": "good"}, {"id": "x", "vector": vector}]}
            answer = self.node.post(self.docs.path + "/documents", body)
            self.assert_problem(answer, 400, "dimension_mismatch", "documents[1]", str(len(vector)), "3")
        for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e39", "3.5e38"):
            body = f'{{"documents":[{{"id":"good"}},{{"id":"x","vector":[1,{number},2]}}]}}'
            self.refused("/documents", body, "vector" if number[-1].isdigit() else "")
        self.refused_document({"id": "x", "vector": [0, 0, 0]}, "vector", "zero")
        self.refused_document({"id": "x", "vector": [0, -0.0, 1e-60]}, "vector", "zero")

    def test_ids(self):
        self.refused_document({}, "id")
        for key in ("", "x" * 513, "ü" * 257, "a\u0000b", "line\nbreak", "\t", "\u007f"):
            self.refused_document({"id": key}, "id")
        self.docs.call("GET", "/documents/" + "x" * 513, expect=400)
        self.docs.call("DELETE", "/documents/%00", expect=400)

    def test_texts_and_metadata(self):
        for part in ("title", "text"):
            self.refused_document({"id": "x", part: "a\u0000b"}, part, "NUL")
        self.refused_document({"id": "x", "metadata": {"deep": "a\u0000b"}}, "metadata", "NUL")
        self.refused_document({"id": "x", "metadata": nested(101)}, "metadata", "100")
        self.refused_document({"id": "x", "metadata": {"a": 1, "b": {"c": float("inf")}}})
        self.refused_document({"id": "x", "text": "x" * (1 << 20) + "y"}, "text", str((1 << 20) + 1), status=413,
                              code="payload_too_large")
        self.refused_document({"id": "x", "metadata": {"a": "x" * (64 << 10)}}, "metadata", status=413,
                              code="payload_too_large")

    def test_too_many_documents(self):
        body = {"documents": [{"id": str(number)} for number in range(10_001)]}
        self.refused("/documents", body, "documents", "10000", status=413, code="payload_too_large")

    def test_a_body_of_20_megabytes_is_refused_readably(self):
        body = json.dumps({"documents": [{"id": "x", "text": "x" * (20 << 20)}]})
        self.refused("/documents", body, "16777216", status=413, code="payload_too_large")
        body = b"".join(b'{"id":"%d"}\n' % number for number in range(1_600_000))
        self.refused("/documents", body, status=413, code="payload_too_large",
                     headers={"Content-Type": "application/x-ndjson"})

    def test_the_edges_that_are_allowed(self):
        good = [{"id": "x" * 512}, {"id": "deep", "metadata": nested(100)}, {"id": "t", "text": "x" * (1 << 20)},
                {"id": "c", "text": "a\nb\tc\u0001\u007f"}]
        for document in good:
            self.docs.upsert([document])
            self.assertEqual(self.docs.document(document["id"]).get("text"), document.get("text"))
        self.docs.delete(ids=[document["id"] for document in good])
        self.before = (self.before[0], self.docs.info()["seq"], self.before[2])


class Searches(BadInput):
    def test_values_out_of_range(self):
        for k in (0, -1, 10**9, 10_001, 1.5, "ten", None, 10**30):
            self.refused("/search", {"vector": [1, 2, 3], "k": k}, "k")
        for name, value in (("timeout_ms", -1), ("timeout_ms", 10**9), ("min_score", "x"), ("mode", "fuzzy"),
                            ("include", "text"), ("include", ["size"]), ("query", 7), ("query", ""),
                            ("filter", []), ("filter", "x"), ("where", 1), ("where", ""), ("colour", 1)):
            self.refused("/search", {"vector": [1, 2, 3], name: value}, name)
        self.refused("/search", {}, "query", "vector")
        self.refused("/search", {"vector": [1, 2, 3], "mode": "text"}, "query")
        self.refused("/search", {"vector": [1, 2]}, "2", "3", code="dimension_mismatch")
        self.refused("/search", {"vector": [0, 0, 0]}, "vector", "zero")
        self.refused("/search", '{"vector":[1,1e999,3]}', "vector")
        self.refused("/search/batch", {"searches": [{"vector": [1, 2, 3]}, {"vector": [1]}]}, "searches[1]",
                     code="dimension_mismatch")

    def test_filters(self):
        for condition, word in (({"a": {"$near": 1}}, "$near"), ({"$xor": []}, "$xor"), ({"a": {"$in": 1}}, "$in"),
                                ({"a": {"$exists": 1}}, "$exists"), ({"$and": {}}, "$and"), ({"$not": 3}, "3"),
                                ({"a": {"$gt": {}}}, "$gt"), ({"a": {"$gt": 1, "b": 2}}, "b"),
                                ({"$vector": 1}, "$vector"), ({"": 1}, "")):
            self.refused("/search", {"vector": [1, 2, 3], "filter": condition}, word)
            self.refused("/documents/delete", {"filter": condition}, word)
        condition = {"a": 1}
        for _ in range(200):
            condition = {"$not": condition}
        self.refused("/search", {"vector": [1, 2, 3], "filter": condition}, "filter")

    def test_names_methods_and_paths(self):
        for name in ("..", ".", "", "a/b", "a%2Fb", "%2e%2e", "-x", "_x", "a b", "%00", "ü", "x" * 129):
            with self.subTest(name=name):
                path = "/api/v1/collections/" + name.replace(" ", "%20").replace("ü", "%C3%BC")
                answer = self.node.put(path, {"dimension": 2})
                self.assertIn(answer.status, (400, 404, 405), answer)
                self.assertIn("application/problem+json", answer.headers["Content-Type"])
        self.assertEqual(len(self.node.get("/api/v1/collections").json()["collections"]), 1)
        self.refused("", None, method="TRACE", status=405, code="method_not_allowed")
        self.assert_problem(self.node.get("/api/v2/nothing"), 404, "not_found", "/api/v2/nothing")
        self.assert_problem(self.node.get("/api/v1/collections/none/ids"), 404, "not_found", "none")

    def test_settings(self):
        for name, value in (("dimension", 0), ("dimension", 65_537), ("dimension", "x"), ("metric", "l3"),
                            ("shards", 0), ("shards", 1_025), ("routing", "round"),
                            ("replicas", 8), ("embedder", "bert"), ("quantization", "int4"),
                            ("index", {"type": "ivf"}), ("index", {"m": 10**6}), ("indexed", ["a", "a"]),
                            ("indexed", ["a'b"]), ("indexed", "a"), ("retention_s", -1), ("colour", "red")):
            with self.subTest(field=name, value=value):
                answer = self.node.put("/api/v1/collections/new", {name: value})
                shown = value if isinstance(value, (str, int)) and name != "colour" else ""
                self.assert_problem(answer, 400, "invalid_argument", name, str(shown))


class Sql(BadInput):
    """`where` must end within twice its deadline, whatever it says."""

    def setUp(self):
        super().setUp()
        blob = "x" * 1_000_000
        self.docs.upsert([{"id": f"big{number}", "text": blob, "metadata": {"n": number}} for number in range(4)])
        self.docs.upsert([{"id": "dead", "title": "secret"}])
        self.docs.delete(ids=["dead"])
        self.before = self.state()

    FORBIDDEN = (
        "1; DROP TABLE versions", "1; DELETE FROM versions", "(DELETE FROM versions)", "1); ATTACH 'x' AS y; --",
        "load_extension('x')", "(SELECT 1 FROM versions)", "EXISTS (SELECT 1 FROM main.versions)",
        "(SELECT count(*) FROM ended)", "(SELECT 1 FROM vectors)", "(SELECT 1 FROM sqlite_master)",
        "(SELECT 1 FROM sqlite_schema)", "(SELECT 1 FROM documents_fts)", "(SELECT 1 FROM meta)",
        "(SELECT 1 FROM edges)", "(SELECT 1 FROM pragma_table_info('versions'))", "readfile('/etc/passwd')",
        "writefile('x', 'y')", "fts5(1)", "randomblob(10)", "random() > 0", "sqlite_version() = '3'",
        "1) OR (1", "1) UNION SELECT 1 --", "1 --", "1 /*", "?", ":a", "@a", "row = 1", "rowid = 1", "nothing = 1",
        "nothing()", "SELECT 1", "PRAGMA user_version", "1,1", "", "\u0000", "'open", "printf('%d', 1)",
        "count(*) > 0", "row_number() OVER () = 1",
        "(WITH documents AS (SELECT * FROM versions) SELECT 1 FROM documents)")

    BURNING = (
        "(WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r)",
        "(WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x || x FROM r) SELECT max(length(x)) FROM r)",
        "hex(zeroblob(1e9)) = 'x'", "length(hex(zeroblob(500000000))) > 0", "zeroblob(2000000000) = text",
        "instr(text, substr(text, 1, 400000) || 'y') > 0", "text LIKE '%" + "x%" * 400 + "y'",
        "text GLOB '" + "*x" * 400 + "*y'", "text LIKE '%' || substr(text, 1, 40000) || '%y'",
        "text GLOB '*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*y'", "replace(text, 'x', text) = 'y'",
        "length(replace(replace(text, 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx')) > 0",
        "(SELECT count(*) FROM documents a, documents b, documents c, documents d, documents e, documents f, "
        "json_each('[1,2,3,4,5,6,7,8,9,10]') g, json_each('[1,2,3,4,5,6,7,8,9,10]') h WHERE a.text < b.text) > 0",
        "(SELECT group_concat(a.text || b.text || c.text) FROM documents a, documents b, documents c) = 'x'",
        "json_extract(json_array(text, text, text, text), '$[3]') = 'y'", "quote(text || text || text) = 'y'",
        "trim(text, substr(text, 1, 100000)) = 'y'", "upper(lower(upper(lower(text)))) = 'y'",
        "+".join(["abs(1)"] * 900), "(" * 300 + "1" + ")" * 300, "1" + "+1" * 15_000)

    def timed(self, path, body):
        start = time.monotonic()
        answer = self.node.post(self.docs.path + path, {**body, "timeout_ms": SQL_TIMEOUT_MS}
                                if path == "/search" else body)
        return answer, time.monotonic() - start

    def test_what_is_no_expression_over_documents_is_refused(self):
        for expression in self.FORBIDDEN:
            for path, body in (("/search", {"query": "hello", "mode": "text", "where": expression}),
                               ("/documents/delete", {"where": expression})):
                with self.subTest(path=path, where=expression):
                    answer = self.node.post(self.docs.path + path, body)
                    self.assert_problem(answer, 400, "invalid_argument")

    def test_dead_rows_are_never_seen(self):
        for expression in ("id = 'dead'", "title = 'secret'", "EXISTS (SELECT 1 FROM documents WHERE id = 'dead')",
                           "(SELECT count(*) FROM documents) > 6"):
            answer = self.node.post(self.docs.path + "/search", {"vector": [1, 2, 3], "where": expression})
            with self.subTest(where=expression):
                if answer.status == 200:
                    self.assertEqual(answer.json()["hits"], [])
                else:
                    self.assert_problem(answer, 400, "invalid_argument")

    def test_what_burns_time_or_memory_is_stopped(self):
        limit = 2 * SQL_TIMEOUT_MS / 1000 + SLACK_S
        for expression in self.BURNING:
            asked = {"query": "hello", "mode": "text", "where": expression}
            with self.subTest(where=expression[:100]):
                answer, took = self.timed("/search", asked)
                self.assertLess(took, limit)
                self.assertIn(answer.status, (200, 400, 504), answer)
                if answer.status == 504:
                    self.assert_problem(answer, 504, "deadline_exceeded")
                self.assertLess(self.memory_mb(), 2_000)
                self.assertEqual(self.node.get("/ready").status, 200)
                start = time.monotonic()
                self.assertFalse(self.docs.search(query="hello", mode="text")["partial"])
                self.assertLess(time.monotonic() - start, limit, "the next search waits")

    def memory_mb(self):
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


class Sockets(BadInput):
    FLAGS = ("--http.request_timeout_s", "2", "--http.idle_timeout_s", "2", "--http.connections_max", "40")

    def connect(self):
        connection = socket.create_connection((self.node.host, self.node.port), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def everything(self, connection):
        """What the node says until it closes; a reset counts as closed."""
        said = b""
        try:
            while piece := connection.recv(65536):
                said += piece
        except ConnectionError:
            pass
        return said

    def test_garbage_is_answered_or_closed(self):
        random = seeded(self.id())
        lines = [b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
                 b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n",
                 b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
                 b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
                 b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]
        lines += [random.randbytes(random.randint(1, 5_000)) for _ in range(30)]
        for line in lines:
            with self.subTest(line=line[:60]):
                connection = self.connect()
                connection.sendall(line)
                connection.shutdown(socket.SHUT_WR)
                said = self.everything(connection)
                if said:
                    self.assertTrue(said.startswith(b"HTTP/1.1 "), said[:200])
                connection.close()

    def test_a_slow_client_is_cut_off(self):
        connection = self.connect()
        connection.sendall(b"POST " + self.docs.path.encode() + b"/documents HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 100\r\n\r\n{")
        start = time.monotonic()
        said = self.everything(connection)
        self.assertLess(time.monotonic() - start, 10)
        if said:
            self.assertIn(b"408", said.split(b"\r\n")[0])

    def test_idle_and_too_many_connections_keep_nobody_out(self):
        held = [self.connect() for _ in range(60)]
        poll(lambda: self.answers(), 15, "an answer beside 60 idle connections")
        for connection in held:
            connection.close()

    def answers(self):
        try:
            return self.node.get("/health").status == 200
        except OSError:
            return False

    def test_a_client_that_goes_away_harms_nobody(self):
        for _ in range(20):
            connection = self.connect()
            connection.sendall(b"GET " + self.docs.path.encode() + b"/export HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.close()


if __name__ == "__main__":
    unittest.main()
