"""Collections and documents over HTTP: every status, pages, NDJSON, and a lossless export and import."""

import json
import threading
import time
import unittest

from node import Collection, SystemTest, poll, run


def plain(document):
    """What a user wrote, without what the node adds."""
    return {key: document.get(key) for key in ("id", "title", "text", "metadata")}


class Collections(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")

    def test_a_repeated_put_is_compared_after_defaults(self):
        made = self.docs.make(dimension=8, embedder="none", shards=3)
        self.assertEqual((made["metric"], made["documents"], len(made["shards"])), ("cosine", 0, 3))
        self.docs.call("PUT", body={"dimension": 8, "embedder": "none", "shards": 3, "metric": "cosine"})
        answer = self.node.put(self.docs.path, {"dimension": 9, "embedder": "none", "shards": 3})
        self.assert_problem(answer, 409, "already_exists", "docs", "dimension")

    def test_an_empty_put_takes_every_default(self):
        self.assertEqual(self.node.put(self.docs.path).status, 201)
        info = self.docs.info()
        wanted = {"dimension": 256, "metric": "cosine", "routing": "hash", "replicas": 1,
                  "embedder": "builtin", "indexed": [], "retention_s": 0}
        self.assertEqual({key: info[key] for key in wanted}, wanted)

    def test_patch_changes_what_may_change(self):
        self.docs.make(dimension=4, embedder="none")
        self.docs.upsert([{"id": "a", "metadata": {"n": 1}}])
        self.assertEqual(self.docs.call("PATCH", body={"indexed": ["n"]})["indexed"], ["n"])
        self.assertEqual(self.docs.info()["indexed"], ["n"])
        self.assertEqual(self.docs.pages(filter='{"n":1}')[0]["id"], "a")
        for body in ({"dimension": 5}, {"metric": "l2"}, {"shards": 2}):
            answer = self.node.request("PATCH", self.docs.path, body)
            self.assert_problem(answer, 400, "invalid_argument", next(iter(body)))

    def test_making_and_dropping_collections_leaves_the_node_ready_and_no_folder(self):
        end = time.monotonic() + 3
        failures = []

        def come_and_go(name):
            try:
                while time.monotonic() < end:
                    collection = Collection(self.node, name)
                    collection.make(dimension=4, embedder="none", shards=3)
                    collection.search(vector=[1, 2, 3, 4])
                    collection.call("DELETE")
            except AssertionError as failure:
                failures.append(failure)

        clients = [threading.Thread(target=come_and_go, args=(f"c{i}",)) for i in range(4)]
        for client in clients:
            client.start()
        while time.monotonic() < end:
            answer = self.node.get("/ready")
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(self.node.get("/health").json()["status"], "ok")
        for client in clients:
            client.join()
        self.assertEqual(failures, [])
        folder = self.node.folder / "collections"
        poll(lambda: not list(folder.iterdir()), 10, f"{folder} is empty")
        self.assertNotIn("are left", self.node.stderr())

    def test_a_dropped_collection_is_gone_and_may_be_made_anew(self):
        self.docs.make(dimension=4, embedder="none")
        self.docs.upsert([{"id": "a"}])
        self.docs.call("DELETE")
        for method in ("GET", "DELETE"):
            self.assert_problem(self.node.request(method, self.docs.path), 404, "not_found", "docs")
        self.docs.make(dimension=2, embedder="none", shards=2)
        self.assertEqual(self.docs.info()["documents"], 0)
        self.docs.document("a", expect=404)

    def test_the_list_names_every_collection(self):
        for name in ("b", "a"):
            Collection(self.node, name).make(dimension=2, embedder="none")
        listed = self.node.get("/api/v1/collections").json()["collections"]
        self.assertEqual(sorted(item["name"] for item in listed), ["a", "b"])


class Documents(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")
        self.docs.make(dimension=2, metric="l2", embedder="none", shards=3)

    def fill(self, count):
        self.docs.upsert([{"id": f"d{i:04}", "title": f"t{i}", "metadata": {"n": i}} for i in range(count)])

    def test_an_upsert_replaces_the_whole_document(self):
        first = self.docs.upsert([{"id": "a", "title": "T", "text": "x\ny", "vector": [1, 2],
                                   "metadata": {"k": [1, None]}, "links": ["b"]}])
        self.assertEqual((first["upserted"], first["applied"]), (1, True))
        second = self.docs.upsert([{"id": "a", "text": "other"}])
        self.assertGreater(second["seq"], first["seq"])
        found = self.docs.document("a", include="vector,links")
        self.assertEqual(found["seq"], second["seq"])
        self.assertEqual(plain(found), {"id": "a", "title": None, "text": "other", "metadata": None})
        self.assertFalse(found.get("vector"))
        self.assertFalse(found.get("links"))
        self.assertEqual(self.docs.info()["documents"], 1)

    def test_parts_come_only_when_asked_for(self):
        self.docs.upsert([{"id": "a b/c?ü", "vector": [0.5, -2],
                           "links": ["x", {"to": "y", "kind": "uses", "weight": 0.25}]}])
        self.assertNotIn("vector", self.docs.document("a b/c?ü"))
        found = self.docs.document("a b/c?ü", include="vector,links")
        self.assertEqual(found["vector"], [0.5, -2])
        self.assertEqual([(link["to"], link.get("kind", ""), link["weight"]) for link in found["links"]],
                         [("x", "", 1), ("y", "uses", 0.25)])
        self.assertLessEqual({"seq", "pagerank", "shard"}, set(found))

    def test_the_last_of_two_with_one_id_wins(self):
        answer = self.docs.upsert([{"id": "a", "title": "first"}, {"id": "b"}, {"id": "a", "title": "last"}])
        self.assertEqual(self.docs.document("a")["title"], "last")
        self.assertEqual((self.docs.info()["documents"], answer["applied"]), (2, True))

    def test_one_bad_document_refuses_the_batch(self):
        self.docs.upsert([{"id": "old"}])
        before = self.docs.info()["seq"]
        batch = [{"id": f"d{i}"} for i in range(20)]
        batch[13]["vector"] = [1, 2, 3]
        answer = self.node.post(self.docs.path + "/documents", {"documents": batch})
        self.assert_problem(answer, 400, "dimension_mismatch", "13", "vector", "3", "2")
        self.assertEqual((self.docs.info()["documents"], self.docs.info()["seq"]), (1, before))

    def test_ndjson_stores_every_line_or_none(self):
        headers = {"Content-Type": "application/x-ndjson"}
        lines = "\n".join(json.dumps({"id": f"n{i}"}) for i in range(5)) + "\n"
        answer = self.docs.call("POST", "/documents", lines, headers=headers)
        self.assertEqual(answer["upserted"], 5)
        answer = self.node.post(self.docs.path + "/documents", '{"id":"good"}\n{"id":\n', headers=headers)
        self.assert_problem(answer, 400, "invalid_argument", "2")
        self.assertEqual(self.docs.info()["documents"], 5)

    def test_deletes_by_id_ids_filter_and_where(self):
        self.fill(20)
        self.assertEqual(self.docs.call("DELETE", "/documents/d0000")["deleted"], 1)
        self.assertEqual(self.docs.call("DELETE", "/documents/d0000")["deleted"], 0)
        self.assertEqual(self.docs.delete(ids=["d0001", "d0002", "none", "d0001"])["deleted"], 2)
        self.assertEqual(self.docs.delete(filter={"n": {"$lt": 5}})["deleted"], 2)
        self.assertEqual(self.docs.delete(where="metadata->>'n' >= 15")["deleted"], 5)
        self.assertEqual(self.docs.pages("ids"), [f"d{i:04}" for i in range(5, 15)])
        self.docs.document("d0001", expect=404)
        self.docs.delete(expect=400)
        self.docs.delete(expect=400, ids=["d0005"], where="1")
        self.assertEqual(self.docs.info()["documents"], 10)

    def test_pages_hold_every_document_once(self):
        self.fill(257)
        self.docs.delete(ids=["d0100"])
        wanted = [f"d{i:04}" for i in range(257) if i != 100]
        for limit in (1, 7, 256, 10_000):
            self.assertEqual(self.docs.pages("ids", limit=limit), wanted, limit)
        listed = self.docs.pages(limit=10, filter='{"n":{"$gte":200}}')
        self.assertEqual([item["metadata"]["n"] for item in listed], list(range(200, 257)))
        for query in ({"limit": 0}, {"limit": 10_001}, {"limit": "x"}, {"cursor": "#"}):
            answer = self.node.get(self.docs.path + "/documents", **query)
            self.assert_problem(answer, 400, "invalid_argument", next(iter(query)))

    def test_export_and_import_keep_documents_whole(self):
        kept = [{"id": f"ü{i}", "title": None if i % 3 else f"T\t{i}", "text": f'"line"\n{i} 漢字 \u0001',
                 "metadata": {"a": {"b": [1.5, "x", None, True]}, "big": 2**53 + 2 * i, "e": 1e-7},
                 "links": [{"to": "ü1", "kind": "k", "weight": 0.1}], "vector": [i / 3, -i]}
                for i in range(200)]
        self.docs.upsert(kept + [{"id": "bare"}])
        file = self.folder / "all.jsonl.gz"
        done = run("export", "docs", "-o", file, "--url", self.node.url)
        self.assertEqual((done.returncode, done.stderr.count("Traceback")), (0, 0), done)
        copy = Collection(self.node, "copy")
        copy.make(dimension=2, metric="l2", embedder="none", shards=2)
        done = run("import", "copy", file, "--url", self.node.url)
        self.assertEqual(done.returncode, 0, done)
        ids = self.docs.pages("ids")
        self.assertEqual(copy.pages("ids"), ids)
        for key in ids:
            pair = [side.document(key, include="vector,links") for side in (self.docs, copy)]
            for part in ("title", "text", "metadata", "links", "vector"):
                self.assertEqual(pair[0].get(part), pair[1].get(part), (key, part))
        self.assertEqual(plain(copy.document("ü4")), plain(kept[4]))


if __name__ == "__main__":
    unittest.main()
