"""The command line against a running node: import in every format, search, export, collections."""

import gzip
import json
import struct
import unittest

from node import Collection, SystemTest, run


class CommandLine(SystemTest):
    def setUp(self):
        super().setUp()
        self.node = self.start_node()
        self.docs = Collection(self.node, "docs")

    def run_client(self, *arguments, code=0, **more):
        done = run(*arguments, env={"MOSAIC_URL": self.node.url}, **more)
        self.assertEqual(done.returncode, code, f"{arguments}: {done}")
        self.assertNotIn("terminate called", done.stderr)
        return done

    def file(self, name, content):
        path = self.folder / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path


class Import(CommandLine):
    LINES = [{"id": "a", "title": "A", "text": "first text", "section": "net", "size": 3},
             {"id": "b", "metadata": {"section": "doc", "deep": {"x": [1]}}, "size": 4},
             {"id": "c", "text": "third\nline", "links": ["a"]}]

    def test_jsonl_puts_further_keys_under_metadata(self):
        for name in ("x.jsonl", "x.jsonl.gz"):
            target = Collection(self.node, name.replace(".", "-"))
            file = self.file(name, "".join(json.dumps(line) + "\n" for line in self.LINES))
            done = self.run_client("import", name.replace(".", "-"), file, "--create", "--shards", 2,
                                   "--embedder", "none", "--dimension", 2)
            self.assertIn("3 documents", done.stdout)
            self.assertEqual(target.pages("ids"), ["a", "b", "c"])
            self.assertEqual(target.document("a")["metadata"], {"section": "net", "size": 3})
            self.assertEqual(target.document("b")["metadata"], {"section": "doc", "deep": {"x": [1]}, "size": 4})
            self.assertEqual(target.document("c", include="links")["links"][0]["to"], "a")

    def test_csv_with_quotes_and_line_breaks(self):
        content = 'id,title,text,section,size\r\n1,"A, B","two\nlines ""quoted""",net,7\r\n2,,,doc,x1\r\n'
        for name in ("x.csv", "x.csv.gz"):
            self.run_client("import", name.replace(".", "-"), self.file(name, content), "--create")
            target = Collection(self.node, name.replace(".", "-"))
            found = target.document("1")
            self.assertEqual((found["title"], found["text"]), ("A, B", 'two\nlines "quoted"'))
            self.assertEqual(found["metadata"], {"section": "net", "size": 7})
            self.assertEqual(target.document("2")["metadata"], {"section": "doc", "size": "x1"})

    def test_fvecs_counts_ids_from_zero(self):
        vectors = [[1.5, -2, 0.25], [0, 1, 2], [3, 3, 3]]
        content = b"".join(struct.pack("<i3f", 3, *vector) for vector in vectors)
        for name in ("x.fvecs", "x.fvecs.gz"):
            target = Collection(self.node, name.replace(".", "-"))
            self.run_client("import", name.replace(".", "-"), self.file(name, content), "--create", "--embedder",
                            "none", "--metric", "l2", "--dimension", 3)
            self.assertEqual(target.pages("ids"), ["0", "1", "2"])
            self.assertEqual([target.document(key, include="vector")["vector"] for key in "012"], vectors)

    def test_links_come_from_a_file_of_their_own(self):
        file = self.file("x.jsonl", '{"id":"a"}\n{"id":"b"}\n')
        for name in ("links.tsv", "links.tsv.gz"):
            links = self.file(name, "a\tb\tdepends\na\tmissing\tsuggests\nnobody\ta\tdepends\n")
            done = self.run_client("import", "docs", file, "--links", links, "--create")
            found = self.docs.document("a", include="links")["links"]
            self.assertEqual(sorted((link["to"], link["kind"]) for link in found),
                             [("b", "depends"), ("missing", "suggests")])
            self.assertIn("1", done.stdout.split("left out")[1])

    def test_bad_lines_are_named_by_number(self):
        bad = self.file("bad.jsonl", '{"id":"a"}\n{"id":\n{"id":"c"}\n{"title":"no id"}\n{"id":"e","vector":[1]}\n'
                                     '\n{"id":"f","text":7}\n')
        self.docs.make(dimension=256, embedder="none")
        done = self.run_client("import", "docs", bad, "--skip-bad", code=1)
        for number in (2, 4, 7):
            self.assertIn(f"bad.jsonl:{number}:", done.stderr)
        self.assertIn("bad.jsonl:5", done.stderr)
        for number in (1, 3, 6):
            self.assertNotIn(f"bad.jsonl:{number}:", done.stderr)
        self.assertEqual(self.docs.pages("ids"), ["a", "c"])
        done = self.run_client("import", "docs", bad, code=1)
        self.assertIn("bad.jsonl:2:", done.stderr)
        csv = self.file("bad.csv", "id,text\n1,x\n2\n3,y\n")
        self.assertIn("bad.csv:3:", self.run_client("import", "docs", csv, code=1).stderr)
        cut = self.file("cut.fvecs", struct.pack("<i256f", 256, *range(1, 257)) + b"\x00\x01")
        self.assertIn("cut.fvecs", self.run_client("import", "docs", cut, code=1).stderr)

    def test_what_cannot_be_imported_is_one_line(self):
        good = self.file("x.jsonl", '{"id":"a"}\n')
        for arguments, word in ((("import", "none", good), "none"), (("import", "docs", self.folder / "no"), "no"),
                                (("import", "docs", self.file("x.jsonl.gz2", "x"), "--create"), "gz2")):
            done = run(*arguments, env={"MOSAIC_URL": self.node.url})
            self.assertIn(done.returncode, (1, 2), done)
            self.assertIn(word, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        cut = self.folder / "cut.jsonl.gz"
        cut.write_bytes(gzip.compress(b'{"id":"a"}\n' * 10_000)[:-20])
        self.assertIn("cut.jsonl.gz", self.run_client("import", "docs", cut, "--create", code=1).stderr)

    def test_standard_input_and_the_summary_as_json(self):
        lines = "".join(json.dumps({"id": str(number)}) + "\n" for number in range(2_500))
        done = self.run_client("import", "docs", "-", "--create", "--json", stdin=lines)
        self.assertEqual(json.loads(done.stdout)["documents"], 2_500)
        self.assertEqual(self.docs.info()["documents"], 2_500)


class Search(CommandLine):
    def setUp(self):
        super().setUp()
        self.docs.make(dimension=16, embedder="hash", shards=2)
        self.docs.upsert([{"id": "vim", "title": "Vi improved", "text": "a text editor", "metadata": {"n": 1}},
                          {"id": "nano", "title": "small editor", "text": "edits text", "metadata": {"n": 2}},
                          {"id": "gcc", "title": "compiler", "text": "makes programs", "metadata": {"n": 3}}])

    def test_a_table_for_people(self):
        done = self.run_client("search", "docs", "editor", "--mode", "text")
        for word in ("vim", "nano", "Vi improved", "2 hits"):
            self.assertIn(word, done.stdout)
        self.assertNotIn("gcc", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_json_for_programs(self):
        done = self.run_client("search", "docs", "editor", "--mode", "text", "--json", "-k", 1)
        self.assertEqual(len(json.loads(done.stdout)["hits"]), 1)
        for narrowed in (("--filter", '{"n":{"$lt":2}}'), ("--where", "metadata->>'n' < 2")):
            done = self.run_client("search", "docs", "editor", "--mode", "text", "--json", *narrowed)
            self.assertEqual([hit["id"] for hit in json.loads(done.stdout)["hits"]], ["vim"])

    def test_errors_are_one_line(self):
        for arguments, word in ((("search", "none", "x"), "none"), (("search", "docs", "x", "--filter", "{"), "filter"),
                                (("search", "docs", "x", "--where", "1) OR (1"), "where")):
            done = run(*arguments, env={"MOSAIC_URL": self.node.url})
            self.assertIn(done.returncode, (1, 2), done)
            self.assertIn(word, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_collections_are_listed_shown_made_and_dropped(self):
        done = self.run_client("collections")
        self.assertIn("docs", done.stdout)
        listed = json.loads(self.run_client("collections", "--json").stdout)
        self.assertEqual(listed["collections"][0]["name"], "docs")
        self.run_client("collections", "create", "more")
        self.assertIn("documents", self.run_client("collections", "show", "docs").stdout)
        self.run_client("collections", "drop", "more")
        self.run_client("collections", "drop", "more", code=1)

    def test_the_url_flag_is_stronger_than_the_environment(self):
        done = run("collections", "--url", self.node.url, env={"MOSAIC_URL": "http://127.0.0.1:1"})
        self.assertEqual(done.returncode, 0, done)
        done = run("collections", env={"MOSAIC_URL": "http://127.0.0.1:1"})
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1), done)
        self.assertIn("127.0.0.1:1", done.stderr)

    def test_export_to_standard_output(self):
        lines = [json.loads(line) for line in self.run_client("export", "docs").stdout.splitlines()]
        self.assertEqual([line["id"] for line in lines], ["gcc", "nano", "vim"])
        self.assertEqual(len(lines[0]["vector"]), 16)
        self.run_client("export", "none", code=1)


if __name__ == "__main__":
    unittest.main()
