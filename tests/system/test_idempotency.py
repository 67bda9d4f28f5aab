"""A request with an Idempotency-Key is done once, whatever happens between its tries.

MOSAIC_KILLS is the number of kills, 12 unless given; MOSAIC_SEED repeats a run.
"""

import http.client
import os
import threading
import time
import unittest
import uuid
from collections import Counter

from node import Collection, SystemTest, poll, seeded

KILLS = int(os.environ.get("MOSAIC_KILLS") or 12)
WRITERS = 6
SHARDS = 3
WINDOW_S = 2
PATH = "/api/v1/collections/docs"


class Idempotency(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")

    def make(self, **more):
        return self.docs.make(dimension=2, metric="l2", embedder="none", shards=SHARDS, **more)

    def send(self, method, path, body=None, key=None):
        return self.node.request(method, path, body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def twice(self, method, path, body=None, status=200, restart=False):
        """Both answers, which must be the same byte for byte."""
        key = str(uuid.uuid4())
        first = self.send(method, path, body, key)
        self.assertEqual(first.status, status, first)
        if restart:
            self.node.kill()
            self.node.start()
        again = self.send(method, path, body, key)
        self.assertEqual((again.status, again.body), (first.status, first.body))
        for header in ("Content-Type", "Location"):
            self.assertEqual(again.headers[header], first.headers[header])
        return first


class Repeats(Idempotency):
    def every_route(self, restart):
        docs = {"documents": [{"id": f"d{i}", "vector": [1, i], "links": ["d0"]} for i in range(20)]}
        self.twice("PUT", PATH, {"dimension": 2, "metric": "l2", "embedder": "none", "shards": 2,
                                 "routing": "centroid"}, 201, restart)
        self.twice("PATCH", PATH, {"indexed": ["n"]}, 200, restart)
        self.twice("POST", PATH + "/documents", docs, 200, restart)
        self.twice("DELETE", PATH + "/documents/d1", None, 200, restart)
        self.assertEqual(self.twice("POST", PATH + "/documents/delete", {"filter": {}}, 200, restart).json()["deleted"],
                         19)
        self.docs.upsert(docs["documents"])
        self.twice("POST", PATH + "/documents/delete", {"where": "id = 'd2'"}, 200, restart)
        self.assertEqual(len(self.docs.pages("ids")), 19, "a repeat deletes nothing that came later")
        self.twice("PUT", PATH + "/centroids", {"centroids": [[0, 0], [1, 9]]}, 200, restart)
        job = self.twice("POST", PATH + "/pagerank", None, 202, restart).json()
        if not restart:
            poll(lambda: self.node.get(f"/api/v1/jobs/{job['id']}").json()["state"] != "running", 30, "the job ends")
            self.twice("DELETE", f"/api/v1/jobs/{job['id']}", None, 200)
        self.no_jobs()
        self.twice("POST", PATH + "/centroids/train", {"seed": 1}, 202, restart)
        self.no_jobs()
        self.twice("DELETE", PATH, None, 200, restart)
        self.docs.call("GET", expect=404)

    def no_jobs(self):
        poll(lambda: all(job["state"] != "running" for job in self.node.get("/api/v1/jobs").json()["jobs"]), 60,
             "jobs end")

    def test_every_writing_route_answers_a_repeat_as_it_did_first(self):
        self.every_route(restart=False)

    def test_also_after_the_node_was_killed(self):
        self.every_route(restart=True)

    def test_a_repeat_does_not_undo_what_came_between(self):
        self.make()
        key = str(uuid.uuid4())
        write = {"documents": [{"id": "a", "metadata": {"n": 1}}]}
        first = self.send("POST", PATH + "/documents", write, key)
        self.docs.upsert([{"id": "a", "metadata": {"n": 2}}])
        self.assertEqual(self.send("POST", PATH + "/documents", write, key).body, first.body)
        self.assertEqual(self.docs.document("a")["metadata"], {"n": 2})

    def test_many_at_once_are_one(self):
        self.make()
        key, answers = str(uuid.uuid4()), []
        body = {"documents": [{"id": "a"}]}
        threads = [threading.Thread(target=lambda: answers.append(self.send("POST", PATH + "/documents", body, key)))
                   for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual({(answer.status, answer.body) for answer in answers}, {(200, answers[0].body)})
        self.assertEqual(len(answers), 16)


class Refusals(Idempotency):
    def setUp(self):
        super().setUp()
        self.make()

    def test_another_body_under_the_same_key(self):
        self.send("POST", PATH + "/documents", {"documents": [{"id": "a"}]}, "k")
        for restart in (False, True):
            if restart:
                self.node.kill()
                self.node.start()
            other = self.send("POST", PATH + "/documents", {"documents": [{"id": "b"}]}, "k")
            self.assert_problem(other, 400, "invalid_argument", "Idempotency-Key 'k'")
        self.docs.document("b", expect=404)

    def test_keys_that_are_none(self):
        for key in ("", " ", "a b", "k" * 256, "a\tb", "caf\xe9"):
            answer = self.send_raw(key)
            self.assert_problem(answer, 400, "invalid_argument", "Idempotency-Key", "255 visible ASCII characters")
        self.assert_problem(self.send_raw("\x7f"), 400, "invalid_argument")  # no header of HTTP at all
        self.docs.document("a", expect=404)
        for key in ("!", "~" * 255):
            self.assertEqual(self.send_raw(key).status, 200)

    def test_two_keys_are_none(self):
        connection = http.client.HTTPConnection(self.node.host, self.node.port, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("DELETE", PATH + "/documents/a")
        connection.putheader("Idempotency-Key", "a")
        connection.putheader("Idempotency-Key", "b")
        connection.endheaders()
        answer = connection.getresponse()
        self.assertEqual(answer.status, 400, answer.read())

    def send_raw(self, key):
        return self.node.request("POST", PATH + "/documents", {"documents": [{"id": "a"}]},
                                 {"Idempotency-Key": key})

    def test_a_request_that_failed_may_be_repeated(self):
        answer = self.send("POST", "/api/v1/collections/later/documents", {"documents": [{"id": "a"}]}, "k")
        self.assert_problem(answer, 404, "not_found")
        Collection(self.node, "later").make(dimension=2, embedder="none")
        answer = self.send("POST", "/api/v1/collections/later/documents", {"documents": [{"id": "a"}]}, "k")
        self.assertEqual(answer.status, 200, answer)

    def test_the_specification_says_which_routes_take_one(self):
        spec = self.node.get("/openapi.json").json()
        reference = {"$ref": "#/components/parameters/Idempotency-Key"}
        self.assertEqual(spec["components"]["parameters"]["Idempotency-Key"]["in"], "header")
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                reads = method == "get" or "search" in path or path in ("/api/v1/debug/faults", "/api/v1/log")
                self.assertEqual(reference in operation["parameters"], not reads, (method, path))


class Window(Idempotency):
    def setUp(self):
        SystemTest.setUp(self)
        self.node = self.start_node("--log.idempotency_window_s", str(WINDOW_S))
        self.docs = Collection(self.node, "docs")

    def test_past_the_window_it_is_a_request_of_its_own(self):
        self.make()
        body = {"documents": [{"id": "a"}]}
        first = self.send("POST", PATH + "/documents", body, "k")
        self.assertEqual(self.send("POST", PATH + "/documents", body, "k").body, first.body)
        self.docs.delete(ids=["a"])
        poll(lambda: self.send("POST", PATH + "/documents", body, "k").body != first.body, WINDOW_S + 10, "the end")
        self.assertGreater(self.docs.document("a")["seq"], first.json()["seq"])


class Kills(Idempotency):
    """Clients that repeat every request under its key until it is answered, while the node is killed."""

    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        # The port stays: clients come back to it.
        self.node.terminate()
        self.node.listen = f"127.0.0.1:{self.node.port}"
        self.node.start()
        self.make()
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.written, self.deleted, self.problems = {}, {}, []
        self.tries = Counter()

    def until_answered(self, method, path, body):
        key = str(uuid.uuid4())
        while True:
            self.tries[key] += 1
            try:
                answer = self.send(method, path, body, key)
                if answer.status == 200:
                    return answer.json()
                if answer.status != 503:
                    raise AssertionError(f"{method} {path}: {answer}")
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)

    def write(self, writer):
        number = 0
        try:
            while not self.stop.is_set():
                number += 1
                key = f"w{writer}-{number}"
                reply = self.until_answered("POST", PATH + "/documents",
                                            {"documents": [{"id": f"{key}-{part}", "vector": [writer, part],
                                                            "metadata": {"batch": key}} for part in range(4)]})
                with self.lock:
                    self.written[key] = reply["seq"]
                if number % 3 == 0:
                    reply = self.until_answered("POST", PATH + "/documents/delete",
                                                {"filter": {"batch": key}})
                    with self.lock:
                        self.deleted[key] = reply["deleted"]
        except AssertionError as problem:
            self.problems.append(problem)

    def test_each_request_is_applied_exactly_once(self):
        writers = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(self.random.uniform(0.05, 0.5))
            self.node.kill()
            self.node.start(ready=self.random.random() < 0.5)
        self.stop.set()
        for writer in writers:
            writer.join(120)
            self.assertFalse(writer.is_alive(), "a writer hangs")
        self.assertFalse(self.problems, self.problems[:5])
        repeated = sum(count > 1 for count in self.tries.values())
        print(f"{len(self.written)} writes, {len(self.deleted)} deletions, {repeated} of them repeated, {KILLS} kills")
        self.assertGreater(repeated, 0, "no kill met a request")
        poll(lambda: self.node.get("/ready").status == 200, 60, "ready")
        self.check()

    def check(self):
        # A deletion counts the documents of its batch though its first try has taken them away.
        self.assertEqual({key: count for key, count in self.deleted.items() if count != 4}, {})
        found = {}
        for document in self.docs.pages():
            found.setdefault(document["metadata"]["batch"], []).append(document["seq"])
        wanted = {key: [seq] * 4 for key, seq in self.written.items() if key not in self.deleted}
        self.assertEqual({key: wanted.get(key) for key in wanted.keys() | found.keys()
                          if wanted.get(key) != found.get(key)}, {}, "of the seq that was answered, once")


if __name__ == "__main__":
    unittest.main()
