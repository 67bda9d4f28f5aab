"""The programs that tests run beside the node: nginx, prometheus, promtool, redis-server, docker-compose.

`./dev tools` unpacks them below build/tools (MOSAIC_TOOLS names another folder). Where one is missing, its
tests are skipped, or fail in CI. What a test starts here is ended when the test is over.
"""

import http.client
import importlib
import os
import pathlib
import socket
import subprocess
import sys
import unittest

from node import Answer, poll

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("MOSAIC_TOOLS") or ROOT / "build" / "tools")
START_LIMIT_S = 30
STOP_LIMIT_S = 20


def tool(name):
    """The path of a program; without it the test is skipped, or fails where CI is true."""
    path = FOLDER / "bin" / name
    if path.exists():
        return path
    why = f"{path} is not there; ./dev tools fetches it"
    if os.environ.get("CI") == "true":
        raise AssertionError(why)
    raise unittest.SkipTest(why)


def run_tool(name, *arguments, limit_s=60, **more):
    """Runs a program to its end; answers with returncode, stdout and stderr."""
    return subprocess.run([tool(name), *map(str, arguments)], capture_output=True, text=True, timeout=limit_s,
                          check=False, **more)


def yaml():
    """The YAML reader that docker-compose brings along."""
    tool("docker-compose")
    folder = str(FOLDER / "root/usr/lib/python3/dist-packages")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("yaml")


def free_port():
    """A port that was free a moment ago; for programs that cannot pick one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Program:
    """One running program; its output goes to a file. `port` is where it listens."""

    def __init__(self, test, name, *arguments, port, cwd=None):
        self.output, self.port = test.folder / f"{name}.output", port
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([tool(name), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, cwd=cwd)
        test.addCleanup(self.stop)
        poll(self._listens, START_LIMIT_S, f"{name} listens on {port}")

    def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}: {self.text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def text(self):
        return self.output.read_text(errors="replace")[-4000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def request(self, method, path, body=None, headers=None, limit_s=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit_s)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


def replaced(text, *changes):
    """`text` with each (old, new) replaced; every one must be there."""
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"there is no {old!r}")
        text = text.replace(old, new)
    return text


def fixed_nodes(nodes):
    """config/nodes-fixed.conf with these nodes: only its lines of addresses are others."""
    lines = (ROOT / "config/nodes-fixed.conf").read_text().splitlines(keepends=True)
    servers = [line for line in lines if line.startswith("  server ")]
    first = lines.index(servers[0])
    listed = [servers[0].replace("127.0.0.1:4040", f"{node.host}:{node.port}") for node in nodes]
    return "".join(lines[:first] + listed + lines[first + len(servers):])


def start_nginx(test, *nodes, named=None):
    """config/nginx.conf before `nodes`; `named`: the text of a nodes.conf that finds them by name instead.

    Of the file only addresses, the number of workers and the folder of what nginx writes are replaced."""
    port, file = free_port(), test.folder / "nginx.conf"
    file.write_text(replaced((ROOT / "config/nginx.conf").read_text(), ("listen 80 ", f"listen 127.0.0.1:{port} "),
                             (" /tmp/", f" {test.folder}/"), ("worker_processes 4", "worker_processes 2")))
    (test.folder / "nodes.conf").write_text(named or fixed_nodes(nodes))
    # The folder belongs to who runs the test; workers of root would run as somebody else.
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return Program(test, "nginx", "-e", "stderr", "-p", test.folder, "-c", file, "-g", directives, port=port)
