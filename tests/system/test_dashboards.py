"""What operators look at: a real Prometheus scrapes a node that works, and every panel and every alert is asked."""

import gzip
import json
import math
import re
import subprocess
import sys
import unittest

from node import Collection, SystemTest, poll
from test_embedding import Endpoint
from tools import ROOT, Program, free_port, replaced, run_tool, tool, yaml

sys.path.append(str(ROOT / "bench"))
from dashboards import Prometheus, filled_in, load_dashboards, panels_of  # noqa: E402

RATE_INTERVAL = "5m"
SCRAPES = 12
# Made by Prometheus itself.
ITS_OWN = {"up", "ALERTS"}
# Words of its language that may stand where a metric's name stands.
WORDS = set("""sum min max count topk rate increase changes vector histogram_quantile predict_linear by on or and unless
               without ignoring group_left group_right bool offset""".split())


def metrics_of(expression):
    """The names of metrics in an expression."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring)\s*\([^)]*\)', " ", expression)
    return set(re.findall(r"(?<![\w.])[a-zA-Z_:][\w:]*", bare)) - WORDS


def exported(text):
    """The names of all series that a text of /metrics declares, also of those without a sample yet."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        parts = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}.get(kind, ("",))
        names |= {name + part for part in parts}
    return names


def alert_rules():
    groups = yaml().safe_load((ROOT / "config/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panel_queries():
    """(where it is, query) of every panel."""
    return [(f"{name}: {panel['title']}", target["expr"]) for name, dashboard in load_dashboards().items()
            for panel in panels_of(dashboard) for target in panel["targets"]]


class Files(unittest.TestCase):
    def test_dashboards_are_what_their_script_makes(self):
        done = subprocess.run([sys.executable, "-B", ROOT / "config/grafana/make_dashboards.py", "--check"],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done)

    def test_dashboards_can_be_told_apart_and_explain_themselves(self):
        dashboards = load_dashboards()
        self.assertEqual(set(dashboards), {"overview", "cluster", "search", "ingest", "shards", "cache"})
        self.assertEqual({board["uid"] for board in dashboards.values()}, {f"mosaic-{name}" for name in dashboards})
        for name, board in dashboards.items():
            self.assertEqual([each["name"] for each in board["templating"]["list"]], ["datasource", "instance"])
            for panel in panels_of(board):
                with self.subTest(f"{name}: {panel['title']}"):
                    self.assertTrue(panel["description"])
                    self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                    for target in panel["targets"]:
                        self.assertIn("$instance", target["expr"])

    def test_prometheus_takes_its_files(self):
        for arguments in (("check", "config", "config/prometheus.yml"), ("check", "rules", "config/alerts.yml"),
                          ("test", "rules", "config/alerts_test.yml")):
            done = run_tool("promtool", *arguments, cwd=ROOT)
            self.assertEqual(done.returncode, 0, done)

    def test_alerts_are_explained_and_tested(self):
        guide = (ROOT / "docs/DEPLOYMENT_GUIDE.md").read_text()
        tests = (ROOT / "config/alerts_test.yml").read_text()
        for rule in alert_rules():
            name, notes = rule["alert"], rule["annotations"]
            with self.subTest(name):
                self.assertIn(rule["labels"]["severity"], ("warning", "critical"))
                self.assertEqual(set(notes), {"summary", "description", "runbook_url"})
                self.assertEqual(notes["runbook_url"], f"docs/DEPLOYMENT_GUIDE.md#{name.lower()}")
                self.assertIn(f"\n#### {name}\n", guide)
                self.assertIn(name, tests)

    def test_names_of_metrics_are_found_in_expressions(self):
        self.assertEqual(metrics_of('sum by (le) (rate(a_total{b="c",d=~"e"}[5m])) / on (f) (g:h > 0.5) or vector(0)'),
                         {"a_total", "g:h"})


class Watched(SystemTest):
    """One node, one Prometheus, and a bit of everything that a node does."""

    def setUp(self):
        super().setUp()
        tool("prometheus")
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.stop)
        redis = free_port()
        Program(self, "redis-server", "--port", redis, "--bind", "127.0.0.1", "--save", "", port=redis)
        self.node = self.start_node("--cache.redis_url", f"redis://127.0.0.1:{redis}", "--limits.memory", str(1 << 40),
                                    "--log.slow_query_ms", "1")
        self.prometheus = self.start_prometheus()
        self.fill()

    def start_prometheus(self):
        # There is no name to be found here: the node is told by its address, as the file says how.
        text = re.sub(r"    dns_sd_configs:\n(      .*\n)+", "    static_configs:\n      - targets: "
                      f'["{self.node.host}:{self.node.port}"]\n', (ROOT / "config/prometheus.yml").read_text())
        text = replaced(text, ("- alerts.yml", f"- {ROOT / 'config/alerts.yml'}"),
                        ("scrape_interval: 10s", "scrape_interval: 500ms"),
                        ("scrape_timeout: 5s", "scrape_timeout: 500ms"),
                        ("evaluation_interval: 15s", "evaluation_interval: 1s"))
        file = self.folder / "prometheus.yml"
        file.write_text(text)
        port = free_port()
        Program(self, "prometheus", f"--config.file={file}", f"--storage.tsdb.path={self.folder}/prometheus",
                f"--web.listen-address=127.0.0.1:{port}", port=port)
        return Prometheus(f"http://127.0.0.1:{port}")

    def fill(self):
        self.docs, self.far = Collection(self.node, "docs"), Collection(self.node, "far")
        self.docs.make(shards=2, indexed=["section"])
        self.far.make(embedder=f"openai:{self.endpoint.url}#tiny", shards=2)
        with gzip.open(ROOT / "examples/packages.jsonl.gz", "rt") as file:
            lines = [json.loads(next(file)) for _ in range(200)]
        self.documents = [{"id": line["id"], "title": line.get("title"), "text": line.get("text"),
                           "metadata": {"section": line.get("section", "none")}} for line in lines]

    def work(self, number):
        """Searches of each mode, writes, and mistakes."""
        self.docs.upsert(self.documents[number * 10:number * 10 + 10])
        self.docs.delete(ids=[self.documents[number * 10]["id"]])
        for mode in ("text", "vector", "hybrid"):
            self.docs.search(query="edit video", mode=mode, filter={"section": "video"}, diversity=0.3)
        self.far.upsert([{"id": f"{number}", "text": f"red {number}"}])
        self.far.search(query="red apples")
        self.docs.search(query=5, expect=400)

    def scrapes(self):
        found = self.prometheus.now('count_over_time(up{job="mosaic"}[10m])')
        return found[0][1] if found else 0

    def test_every_panel_and_every_alert_has_its_numbers(self):
        for number in range(SCRAPES):
            before = self.scrapes()
            self.work(number)
            poll(lambda: self.scrapes() > before, 30, "another scrape")
        text = self.node.get("/metrics").body.decode()
        names = exported(text) | ITS_OWN
        with self.subTest("the format and its conventions"):
            done = run_tool("promtool", "check", "metrics", input=text)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), done)
        with self.subTest("every metric is explained"):
            guide = set(re.findall(r"`(\w+)`", (ROOT / "docs/DEPLOYMENT_GUIDE.md").read_text()))
            self.assertLessEqual(set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)), guide)
        for where, query in panel_queries():
            with self.subTest(where):
                self.assertLessEqual(metrics_of(query), names)
                found = self.prometheus.now(filled_in(query, interval=RATE_INTERVAL))
                self.assertTrue(any(math.isfinite(value) for _, value in found), query)
        for rule in alert_rules():
            with self.subTest(rule["alert"]):
                self.assertLessEqual(metrics_of(rule["expr"]), names)
        with self.subTest("rules are loaded and work"):
            poll(lambda: all(rule["health"] == "ok" for rule in self.loaded()), 30, "every rule is evaluated")
            self.assertEqual({rule["name"] for rule in self.loaded()}, {rule["alert"] for rule in alert_rules()})
        with self.subTest("dashboards can be drawn"):
            self.draw()

    def loaded(self):
        return [rule for group in self.prometheus.get("rules")["groups"] for rule in group["rules"]]

    def draw(self):
        done = subprocess.run([sys.executable, "-B", ROOT / "bench/dashboards.py", "--prometheus", self.prometheus.url,
                               "--minutes", "1", "--out", self.folder / "pages"], capture_output=True, text=True,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("without data", done.stdout)
        self.assertEqual(len(list((self.folder / "pages").glob("*.svg"))), 6)

    def test_a_node_that_dies_is_reported(self):
        poll(lambda: self.prometheus.now('up{job="mosaic"} == 1'), 30, "the node is scraped")
        self.node.kill()
        poll(lambda: self.prometheus.now('ALERTS{alertname="MosaicNodeDown"}'), 30, "the alert is pending")


if __name__ == "__main__":
    unittest.main()
