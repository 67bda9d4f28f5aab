"""`mosaic top` against a running node: once, as JSON, as lines, and as a screen in a terminal of its own."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
import unittest

from node import BINARY, Collection, SystemTest, clean_environment, run

LIMIT_S = 30


class Traffic:
    """Searches and writes without a pause."""

    def __init__(self, node, name):
        self.docs = Collection(node, name)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join(LIMIT_S)

    def _run(self):
        while not self._stopped.is_set():
            try:
                self.docs.search(query="text", k=3)
                self.docs.upsert([{"id": "x", "text": "some text"}])
            except OSError:
                self._stopped.wait(0.05)  # The node is being killed.


class Screen:
    """`mosaic top` in a pseudo terminal; what it wrote is kept."""

    def __init__(self, url, *arguments, columns=100, rows=40, env=None):
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(self.slave)
        self.text = ""
        self.process = subprocess.Popen(
            [BINARY, "top", "--url", url, "--interval", "200ms", *arguments], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, start_new_session=True, preexec_fn=self._take_terminal, env=clean_environment({"TERM": "xterm-256color", **(env or {})}))

    @staticmethod
    def _take_terminal():
        """Makes it the terminal of the session: Ctrl-C becomes a signal."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, wait_s):
        if select.select([self.master], [], [], wait_s)[0]:
            self.text += os.read(self.master, 65536).decode(errors="replace")

    def until(self, word):
        """Reads until `word` is written from now on; what was written on the way."""
        start, end = len(self.text), time.monotonic() + LIMIT_S
        while word not in self.text[start:]:
            if time.monotonic() > end:
                raise AssertionError(f"no {word!r} on the screen: {self.text[-4000:]!r}")
            self.read(0.1)
        return self.text[start:]

    def key(self, key):
        os.write(self.master, key.encode())

    def end(self):
        """The exit code, when the process has ended by itself."""
        end = time.monotonic() + LIMIT_S
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError("mosaic top does not end")
            self.read(0.05)
        self.read(0)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)
        os.close(self.master)
        os.close(self.slave)


class Top(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.docs.make(shards=2, embedder="hash", dimension=16)
        self.docs.upsert([{"id": str(i), "text": f"some text {i}"} for i in range(100)])

    def screen(self, *arguments, **more):
        screen = Screen(self.node.url, *arguments, **more)
        self.addCleanup(screen.close)
        return screen

    def top(self, *arguments, code=0):
        done = run("top", "--interval", "500ms", *arguments, env={"MOSAIC_URL": self.node.url})
        self.assertEqual(done.returncode, code, done)
        return done

    def assert_restored(self, screen):
        self.assertEqual(termios.tcgetattr(screen.slave), screen.modes)
        for code in ("\x1b[?25h", "\x1b[?7h", "\x1b[?1049l"):
            self.assertIn(code, screen.text[-40:])

    def test_once_prints_a_screen_without_escape_codes(self):
        with Traffic(self.node, "docs"):
            done = self.top("--once")
        for word in ("ok", "POST …/search", "POST …/documents", "docs/0", "docs/1", "hybrid", "CACHES", "PARTS"):
            self.assertIn(word, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_json_holds_the_numbers_of_the_interval(self):
        with Traffic(self.node, "docs"):
            done = self.top("--once", "--json")
        figures = json.loads(done.stdout)
        self.assertEqual(figures["node"]["status"], "ok")
        self.assertGreater(figures["node"]["memory_bytes"], 1 << 20)
        self.assertGreater(figures["requests"]["per_s"], 2)
        self.assertEqual(figures["requests"]["failed_per_s"], 0)
        self.assertGreater(figures["ingest"]["upserted_per_s"], 0)
        search = next(route for route in figures["routes"] if route["route"].endswith("{name}/search"))
        self.assertGreater(search["p99_s"], 0)
        self.assertEqual([mode["mode"] for mode in figures["searches"] if mode["per_s"]], ["hybrid"])
        self.assertEqual([(shard["collection"], shard["shard"], shard["state"]) for shard in figures["shards"]],
                         [("docs", "0", "up"), ("docs", "1", "up")])
        self.assertEqual(sum(shard["documents"] for shard in figures["shards"]), 101)

    def test_q_quits_and_the_terminal_is_as_before(self):
        with Traffic(self.node, "docs"):
            screen = self.screen()
            screen.until("docs/1")
            self.assertNotEqual(termios.tcgetattr(screen.slave), screen.modes)
            screen.key("p")
            screen.until("PAUSED")
            screen.key("p")
            screen.key("s")
            screen.until("SHARDS by documents")
            screen.key("q")
            self.assertEqual(screen.end(), 0)
        self.assert_restored(screen)

    def test_ctrl_z_without_a_shell_to_go_on_from_does_not_freeze_it(self):
        screen = self.screen()
        screen.until("SHARDS")
        screen.key("\x1a")
        screen.until("\x1b[?1049h")  # it left the screen and is back
        screen.until("SHARDS")
        screen.key("q")
        self.assertEqual(screen.end(), 0)
        self.assert_restored(screen)

    def test_signals_quit_and_the_terminal_is_as_before(self):
        for end in (lambda screen: screen.key("\x03"),
                    lambda screen: screen.process.send_signal(signal.SIGTERM),
                    lambda screen: screen.process.send_signal(signal.SIGHUP)):
            screen = self.screen()
            screen.until("SHARDS")
            end(screen)
            self.assertEqual(screen.end(), 0)
            self.assert_restored(screen)

    def test_a_resized_terminal_is_filled_anew(self):
        screen = self.screen(columns=120, rows=50)
        screen.until("PARTS")
        screen.resize(40, 8)
        screen.process.send_signal(signal.SIGWINCH)
        screen.until("lines more")

    def test_a_node_that_goes_is_named_until_it_is_back(self):
        screen = self.screen()
        screen.until("docs/1")
        self.node.kill()
        self.assertIn(f"no answer from {self.node.url} for ", screen.until("no answer from"))
        screen.until("(last answer)")
        self.node.listen = f"127.0.0.1:{self.node.port}"
        self.node.start()
        screen.until("ok")
        screen.key("q")
        self.assertEqual(screen.end(), 0)
        self.assert_restored(screen)

    def test_no_color_is_obeyed_on_the_screen(self):
        screen = self.screen(env={"NO_COLOR": "1"})
        seen = screen.until("PARTS")
        self.assertIn("\x1b[?1049h", seen)
        self.assertNotIn("\x1b[1m", seen)

    def test_a_pipe_gets_a_line_for_each_interval(self):
        process = subprocess.Popen([BINARY, "top", "--interval", "200ms", "--url", self.node.url],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        self.addCleanup(process.wait, LIMIT_S)
        self.addCleanup(process.kill)
        lines = [self.line(process) for _ in range(2)]
        self.node.kill()
        while "no answer" not in lines[-1]:
            lines.append(self.line(process))
        self.assertIn(": ok, ", lines[0])
        self.assertIn("req/s", lines[1])
        self.assertNotIn("\x1b", "".join(lines))
        process.stdout.close()
        process.stderr.close()

    def line(self, process):
        self.assertTrue(select.select([process.stdout], [], [], LIMIT_S)[0], "no line")
        return process.stdout.readline().decode()

    def test_no_node_is_one_line_on_stderr(self):
        done = run("top", "--once", env={"MOSAIC_URL": "http://127.0.0.1:1"})
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1), done)


if __name__ == "__main__":
    unittest.main()
