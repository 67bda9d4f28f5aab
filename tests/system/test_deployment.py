"""What operators start: compose file, image, Makefile, and nodes behind a real nginx."""

import gzip
import http.client
import json
import os
import re
import subprocess
import unittest

from node import BINARY, Collection, SystemTest, clean_environment, poll, run
from tools import ROOT, run_tool, start_nginx, yaml

STOP_LIMIT_S = 30
PRIVATE = {"node-1", "redis", "prometheus", "grafana"}
SERVICES = {"node-1": 4040, "nginx": 80, "redis": 6379, "prometheus": 9090, "grafana": 3000}
# As many as SCALE says: they cannot share a port of the machine.
SCALED = {"node"}
NODES = ("node-1", "node")
# Always there in Debian; what the image has beside the program's libraries.
BASE = {"libc6", "libgcc-s1"}
BESIDE = {"ca-certificates", "curl"}


def seconds(text):
    """Of compose's durations like 1m30s."""
    return sum(int(number) * {"m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([ms])", text))


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = run_tool("docker-compose", "-f", ROOT / "docker-compose.yml", "config")
        if done.returncode or done.stderr:
            raise AssertionError(done)
        cls.services = yaml().safe_load(done.stdout)["services"]

    def test_services_and_their_ports(self):
        self.assertEqual(set(self.services), set(SERVICES) | SCALED)
        self.assertNotIn("ports", self.services["node"])
        for name, port in SERVICES.items():
            ports = self.services[name]["ports"]
            self.assertEqual(len(ports), 1)
            with self.subTest(name):
                self.assertRegex(str(ports[0]), rf"\b{port}(/tcp)?$")
                self.assertEqual(str(ports[0]).startswith("127.0.0.1:"), name in PRIVATE, ports)

    def test_services_are_confined_checked_and_bounded(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertEqual(service["restart"], "unless-stopped")
                self.assertTrue(service["mem_limit"])
                self.assertTrue(service["healthcheck"]["test"])
                self.assertRegex(service["image"], r":v?\d+\.\d+")

    def test_who_waits_for_whom(self):
        waits = {name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
                 for name, service in self.services.items()}
        healthy = "service_healthy"
        self.assertEqual(waits, {"node-1": {"redis": healthy}, "node": {"node-1": healthy, "redis": healthy},
                                 "nginx": {"node-1": healthy}, "redis": {}, "prometheus": {},
                                 "grafana": {"prometheus": healthy}})

    def test_nodes_may_drain_and_have_files(self):
        for name in NODES:
            node = self.services[name]
            self.assertGreater(seconds(node["stop_grace_period"]), STOP_LIMIT_S)
            self.assertGreaterEqual(node["ulimits"]["nofile"]["soft"], 65536)

    def test_one_node_begins_the_cluster_and_the_others_join_it(self):
        first, other = (self.services[name]["environment"] for name in NODES)
        self.assertEqual((first["MOSAIC_CLUSTER_JOIN"], other["MOSAIC_CLUSTER_JOIN"]), ("", "node-1:4040"))
        self.assertEqual(self.services["node-1"]["hostname"], "node-1")
        self.assertNotIn("hostname", self.services["node"], "it would be the same for all")
        for name in set(first) & set(other) - {"MOSAIC_CLUSTER_JOIN"}:
            self.assertEqual(first[name], other[name])

    def test_each_node_has_its_own_data(self):
        volumes = [[str(volume) for volume in self.services[name]["volumes"]] for name in NODES]
        self.assertEqual(volumes, [["data:/data:rw"], ["/data"]])

    def test_nginx_and_prometheus_find_all_nodes_by_one_name(self):
        for name in NODES:
            self.assertEqual(self.services[name]["networks"]["default"]["aliases"], ["mosaic"])
        self.assertIn(" mosaic:4040;", (ROOT / "config/nodes.conf").read_text())
        scraped = yaml().safe_load((ROOT / "config/prometheus.yml").read_text())["scrape_configs"][0]
        self.assertEqual([(each["names"], each["type"], each["port"]) for each in scraped["dns_sd_configs"]],
                         [(["mosaic"], "A", 4040)])

    def test_files_that_are_mounted_are_there(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = volume["source"] if isinstance(volume, dict) else volume.rpartition(":/")[0]
                if "/" in str(source):
                    self.assertTrue(os.path.exists(source), source)

    def test_nodes_take_their_environment(self):
        for service in NODES:
            environment = {key: str(value) for key, value in self.services[service]["environment"].items()}
            done = run("serve", "--print-config", env=environment)
            self.assertEqual(done.returncode, 0, done)
            for name in environment:
                with self.subTest(service=service, name=name):
                    self.assertIn(f"environment {name}", done.stdout)


class Image(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "Dockerfile").read_text()

    def test_it_has_the_libraries_that_the_program_needs(self):
        dynamic = subprocess.run(["readelf", "-d", BINARY], capture_output=True, text=True, check=True).stdout
        needed = set()
        for library in re.findall(r"NEEDED.*\[(.+)\]", dynamic):
            if library.startswith("ld-linux"):
                continue
            owner = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=True).stdout
            needed.add(owner.split(":")[0])
        listed = re.search(r"--no-install-recommends \\\n(.*?)\n &&", self.text, re.DOTALL).group(1)
        self.assertEqual(set(listed.replace("\\", " ").split()) - BESIDE, needed - BASE)

    def test_it_runs_as_its_own_user_and_can_be_stopped(self):
        runtime = self.text[self.text.index("bookworm-slim"):]
        for line in ("USER 10001:10001", "VOLUME /data", "EXPOSE 4040", "STOPSIGNAL SIGTERM",
                     'ENTRYPOINT ["mosaic"]', "HEALTHCHECK "):
            self.assertIn("\n" + line, runtime)

    def test_the_program_takes_its_settings(self):
        environment = dict(re.findall(r"(MOSAIC_\w+)=(\S+)", self.text))
        done = run("serve", "--config", ROOT / "config/mosaic.toml", "--print-config", env=environment)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('data_dir = "/data"', done.stdout)
        self.assertIn('listen = "0.0.0.0:4040"', done.stdout)

    def test_nothing_that_it_copies_is_ignored(self):
        ignored = {line.strip("/") for line in (ROOT / ".dockerignore").read_text().splitlines()}
        for needed in ("dev", "src", "actors", "include", "tests", "examples", "config", "CMakeLists.txt",
                       "CMakePresets.json"):
            self.assertTrue((ROOT / needed).exists())
            self.assertNotIn(needed, ignored)


class Make(SystemTest):
    """The Makefile with a compose and a docker that only write down what they are asked; `node` has `others`."""

    def setUp(self):
        super().setUp()
        self.others = 0
        self.asked = self.folder / "asked"

    def program(self, name):
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $@" >>{self.asked}\ncase "$*" in\n'
                        f'"ps -q node-1") echo first ;;\n'
                        f'"ps -a -q node" | "ps -q node") for other in $(seq {self.others}); do echo other-$other; done ;;\n'
                        f'"port nginx 80") echo 127.0.0.1:80 ;;\nesac\n')
        path.chmod(0o755)
        return path

    def make(self, target, **variables):
        """How it ended, and what was asked since the last time, `ps` apart."""
        self.asked.unlink(missing_ok=True)
        values = {"COMPOSE": self.program("compose"), "DOCKER": self.program("docker"), **variables}
        done = subprocess.run(["make", "-C", ROOT, "--no-print-directory", target,
                               *(f"{key}={value}" for key, value in values.items())],
                              capture_output=True, text=True, timeout=60, check=False, env=clean_environment())
        lines = self.asked.read_text().splitlines() if self.asked.exists() else []
        return done, [line for line in lines if not line.startswith("compose ps ")]

    def test_its_commands(self):
        for target, words in (("build", "build node-1 node"), ("down", "stop"), ("remove", "down"),
                              ("logs", "logs -f --tail 100")):
            done, asked = self.make(target)
            self.assertEqual((done.returncode, asked), (0, ["compose " + words]), done)
        self.assertIn("make COMMAND", self.make("help")[0].stdout)

    def test_up_returns_when_the_node_is_ready(self):
        node = self.start_node()
        done, asked = self.make("up", URL=node.url)
        self.assertEqual((done.returncode, asked),
                         (0, ["compose up -d --no-recreate --scale node=0", "compose port nginx 80"]), done)
        self.assertIn(node.url, done.stdout)
        node.terminate()
        done, _ = self.make("up", URL=node.url, WAIT_S=1)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("make logs", done.stderr)

    def test_up_waits_for_as_many_nodes_as_were_asked_for(self):
        node = self.start_node("--node-name", "first")
        done, asked = self.make("up", URL=node.url, SCALE=2, WAIT_S=1)
        self.assertEqual((done.returncode != 0, asked), (True, ["compose up -d --no-recreate --scale node=1"]), done)
        other = self.start_node("--node-name", "other", "--join", f"{node.host}:{node.port}", name="other")
        self.assertEqual(self.make("up", URL=node.url, SCALE=2, WAIT_S=30)[0].returncode, 0)
        other.terminate()
        self.assertNotEqual(self.make("up", URL=node.url, SCALE=2, WAIT_S=1)[0].returncode, 0)

    def test_up_leaves_the_number_of_nodes_as_it_is_and_takes_none_away(self):
        self.others = 3
        _, asked = self.make("up", URL="http://127.0.0.1:1", WAIT_S=1)
        self.assertEqual(asked, ["compose up -d --no-recreate --scale node=3"])
        done, asked = self.make("up", SCALE=3)
        self.assertEqual((done.returncode != 0, asked), (True, []), done)
        self.assertIn("there are 4 nodes", done.stderr)

    def test_restart_goes_on_only_while_all_nodes_are_up(self):
        node = self.start_node()
        done, asked = self.make("restart", URL=node.url)
        self.assertEqual((done.returncode, asked), (0, ["docker restart -t 35 first"]), done)
        self.others = 2
        done, asked = self.make("restart", URL=node.url, WAIT_S=1)
        self.assertEqual((done.returncode != 0, asked), (True, []), done)


