"""A program that uses a node over CAF, while the node is killed, stopped and started."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
import unittest

from node import BINARY, SystemTest, clean_environment, poll

CLIENT = os.environ.get("MOSAIC_REMOTE_CLIENT", "remote_client")
CLIENT_LIMIT_S = 60
WATCH_S = 300  # longer than any test watches
REQUEST_TIMEOUT_S = 1.0
# A stopped node is noticed by its silence; a pause of a second at most is between two tries to connect.
BACK_LIMIT_S = 30
SILENCE_S = 5


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Watch:
    """`remote_client --watch`, whose lines are collected while it runs."""

    def __init__(self, port):
        self.process = subprocess.Popen(
            [CLIENT, "--node", f"127.0.0.1:{port}", "--timeout-ms", str(int(REQUEST_TIMEOUT_S * 1000)),
             "--watch", str(WATCH_S)],
            stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line.strip())

    def next(self):
        """The next answer, which comes within the request's timeout whatever the node does."""
        return self.lines.get(timeout=REQUEST_TIMEOUT_S + 5)

    def until(self, wanted, limit_s):
        """The first answer that starts with `wanted`."""
        end = time.monotonic() + limit_s
        while True:
            line = self.next()
            if line.startswith(wanted):
                return line
            if time.monotonic() > end:
                raise AssertionError(f"no '{wanted}' within {limit_s} s, but '{line}'")

    def answers_for(self, seconds):
        """All different answers of a while."""
        end = time.monotonic() + seconds
        answers = set()
        while time.monotonic() < end:
            answers.add(self.next())
        return answers

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


class RemoteClient(SystemTest):

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.node = self.start_node("--caf.listen", f"127.0.0.1:{self.port}",
                                    "--debug.fault_injection", "true")
        self.fill()

    def fill(self):
        """Makes the example's collection with its three documents; what the example printed."""
        run = subprocess.run([CLIENT, "--node", f"127.0.0.1:{self.port}"], capture_output=True, text=True,
                             timeout=CLIENT_LIMIT_S, env=clean_environment(), check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def watch(self):
        watch = Watch(self.port)
        self.addCleanup(watch.end)
        watch.until("ok 3 hits", BACK_LIMIT_S)
        return watch

    def test_the_example_writes_and_finds_its_documents(self):
        printed = self.fill()
        self.assertIn("1 shards up", printed)
        self.assertIn("3 hits", printed)
        first_hit = printed.splitlines()[2].split()
        self.assertEqual(first_hit[1], "actor", printed)

    def test_http_and_caf_clients_see_the_same(self):
        found = self.node.post("/api/v1/collections/remote-example/search", {"query": "messages"})
        self.assertEqual(found.json()["hits"][0]["id"], "actor")

    def test_a_client_works_again_after_the_node_was_killed_and_started(self):
        watch = self.watch()
        for _ in range(3):
            self.node.kill()
            watch.until("error", REQUEST_TIMEOUT_S + 1)
            self.assertEqual(watch.answers_for(1.5), {"error unavailable"})
            self.node.start()
            watch.until("ok 3 hits", BACK_LIMIT_S)

    def test_a_client_works_again_after_the_node_stood_still(self):
        watch = self.watch()
        for pause_s in (1, SILENCE_S):  # the second is longer than silence may last
            self.node.process.send_signal(signal.SIGSTOP)
            try:
                watch.until("error", REQUEST_TIMEOUT_S + 1)
                self.assertLessEqual(watch.answers_for(pause_s),
                                     {"error deadline_exceeded", "error unavailable"})
            finally:
                self.node.process.send_signal(signal.SIGCONT)
            watch.until("ok 3 hits", BACK_LIMIT_S)

    def test_a_client_finds_the_engine_again_after_it_crashed(self):
        watch = self.watch()
        for crashes in range(1, 4):
            fault = self.node.post("/api/v1/debug/faults", {"part": "engine", "fault": "crash"})
            self.assertLess(fault.status, 300, fault)
            poll(lambda: self.node.stderr().count("part 'engine' of the node died") == crashes,
                 BACK_LIMIT_S, "the engine dies")
            # It may be back before the next search; what was asked meanwhile is lost at once.
            self.assertLessEqual(watch.answers_for(1), {"ok 3 hits", "error unavailable"})
            watch.until("ok 3 hits", BACK_LIMIT_S)

    def test_a_node_ends_in_order_while_clients_are_connected(self):
        watch = self.watch()
        self.assertEqual(self.node.terminate(), 0)
        watch.until("error unavailable", REQUEST_TIMEOUT_S + 1)

    def test_a_client_without_a_node_says_so_and_ends(self):
        self.node.kill()
        run = subprocess.run([CLIENT, "--node", f"127.0.0.1:{self.port}", "--timeout-ms", "500"],
                             capture_output=True, text=True, timeout=CLIENT_LIMIT_S,
                             env=clean_environment(), check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("unavailable", run.stderr)
        self.assertIn(f"127.0.0.1:{self.port}", run.stderr)

    def test_a_node_whose_caf_port_is_taken_says_so_and_ends(self):
        run = subprocess.run([BINARY, "serve", "--data-dir", self.folder / "other", "--listen",
                              "127.0.0.1:0", "--caf.listen", f"127.0.0.1:{self.port}"],
                             capture_output=True, text=True, timeout=CLIENT_LIMIT_S,
                             env=clean_environment(), check=False)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn(str(self.port), run.stderr)


if __name__ == "__main__":
    unittest.main()
