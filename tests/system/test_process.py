"""The process: one node per folder, ports, signals, settings and their strength, wrong usage, a full disk."""

import http.client
import re
import resource
import signal
import socket
import threading
import unittest

from node import Collection, SystemTest, poll, run, seeded

FILE_LIMIT_BYTES = 9 << 20  # a segment of the log has 8 MiB
# A comment or a sample of Prometheus' text format.
METRICS_LINE = re.compile(r'# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\["\\n])*",?)+\})? [-+.\de]+')


def limit_file_size():
    """Stands for a full disk: no file grows past the limit, and the kernel only answers with an error."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT_BYTES, FILE_LIMIT_BYTES))


class Starting(SystemTest):
    def serve(self, *arguments, **more):
        """A node that must not come up; its one line on stderr."""
        done = run("serve", *arguments, limit_s=30, **more)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        return lines[0]

    def test_a_data_folder_in_use(self):
        node = self.start_node()
        line = self.serve("--data-dir", node.folder, "--listen", "127.0.0.1:0")
        self.assertIn(str(node.folder), line)
        self.assertEqual(node.get("/ready").status, 200)
        node.kill()
        node.start()

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for number in range(20):  # it ends while its parts are still starting, in many orders
                line = self.serve("--data-dir", self.folder / f"d{number}", "--listen", f"127.0.0.1:{port}")
                self.assertIn(str(port), line)

    def test_a_folder_that_cannot_be_made(self):
        (self.folder / "file").write_text("x")
        line = self.serve("--data-dir", self.folder / "file" / "d", "--listen", "127.0.0.1:0")
        self.assertIn("file", line)

    def test_addresses_that_are_none(self):
        for listen in ("127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "nowhere.invalid:1", ""):
            with self.subTest(listen=listen):
                done = run("serve", "--data-dir", self.folder / "d", "--listen", listen, limit_s=30)
                self.assertIn(done.returncode, (1, 2), done)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
                self.assertIn(listen, done.stderr)

    def test_wrong_usage(self):
        for arguments in (("serve", "--colour"), ("serve", "--http.threads", "many"), ("fly",), ("import",),
                          ("import", "docs"), ("search", "docs"), ("search", "docs", "x", "-k", "0"),
                          ("search", "docs", "x", "--mode", "fuzzy"), ("export",), ("collections", "drop"), (),
                          ("serve", "--config", self.folder / "none.toml")):
            done = run(*arguments, limit_s=30)
            with self.subTest(arguments=arguments):
                self.assertEqual(done.returncode, 2, done)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_help_and_version(self):
        for arguments in (("--help",), ("serve", "--help"), ("import", "--help"), ("--version",)):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertTrue(done.stdout)


class Settings(SystemTest):
    def printed(self, *arguments, env=None):
        """What --print-config shows, as {"section.key": "value  # source"}."""
        done = run("serve", "--print-config", *arguments, env=env)
        self.assertEqual(done.returncode, 0, done)
        shown, section = {}, ""
        for line in done.stdout.splitlines():
            section = line.strip("[]") if line.startswith("[") else section
            if " = " in line:
                key, value = line.split(" = ", 1)
                shown[f"{section}.{key}"] = value
        return shown

    def test_flags_beat_the_environment_beats_the_file_beats_defaults(self):
        file = self.folder / "mosaic.toml"
        file.write_text("[http]\nthreads = 3\nidle_timeout_s = 31\n[search]\ntimeout_ms = 301\n")
        env = {"MOSAIC_HTTP_IDLE_TIMEOUT_S": "32", "MOSAIC_SEARCH_TIMEOUT_MS": "302"}
        shown = self.printed("--config", file, "--search.timeout_ms", 303, env=env)
        for key, value, source in (("http.threads", "3", "mosaic.toml"), ("http.drain_timeout_s", "20", "default"),
                                   ("http.idle_timeout_s", "32", "MOSAIC_HTTP_IDLE_TIMEOUT_S"),
                                   ("search.timeout_ms", "303", "--search.timeout_ms")):
            self.assertEqual(shown[key].split()[0], value)
            self.assertIn(source, shown[key])

    def test_bad_settings_name_the_key_and_the_value(self):
        file = self.folder / "mosaic.toml"
        for content, words in (("[http]\ncolour = 1\n", ["http.colour"]), ("[nothing]\na = 1\n", ["nothing"]),
                               ("[http]\nthreads = 'x'\n", ["threads", "x"]), ("[http\n", ["mosaic.toml"])):
            file.write_text(content)
            done = run("serve", "--config", file, "--print-config")
            self.assertIn(done.returncode, (1, 2), done)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)
        done = run("serve", "--print-config", env={"MOSAIC_HTTP_THREADS": "many"})
        self.assertIn(done.returncode, (1, 2), done)
        self.assertIn("MOSAIC_HTTP_THREADS", done.stderr)
        self.assertIn("many", done.stderr)

    def test_settings_are_in_force(self):
        node = self.start_node("--http.body_bytes_max", "2000", env={"MOSAIC_NODE_NAME": "blue"})
        self.assertEqual(node.get("/health").json()["node"], "blue")
        metrics = node.get("/metrics")
        self.assertEqual(metrics.status, 200, metrics)
        for line in metrics.body.decode().splitlines():
            self.assertTrue(METRICS_LINE.fullmatch(line), line)
        self.assertIn(b'node="blue"', metrics.body)
        answer = node.post("/api/v1/collections/x/documents", b" " * 2001)
        self.assert_problem(answer, 413, "payload_too_large", "2000")


class Ending(SystemTest):
    def test_signals_end_an_idle_node_in_order(self):
        for end in (signal.SIGTERM, signal.SIGINT):
            node = self.start_node()
            node.process.send_signal(end)
            self.assertEqual(node.process.wait(30), 0, node.stderr())

    def test_a_node_that_is_still_starting_ends_in_order(self):
        node = self.start_node()
        for name in ("a", "b", "c"):
            Collection(node, name).make(dimension=2, embedder="none", shards=4)
        node.terminate()
        for _ in range(30):
            node.start(ready=False)
            self.assertEqual(node.terminate(), 0, node.stderr())

    def test_a_node_that_is_still_starting_hides_no_collection(self):
        node = self.start_node()
        docs = Collection(node, "docs")
        docs.make(dimension=2, embedder="none", shards=4)
        docs.upsert([{"id": "a", "vector": [1, 2]}])
        for _ in range(30):
            node.kill()
            node.start(ready=False)
            for path in ("", "/documents/a", "/ids"):
                answer = node.get(docs.path + path)
                self.assertIn(answer.status, (200, 503), (path, answer))
            answer = node.post(docs.path + "/search", {"vector": [1, 2]})
            self.assertIn(answer.status, (200, 503), answer)
            if answer.status == 200 and not answer.json()["partial"]:
                self.assertEqual(len(answer.json()["hits"]), 1, answer)

    def test_sigterm_answers_what_is_under_way(self):
        node = self.start_node()
        docs = Collection(node, "docs")
        docs.make(dimension=256, embedder="hash")
        answers, started = [], threading.Event()

        def write(number):
            body = {"documents": [{"id": f"{number}-{part}", "text": "some words " * 50} for part in range(500)]}
            started.set()
            try:
                answers.append(node.post(docs.path + "/documents", body).status)
            except (OSError, http.client.HTTPException):
                answers.append(None)  # it came when the node no longer took requests

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        started.wait(10)
        self.assertEqual(node.terminate(), 0, node.stderr())
        for thread in threads:
            thread.join(30)
        node.start()
        stored = docs.info()["documents"]
        self.assertEqual(stored % 500, 0)
        self.assertGreaterEqual(stored, 500 * answers.count(200))


class SmallLog(SystemTest):
    def test_a_log_that_may_hold_less_than_it_keeps_goes_on_all_the_same(self):
        node = self.start_node("--log.bytes_max", str(1 << 20), "--storage.checkpoint_interval_s", "1")
        docs = Collection(node, "docs")
        docs.make(dimension=2, embedder="none")
        text = "word " * 20_000
        for number in range(40):
            # While shards save what the log has too much of, writes are refused.
            poll(lambda n=number: node.post(docs.path + "/documents", {"documents": [
                {"id": f"d{n}", "vector": [1, n], "text": text}]}).status == 200, 30, f"write {number}")
        self.assertEqual(docs.info()["documents"], 40)


class FullDisk(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node("--log.retained_bytes", str(1 << 20), "--log.bytes_max", str(3 << 20), preexec=limit_file_size)
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=64, embedder="hash", shards=2)
        self.acknowledged, self.applied = [], []

    def batch(self, number):
        words = [f"{self.random.randrange(1 << 20):x}" for _ in range(4_000)]
        return [{"id": f"{number}-{part}", "text": f"batch{number} " + " ".join(words[part * 200:part * 200 + 200])}
                for part in range(20)]

    def write_until_refused(self):
        """The refusal, which comes when the log holds too much that the shards cannot save."""
        for number in range(500):
            batch = self.batch(number)
            answer = self.node.post(self.docs.path + "/documents", {"documents": batch})
            if answer.status != 200:
                return answer
            self.acknowledged += [document["id"] for document in batch]
            if answer.json()["applied"]:
                self.applied += [document["id"] for document in batch]
        return self.fail("the limit was never reached")

    def test_writes_are_refused_reads_go_on_and_nothing_is_lost(self):
        self.assert_problem(self.write_until_refused(), 503, "overloaded", "log.bytes_max")
        self.assertTrue(self.node.running(), self.node.stderr())
        again = self.node.post(self.docs.path + "/documents", {"documents": self.batch(1)})
        self.assert_problem(again, 503, "overloaded", "log.bytes_max")
        with self.subTest("reads go on"):
            for key in self.applied:
                self.assertEqual(self.docs.document(key)["id"], key)
            # A shard that is behind the cut for want of space is named; the other one answers.
            reply = self.docs.search(query="batch0", mode="text", k=5)
            self.assertEqual(reply["partial"], bool(reply["shards"]["failed"]))
            self.assertLess(len(reply["shards"]["failed"]), 2)
        self.node.kill()
        self.node.preexec = None
        self.node.start()
        self.assertLessEqual(set(self.acknowledged), set(self.docs.pages("ids", limit=10_000)))
        # The shards save what they have missed, and the log forgets it.
        poll(lambda: self.node.post(self.docs.path + "/documents", {"documents": self.batch(1)}).status == 200,
             30, "writes are taken again")


if __name__ == "__main__":
    unittest.main()