class DefaultCollection(SystemTest):
    def test_a_new_node_answers_a_search_at_once(self):
        node = self.start_node("--search.create_default", "true", ready=False)
        answer = node.post("/api/search", {"query": "test"})
        self.assertEqual((answer.status, answer.json()["hits"]), (200, []), answer)

    def test_one_that_is_there_stays_as_it_is_over_many_starts(self):
        node = self.start_node("--search.default_collection", "mine")
        mine = Collection(node, "mine")
        mine.make(dimension=3, embedder="none", shards=2)
        mine.upsert([{"id": "a", "vector": [1, 2, 3]}])
        seq = mine.info()["seq"]
        node.flags += ("--search.create_default", "true")
        for _ in range(10):
            node.terminate()
            node.start()
            info = mine.info()
            self.assertEqual((info["dimension"], info["documents"], info["seq"]), (3, 1, seq))
            self.assertNotIn("default collection", node.stderr())

    def test_it_is_not_made_unless_asked_for(self):
        node = self.start_node()
        self.assert_problem(node.post("/api/search", {"query": "test"}), 404, "not_found", "default")


class BehindNginx(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node("--search.create_default", "true", "--debug.fault_injection", "true")
        self.nginx = start_nginx(self, self.node)
        self.default = "/api/v1/collections/default"

    def post(self, path, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.nginx.request("POST", path, data, {"Content-Type": "application/json", **headers})

    def batch(self, count, size):
        return [{"id": f"d{number}", "text": f"test {number} " + "words " * (size // 6)} for number in range(count)]

    def test_the_file_is_valid_and_warns_of_nothing(self):
        done = run_tool("nginx", "-t", "-q", "-e", "stderr", "-p", self.folder, "-c", self.folder / "nginx.conf")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def test_searches_are_answered(self):
        answer = self.post("/api/search", {"query": "test"})
        self.assertEqual((answer.status, answer.json()["partial"]), (200, False), answer)
        self.assertEqual(self.nginx.request("GET", "/ready").status, 200)
        self.assertEqual(self.nginx.request("GET", "/nginx-health").body, b"ok\n")

    def test_batches_up_to_the_limit_pass_and_larger_ones_are_refused_alike(self):
        documents = self.batch(1_000, 10_500)
        body = json.dumps({"documents": documents}).encode()
        self.assertGreater(len(body), 10 << 20)
        answer = self.post(self.default + "/documents", body)
        self.assertEqual((answer.status, answer.json()["upserted"]), (200, len(documents)), answer)
        answer = self.post(self.default + "/documents", b" " * ((16 << 20) + 1))
        self.assert_problem(answer, 413, "payload_too_large", "16 MiB")

    def test_exports_stream(self):
        documents = self.batch(2_000, 1_000)
        self.assertEqual(self.post(self.default + "/documents", {"documents": documents}).status, 200)
        answer = self.nginx.request("GET", self.default + "/export")
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual(answer.headers["Transfer-Encoding"], "chunked")
        self.assertEqual({line["id"] for line in lines}, {document["id"] for document in documents})

    def test_answers_are_compressed_for_those_who_ask(self):
        self.post(self.default + "/documents", {"documents": self.batch(10, 1_000)})
        answer = self.post("/api/search", {"query": "test"}, **{"Accept-Encoding": "gzip"})
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(len(json.loads(gzip.decompress(answer.body))["hits"]), 10)

    def test_connections_to_the_node_are_kept(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.nginx.port, timeout=30)
        self.addCleanup(connection.close)
        for _ in range(100):
            connection.request("POST", "/api/search", b'{"query": "test"}')
            self.assertEqual(connection.getresponse().read()[:1], b"{")
        opened = re.search(r"^mosaic_http_connections (\d+)", self.node.get("/metrics").body.decode(), re.MULTILINE)
        self.assertIn(int(opened.group(1)), (2, 3), "nginx's, perhaps of each worker, and this one")

    def test_what_is_not_for_the_network_is_not_there(self):
        for method, path in (("GET", "/metrics"), ("POST", "/api/v1/debug/faults"), ("GET", "/api/v1/debug/"),
                             ("POST", "//api//v1/debug/faults"), ("GET", "/x/../metrics"),
                             ("DELETE", "/api/v1/cluster/nodes/x"), ("POST", "/api/v1/cluster/nodes/x/promote"),
                             ("DELETE", "/api/v1/cluster/%6eodes/x")):
            with self.subTest(path):
                answer = self.nginx.request(method, path, b"{}")
                self.assertEqual((answer.status, answer.headers.get_content_type()), (404, "text/html"), "nginx's own")
        self.assertEqual(self.nginx.request("GET", "/api/v1/cluster").status, 200)

    def test_a_write_has_a_key_and_the_clients_own_stays(self):
        body = {"documents": [{"id": "a", "text": "test"}]}
        for key, again in ((None, True), ("mine", False)):
            headers = {"Idempotency-Key": key} if key else {}
            seqs = [self.post(self.default + "/documents", body, **headers).json()["seq"] for _ in range(2)]
            self.assertEqual(seqs[1] > seqs[0], again, f"key {key}: {seqs}")
        # The node says 400 to one that is no key.
        refused = self.post(self.default + "/documents", body, **{"Idempotency-Key": "k" * 256})
        self.assert_problem(refused, 400, "invalid_argument", "Idempotency-Key")

    def test_a_request_has_one_trace(self):
        trace = "ab" * 16
        refused = self.post("/api/search", {"colour": 1}, traceparent=f"00-{trace}-{'cd' * 8}-01")
        self.assertEqual(self.assert_problem(refused, 400, "invalid_argument")["trace_id"], trace)
        made = self.post("/api/search", {"colour": 1}).json()["trace_id"]
        self.assertRegex(made, "^[0-9a-f]{32}$")
        poll(lambda: f'"traceparent":"00-{made}-' in self.nginx.text(), 10, "the trace is in nginx's log")

    def test_a_node_that_is_restarted_is_found_again(self):
        for _ in range(20):
            self.assertEqual(self.post("/api/search", {"query": "test"}).status, 200)
        self.node.kill()
        refused = self.post("/api/search", {"query": "test"})
        self.assert_problem(refused, 503, "unavailable", "node")
        self.assertEqual(refused.headers["Retry-After"], "1")
        self.node.listen = f"127.0.0.1:{self.node.port}"
        self.node.start()
        for _ in range(20):
            self.assertEqual(self.post("/api/search", {"query": "test"}).status, 200)


if __name__ == "__main__":
    unittest.main()
