"""A cluster whose nodes show each other certificates, and those who have none, or others."""

import os
import socket
import subprocess
import time
import unittest

from cluster import Cluster, ClusterTest, Member
from node import BINARY, Collection, clean_environment, poll, run, seeded

LIMIT_S = 60
STRANGERS = 200  # more than wait at either port
HELD_S = 4  # longer than CAF waits for a sign of life


class Authority:
    """The files that `mosaic cluster` makes, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.made("init-ca", "--out", folder)

    @staticmethod
    def made(*arguments):
        done = run("cluster", *arguments)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def flags(self, name):
        """What a node of that name is started with."""
        if not (self.folder / f"{name}.pem").exists():
            self.made("issue-cert", name, "--host", "127.0.0.1", "--ca", self.folder, "--out", self.folder)
        return ("--cluster.certificate", self.folder / f"{name}.pem", "--cluster.key",
                self.folder / f"{name}-key.pem", "--cluster.ca", self.folder / "ca.pem")


class TlsTest(ClusterTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder / "authority")

    def start_tls_cluster(self, size, *flags):
        """Each node with a certificate of its own, and a collection "docs"."""
        def make(folder, name, *more):
            return Member(folder, name, *self.authority.flags(name), *more)

        cluster = Cluster(self.folder, *flags, make=make)
        self.addCleanup(cluster.end)
        cluster.start(size)
        Collection(cluster[-1], "docs").make(dimension=2, embedder="none", shards=2, replicas=3)
        return cluster

    def assert_goes_on(self, cluster, key):
        """All that serve take part in a write."""
        body = {"documents": [{"id": key, "vector": [1, 0]}]}
        serving = cluster.serving()
        cluster.wait_for(lambda: serving[-1].post("/api/v1/collections/docs/documents", body).status == 200,
                         f"{key} is written")
        for node in serving:
            cluster.wait_for(lambda at=node: at.get(f"/api/v1/collections/docs/documents/{key}").status == 200,
                             f"{key} is at {node.name}")


class Inside(TlsTest):
    def test_three_nodes_replicate_and_outlive_their_leader(self):
        cluster = self.start_tls_cluster(3)
        self.assert_goes_on(cluster, "by-all")
        gone = cluster.leader()
        gone.kill()
        self.assert_goes_on(cluster, "by-those-left")
        gone.start()
        cluster.wait_until_up()
        self.assert_goes_on(cluster, "by-all-again")
        self.assertEqual(set(cluster.wait_until_equal("docs")), {"by-all", "by-those-left", "by-all-again"})

    def test_a_node_that_listens_everywhere_is_found_where_it_says(self):
        cluster = self.start_tls_cluster(2, "--cluster-listen", "0.0.0.0:0", "--cluster.advertise", "127.0.0.1")
        for node in cluster.nodes:
            self.assertTrue(node.knows("n1")["cluster_address"].startswith("127.0.0.1:"))
        self.assert_goes_on(cluster, "a")

    def test_files_that_are_replaced_under_a_node_do_not_touch_it(self):
        cluster = self.start_tls_cluster(1)
        for path in self.authority.folder.glob("n1*.pem"):
            path.write_text("half of something")
        cluster.add()
        cluster.wait_until_up()
        self.assert_goes_on(cluster, "a")


class Refused(TlsTest):
    def serve(self, *flags):
        return run("serve", "--data-dir", self.folder / "refused", "--listen", "127.0.0.1:0", *flags)

    def assert_refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)

    def test_files_that_cannot_be_used_are_named(self):
        flags = list(self.authority.flags("n1"))
        self.authority.flags("n2")
        missing, broken = self.folder / "missing.pem", self.folder / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        for at in (1, 3, 5):
            for bad in (missing, broken):
                self.assert_refused(self.serve(*flags[:at], bad, *flags[at + 1:]), str(bad))
        other = self.authority.folder / "n2-key.pem"
        self.assert_refused(self.serve(*flags[:3], other, *flags[4:]), str(other), "is not the key of")

    def test_an_authority_that_does_not_vouch_is_named(self):
        other = Authority(self.folder / "other")
        flags = self.authority.flags("n1")
        self.assert_refused(self.serve(*flags[:5], other.folder / "ca.pem"), str(other.folder / "ca.pem"),
                            "does not vouch")


class Strangers(TlsTest):
    """They do not get in, and the cluster goes on."""

    def setUp(self):
        super().setUp()
        self.cluster = self.start_tls_cluster(3)
        self.nodes = self.cluster.nodes

    @staticmethod
    def ports(node):
        """Of the actors and of the log."""
        numbers = dict(line.rsplit(" ", 1) for line in (node.folder / "ports").read_text().splitlines())
        return int(numbers["actors"]), int(numbers["log"])

    def knock(self, name, certificates):
        """A node that would join, until it says that it does not get in."""
        errors = self.folder / f"{name}.stderr"
        with open(errors, "wb") as log:
            process = subprocess.Popen(
                [BINARY, "serve", "--data-dir", self.folder / name, "--listen", "127.0.0.1:0", "--node-name", name,
                 *certificates, "--join", self.nodes[0].address],
                stdout=subprocess.DEVNULL, stderr=log, env=clean_environment())
        try:
            said = poll(lambda: next((line for line in errors.read_text().splitlines() if "not reached yet" in line),
                                     None), LIMIT_S, f"{name} is refused")
            self.assertIsNone(process.poll())
        finally:
            process.kill()
            process.wait()
        return said

    def assert_unharmed(self, key):
        self.assert_goes_on(self.cluster, key)
        self.cluster.wait_until_up()
        self.assertEqual(self.cluster.serving(), self.nodes)

    def test_a_certificate_of_another_authority_is_not_let_in(self):
        other = Authority(self.folder / "other")
        self.assertIn("certificate verify failed", self.knock("foreign", other.flags("foreign")))
        self.assert_unharmed("a")

    def test_who_trusts_both_is_not_let_in_either(self):
        other = Authority(self.folder / "other")
        flags = other.flags("foreign")
        both = self.folder / "both.pem"
        both.write_text((other.folder / "ca.pem").read_text() + (self.authority.folder / "ca.pem").read_text())
        self.knock("foreign", (*flags[:5], both))
        self.assert_unharmed("a")

    def test_a_node_without_certificates_is_not_let_in(self):
        self.knock("open", ())
        self.assert_unharmed("a")

    def test_garbage_at_both_ports_is_harmless(self):
        random = seeded(self.id())
        hello = bytes.fromhex("16030100050100000100")  # a TLS record that ends too early
        announced = b"\0" * 4 + b"\xff" * 28  # to CAF: 4 GiB follow
        words = [b"", b"GET / HTTP/1.1\r\n\r\n", hello, announced, b"\0" * 4096]
        for node in self.nodes:
            for port in self.ports(node):
                for said in words + [random.randbytes(random.randrange(1, 20_000)) for _ in range(20)]:
                    with socket.create_connection(("127.0.0.1", port)) as connection:
                        try:
                            connection.sendall(said)
                        except OSError:
                            pass  # it was hung up on before it was done
        self.assert_unharmed("a")

    def test_connections_that_say_nothing_cost_next_to_nothing(self):
        node = self.nodes[0]
        files = len(os.listdir(f"/proc/{node.process.pid}/fd"))
        silent = [socket.create_connection(("127.0.0.1", port)) for port in self.ports(node) for _ in range(STRANGERS)]
        try:
            before = self.cpu_s(node)
            began = time.monotonic()
            self.assert_unharmed("a")
            # For as long as it takes a connection that nobody minds to be given up, or to be spun upon.
            poll(lambda: time.monotonic() - began > HELD_S, LIMIT_S, "some time")
            spent = (self.cpu_s(node) - before) / (time.monotonic() - began)
            self.assertLess(spent, 0.5)
            self.assertLess(len(os.listdir(f"/proc/{node.process.pid}/fd")) - files, STRANGERS)
            self.assert_unharmed("b")
        finally:
            for connection in silent:
                connection.close()

    @staticmethod
    def cpu_s(node):
        with open(f"/proc/{node.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    unittest.main()
