"""Limits of a real node: writes are refused with an error that names the limit, everything else goes on."""

import os
import resource
import socket
import unittest

from node import Collection, SystemTest, poll


class Limits(SystemTest):
    def metric(self, node, limit, name="reached"):
        """The value of mosaic_limit_<name> for a limit."""
        start = f'mosaic_limit_{name}{{limit="{limit}"}} '
        lines = [line for line in node.get("/metrics").body.decode().splitlines() if line.startswith(start)]
        self.assertEqual(len(lines), 1, start)
        return float(lines[0][len(start):])

    def filled(self, *flags):
        """A node started with `flags` over a folder that an unlimited node has filled."""
        node = self.start_node()
        docs = Collection(node, "docs")
        docs.make(dimension=2, metric="l2", embedder="none", shards=2)
        docs.upsert([{"id": f"d{number}", "text": "a word", "vector": [number, 1]} for number in range(20)])
        node.terminate()
        node.flags = flags
        return node.start(), docs

    def refused(self, node, method, path, body, status, code, *words):
        self.assert_problem(node.request(method, path, body), status, code, *words)

    def check_reads_and_deletions(self, node, docs):
        self.assertEqual(len(docs.search(vector=[0, 1], k=5)["hits"]), 5)
        self.assertEqual(docs.document("d1")["id"], "d1")
        self.assertEqual(node.get("/ready").status, 200)
        self.assertEqual(node.get("/health").json()["status"], "ok")
        self.assertEqual(docs.delete(ids=["d1"])["deleted"], 1)

    def check_growth_is_refused(self, node, docs, code, *words):
        write = {"documents": [{"id": "new", "vector": [1, 1]}]}
        self.refused(node, "POST", docs.path + "/documents", write, 503, code, *words)
        self.refused(node, "PUT", "/api/v1/collections/other", {}, 503, code, *words)
        self.refused(node, "PATCH", docs.path, {"indexed": ["a"]}, 503, code, *words)
        self.refused(node, "POST", docs.path + "/pagerank", {}, 503, code, *words)
        docs.document("new", expect=404)

    def test_memory(self):
        node, docs = self.filled("--limits.memory", "1MiB")
        self.check_growth_is_refused(node, docs, "overloaded", "limits.memory", "1.0 MiB")
        answer = node.request("POST", docs.path + "/documents", {"documents": [{"id": "x", "vector": [1, 1]}]})
        self.assertEqual(answer.headers["Retry-After"], "1")
        self.check_reads_and_deletions(node, docs)
        self.assertEqual(self.metric(node, "memory"), 1)
        self.assertEqual(self.metric(node, "memory", "refusals_total"), 5)
        self.assertEqual(self.metric(node, "disk_free"), 0)
        self.assertEqual(node.stderr().count("writes are refused from now on"), 1, node.stderr())
        docs.call("DELETE")

    def test_memory_comes_back_when_a_collection_is_dropped(self):
        node = self.start_node("--limits.memory", "160MiB")
        docs = Collection(node, "docs")
        docs.make(dimension=4096, metric="l2", embedder="none")

        def write(number):
            documents = [{"id": f"{number}-{i}", "vector": [i + 1] * 4096} for i in range(100)]
            return node.post(docs.path + "/documents", {"documents": documents})

        for number in range(200):
            answer = write(number)
            if answer.status != 200:
                break
        self.assert_problem(answer, 503, "overloaded", "limits.memory")
        print(f"refused after {number} batches of 1.6 MB", flush=True)
        docs.call("DELETE")
        poll(lambda: self.metric(node, "memory") == 0, 30, "memory is given back")
        docs.make(dimension=4096, metric="l2", embedder="none")
        self.assertEqual(write(0).status, 200)
        self.assertIn("writes are let in again", node.stderr())

    def test_disk(self):
        node, docs = self.filled("--limits.disk_free", "1000TiB")
        self.check_growth_is_refused(node, docs, "unavailable", "limits.disk_free", "1000.0 TiB")
        # Far below half of the limit.
        self.refused(node, "POST", docs.path + "/documents/delete", {"ids": ["d1"]}, 503, "unavailable",
                     "limits.disk_free")
        self.assertEqual(len(docs.search(vector=[0, 1], k=5)["hits"]), 5)
        self.assertEqual(node.get("/ready").status, 200)
        self.assertEqual(self.metric(node, "disk_free"), 1)
        docs.call("DELETE")
        docs.call("GET", expect=404)

    def test_disk_that_deletions_may_still_use(self):
        free = free_bytes(self.folder)
        node, docs = self.filled("--limits.disk_free", str(free // 2 * 3))
        self.check_growth_is_refused(node, docs, "unavailable", "limits.disk_free")
        self.check_reads_and_deletions(node, docs)

    def test_documents(self):
        node = self.start_node("--limits.collection_documents", "50")
        docs = Collection(node, "docs")
        docs.make(dimension=2, metric="l2", embedder="none", shards=3)
        batch = [{"id": f"d{number}", "vector": [number, 1]} for number in range(50)]
        docs.upsert(batch[:30])
        problem = docs.upsert(batch[29:] + [{"id": "more", "vector": [1, 1]}], expect=403)
        self.assertEqual(problem["code"], "permission_denied")
        for word in ("'docs' has 30 documents", "21 more", "limits.collection_documents allows 50"):
            self.assertIn(word, problem["detail"])
        self.assertEqual(docs.info()["documents"], 30)
        self.assertEqual(self.metric(node, "documents"), 0, "smaller batches still fit")
        docs.upsert(batch)
        docs.upsert(batch[:10])
        docs.upsert([{"id": "more", "vector": [1, 1]}], expect=403)
        self.assertEqual(self.metric(node, "documents"), 1)
        docs.delete(ids=["d0"])
        self.assertEqual(self.metric(node, "documents"), 0)
        docs.upsert([{"id": "more", "vector": [1, 1]}])
        docs.upsert([{"id": "d0", "vector": [1, 1]}], expect=403)
        self.assertEqual(len(docs.search(vector=[0, 1], k=100)["hits"]), 50)
        node.terminate()
        node.start()
        docs.upsert([{"id": "d0", "vector": [1, 1]}], expect=403)
        docs.upsert([{"id": "more", "vector": [2, 2]}])
        self.assertEqual(docs.info()["documents"], 50)

    def test_health_checks_come_through_idle_connections(self):
        node = self.start_node("--http.connections_max", "20")
        idle = []
        self.addCleanup(lambda: [connection.close() for connection in idle])
        for _ in range(200):
            idle.append(socket.create_connection((node.host, node.port), timeout=10))
            self.assertEqual(node.get("/health").status, 200)

    def test_too_few_open_files_are_named(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096))

        node = self.start_node(preexec=few)
        poll(lambda: "4096 files open" in node.stderr(), 10, "the warning")
        self.assertIn("http.connections_max = 16000", node.stderr())


def free_bytes(path):
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize


if __name__ == "__main__":
    unittest.main()
