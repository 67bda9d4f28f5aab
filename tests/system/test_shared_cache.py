"""Nodes that share the vectors of an endpoint in a real Redis, and what they do when it is away, empty,
silent or full of garbage. Their own caches are off, so that every search has to ask."""

import re
import signal
import unittest

from node import Collection, SystemTest, poll
from test_embedding import Endpoint, vector
from tools import Program, free_port, run_tool

DOCUMENTS = [{"id": "red", "text": "red apples"}, {"id": "green", "text": "green pears"}]
TEXTS = ["green pears", "red apples"]
TTL_S = 1000
TIMEOUT_MS = 100
# The search has far more time than the store may take, so that a partial answer means it was waited for.
SEARCH_TIMEOUT_MS = 5000


class SharedCacheTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.stop)
        self.port = free_port()
        self.redis = self.start_redis()

    def start_redis(self):
        return Program(self, "redis-server", "--bind", "127.0.0.1", "--port", self.port, "--save", "",
                       "--appendonly", "no", "--maxmemory", "16mb", "--maxmemory-policy", "allkeys-lru",
                       port=self.port, cwd=self.folder)

    def start(self, name="data", cache_bytes=0):
        """A node with an empty collection that takes its vectors from the endpoint."""
        node = self.start_node("--search.result_cache_bytes", "0", "--cache.redis_url", f"redis://127.0.0.1:{self.port}", "--cache.redis_timeout_ms",
                               str(TIMEOUT_MS), "--cache.redis_ttl_s", str(TTL_S), "--embedding.cache_bytes",
                               str(cache_bytes), "--embedding.attempts_max", "1", name=name)
        docs = Collection(node, "docs")
        docs.make(embedder=f"openai:{self.endpoint.url}#tiny", dimension=3)
        return docs

    def cli(self, *arguments):
        done = run_tool("redis-cli", "-h", "127.0.0.1", "-p", self.port, *arguments)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout.split()

    def take_asked(self):
        """The texts that the endpoint was asked for since the last call."""
        batches, self.endpoint.asked = self.endpoint.asked, []
        return sorted(text for batch in batches for text in batch)

    def nearest(self, docs, query):
        """The best hit by the query's vector, whatever the store does."""
        return docs.search(query=query, mode="vector", timeout_ms=SEARCH_TIMEOUT_MS)["hits"][0]["id"]

    def lookups(self, docs, result):
        pattern = rf'^mosaic_cache_requests_total{{cache="shared_embedding",result="{result}"}} (\S+)$'
        return int(float(re.search(pattern, docs.node.get("/metrics").body.decode(), re.MULTILINE)[1]))

    def assert_lookups(self, docs, hit, miss, error):
        counts = [self.lookups(docs, result) for result in ("hit", "miss", "error")]
        self.assertEqual(counts, [hit, miss, error])

    def test_two_nodes_ask_the_endpoint_once(self):
        first, second = self.start("first"), self.start("second")
        first.upsert(DOCUMENTS)
        self.assertEqual(self.nearest(first, "what is red"), "red")
        self.assertEqual(self.take_asked(), [*TEXTS, "what is red"])
        second.upsert(DOCUMENTS)
        self.assertEqual(self.nearest(second, "what is red"), "red")
        self.assertEqual(self.take_asked(), [])
        for key in ("red", "green"):
            found = second.document(key, include="vector")["vector"]
            expected = vector(next(each["text"] for each in DOCUMENTS if each["id"] == key))
            self.assertEqual([round(x, 6) for x in found], expected)
        self.assert_lookups(first, hit=0, miss=3, error=0)
        self.assert_lookups(second, hit=3, miss=0, error=0)

    def test_a_new_node_answers_what_is_known_without_the_endpoint(self):
        self.start("first").upsert(DOCUMENTS)
        second = self.start("second")
        self.endpoint.mode = "failing"
        second.upsert(DOCUMENTS)
        self.assertEqual(self.nearest(second, "green pears"), "green")
        second.search(query="never seen", mode="vector", expect=503)

    def test_the_memory_of_a_node_stays_in_front(self):
        docs = self.start(cache_bytes=1_000_000)
        docs.upsert(DOCUMENTS)
        self.assertEqual(self.nearest(docs, "red apples"), "red")
        self.assert_lookups(docs, hit=0, miss=2, error=0)

    def test_redis_holds_no_text_and_forgets(self):
        docs = self.start()
        docs.upsert(DOCUMENTS)
        keys = self.cli("keys", "*")
        self.assertEqual(len(keys), 2)
        for key in keys:
            self.assertRegex(key, "^mosaic:v1:[0-9a-f]{64}$")
            self.assertEqual(self.cli("strlen", key), ["24"])
            self.assertGreater(int(self.cli("ttl", key)[0]), TTL_S - 100)
            self.assertLessEqual(int(self.cli("ttl", key)[0]), TTL_S)

    def test_searches_go_on_when_redis_is_killed_and_it_is_used_again_when_it_is_back(self):
        docs = self.start()
        docs.upsert(DOCUMENTS)
        self.redis.process.kill()
        self.redis.stop()
        for i in range(20):
            self.assertEqual(self.nearest(docs, f"red {i}"), "red")
        docs.upsert([{"id": "new", "text": "red again"}])
        self.assertEqual(len(self.take_asked()), 2 + 20 + 1)
        self.assertGreaterEqual(self.lookups(docs, "error"), 21)
        self.start_redis()
        poll(lambda: self.nearest(docs, "red 0") and self.lookups(docs, "hit"), 60, "redis is used again")
        self.assertIn("left alone for 1000 ms", docs.node.stderr())
        self.assertIn("answers again", docs.node.stderr())

    def test_a_redis_that_hangs_is_not_waited_for(self):
        docs = self.start()
        docs.upsert(DOCUMENTS)
        self.redis.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.redis.process.send_signal, signal.SIGCONT)
        for i in range(5):
            self.assertEqual(self.nearest(docs, f"green {i}"), "green")
        self.assertEqual(self.lookups(docs, "error"), 5)
        self.assertIn("no answer in time", docs.node.stderr())

    def test_what_was_flushed_is_asked_for_again(self):
        docs = self.start()
        docs.upsert(DOCUMENTS)
        self.assertEqual(self.take_asked(), TEXTS)
        docs.upsert(DOCUMENTS)
        self.assertEqual(self.take_asked(), [])
        self.cli("flushall")
        docs.upsert(DOCUMENTS)
        self.assertEqual(self.take_asked(), TEXTS)
        self.assert_lookups(docs, hit=2, miss=4, error=0)

    def test_garbage_is_a_miss_and_is_replaced(self):
        docs = self.start()
        docs.upsert(DOCUMENTS)
        first, second = self.cli("keys", "*")
        self.take_asked()
        for spoil in (lambda: self.cli("set", first, "garbage"), lambda: self.cli("copy", second, first, "replace"),
                      lambda: self.cli("setrange", first, "5", "x"), lambda: self.cli("set", first, ""),
                      lambda: (self.cli("del", first), self.cli("lpush", first, "a list"))):
            spoil()
            docs.upsert(DOCUMENTS)
            self.assertEqual(len(self.take_asked()), 1)
            docs.upsert(DOCUMENTS)
            self.assertEqual(self.take_asked(), [], "the garbage was replaced")
        self.assertEqual(self.nearest(docs, "red apples"), "red")
        self.assertEqual(self.lookups(docs, "error"), 0)

    def test_a_node_needs_no_redis_to_start(self):
        self.redis.stop()
        docs = self.start()
        docs.upsert(DOCUMENTS)
        self.assertEqual(self.nearest(docs, "something green"), "green")


if __name__ == "__main__":
    unittest.main()
