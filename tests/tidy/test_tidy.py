#!/usr/bin/env python3
"""Every rule must report a tree that breaks it, and keep quiet about one that does not."""

import os
import subprocess
import sys
import tempfile
import unittest

import size_rules
from tidy import RULES, findings
from tree import code_only

HEADER = "// What it is.\n#pragma once\n"


def header(*lines):
    return HEADER + "".join(line + "\n" for line in lines)


class TreeTest(unittest.TestCase):
    """Writes small trees and looks at what is found in them."""

    def findings_of(self, files, git=False):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            if git:
                subprocess.run(["git", "init", "-q", root], check=True)
            return [str(finding) for finding in findings(root)]

    def assert_clean(self, files):
        self.assertEqual(self.findings_of(files), [])

    def assert_found(self, files, *expected):
        self.assertEqual(self.findings_of(files), list(expected))


class Includes(TreeTest):
    def test_arrows_that_point_down_are_fine(self):
        self.assert_clean({
            "include/mosaic/a.hpp": header("#include <vector>", '#include "mosaic/b.hpp"'),
            "src/storage/a.hpp": header('#include "base/a.hpp"', "#include <sqlite3.h>"),
            "src/shard/a.hpp": header('#include "storage/a.hpp"', '#include "index/a.hpp"'),
            "actors/a.hpp": header('#include "shard/a.hpp"', "#include <caf/all.hpp>"),
            "src/cli/a.hpp": header('#include "net/a.hpp"'),
            "src/main.cpp": '#include "actors/a.hpp"\n#include "http/a.hpp"\n',
            "tests/unit/storage/a_test.cpp": '#include "storage/a.hpp"\n#include <gtest/gtest.h>\n',
        })

    def test_an_arrow_that_runs_the_wrong_way(self):
        wrong = [("src/base/a.hpp", "storage"), ("src/storage/a.hpp", "index"),
                 ("src/query/a.hpp", "text"), ("src/shard/a.hpp", "actors"),
                 ("src/http/a.hpp", "net"), ("src/cli/a.hpp", "shard"),
                 ("src/replication/a.hpp", "index"), ("actors/a.hpp", "http")]
        for path, target in wrong:
            room = "actors" if path.startswith("actors") else path.split("/")[1]
            self.assert_found({path: header(f'#include "{target}/b.hpp"')},
                              f"{path}:3: arrow: '{room}' must not include '{target}/b.hpp'")

    def test_a_room_reached_from_the_promise(self):
        self.assert_found({"include/mosaic/a.hpp": header('#include "base/a.hpp"')},
                          "include/mosaic/a.hpp:3: arrow: 'include' must not include 'base/a.hpp'")

    def test_a_unit_test_stays_in_its_room(self):
        self.assert_found({"tests/unit/index/a_test.cpp": '#include "storage/a.hpp"\n'},
                          "tests/unit/index/a_test.cpp:1: arrow: "
                          "'index' must not include 'storage/a.hpp'")

    def test_an_unknown_room(self):
        self.assert_found({"src/attic/a.hpp": HEADER},
                          "src/attic/a.hpp:1: room: 'attic' is no room; give it a line in ARROWS")

    def test_an_include_without_its_room(self):
        self.assert_found({"src/base/a.cpp": '#include "b.hpp"\n'},
                          'src/base/a.cpp:1: spelling: write "room/file.hpp", not "b.hpp"')

    def test_a_library_outside_its_room(self):
        strays = [("src/shard/a.cpp", "caf/all.hpp", "actors/"),
                  ("actors/a.cpp", "sqlite3.h", "src/storage/"),
                  ("src/shard/a.cpp", "hnswlib/hnswlib.h", "src/index/"),
                  ("src/net/a.cpp", "boost/beast/core.hpp", "src/http/"),
                  ("actors/a.cpp", "boost/asio.hpp", "src/http/"),
                  ("src/storage/a.cpp", "raft.h", "src/replication/"),
                  ("src/storage/a.cpp", "uv.h", "src/replication/"),
                  ("src/http/a.cpp", "prometheus/gauge.h", "src/metrics/"),
                  ("src/text/a.cpp", "hiredis/hiredis.h", "src/net/"),
                  ("src/cli/a.cpp", "curl/curl.h", "src/net/"),
                  ("src/replication/a.cpp", "openssl/ssl.h", "src/tls/")]
        for path, name, home in strays:
            self.assert_found({path: f"#include <{name}>\n"},
                              f"{path}:1: library: <{name}> belongs to {home}")

    def test_the_promise_needs_no_foreign_library(self):
        self.assert_found({"include/mosaic/a.hpp": header("#include <fmt/format.h>")},
                          "include/mosaic/a.hpp:3: promise: "
                          "<fmt/format.h> is not of the standard library")
        self.assert_clean({"include/mosaic/client.hpp": header("#include <caf/actor.hpp>")})

    def test_a_cycle(self):
        self.assert_found({"src/base/a.hpp": header('#include "base/b.hpp"'),
                           "src/base/b.hpp": header('#include "base/a.hpp"')},
                          "src/base/b.hpp:3: cycle: "
                          "src/base/a.hpp -> src/base/b.hpp -> src/base/a.hpp")


class Sizes(TreeTest):
    def test_a_long_file(self):
        limit = size_rules.FILE_LINES_MAX
        self.assert_clean({"src/base/a.cpp": "int a;\n" * limit})
        self.assert_found({"src/base/a.cpp": "int a;\n" * (limit + 1)},
                          f"src/base/a.cpp:{limit + 1}: file-size: {limit + 1} lines, at most {limit}")

    def test_a_long_function(self):
        limit = size_rules.FUNCTION_LINES_MAX
        body = "namespace mosaic {{\nvoid f(int a) {{\n{}}}\n}}\n"
        self.assert_clean({"src/base/a.cpp": body.format("  a += 1;\n" * (limit - 2))})
        self.assert_found({"src/base/a.cpp": body.format("  a += 1;\n" * (limit - 1))},
                          f"src/base/a.cpp:2: function-size: 'void f(int a)' has {limit + 1} lines, "
                          f"at most {limit}")

    def test_classes_and_tables_are_no_functions(self):
        limit = size_rules.FUNCTION_LINES_MAX
        members, entries = "  int a();\n" * limit, "  1,\n" * limit
        self.assert_clean({
            "src/base/a.cpp": f"template <class T>\nclass A : B<int()> {{\n public:\n{members}}};\n",
            "src/base/b.cpp": f"constexpr int kTable[] = {{\n{entries}}};\n"})

    def test_a_namespace_behind_macros_is_no_function(self):
        code = "REGISTER(int)\n\nnamespace mosaic::actors {\nvoid f() {}\n}\nextern {\nint g() {}\n}\n"
        heads = [head for _, _, head in size_rules.functions(code)]
        self.assertEqual(heads, ["void f()", "int g()"])

    def test_functions_are_told_from_other_braces(self):
        code = code_only('class A final {\n public:\n  A(int x) : x_{x} {}\n'
                         '  int f() const { if (x_) { return 1; } return 0; }  // }\n};\n'
                         'template <class T = B<int>>\nvoid g(const T& t = {}) {\n  s = "}{";\n}\n'
                         "enum class E { kA, kB };\n")
        heads = [head for _, _, head in size_rules.functions(code)]
        self.assertIn("int f() const", heads)
        self.assertFalse(any("class A" in head or "enum" in head for head in heads))

    def test_literals_and_comments_are_no_code(self):
        code = code_only("a = R\"x({\n)x\"; // {\nb = '{'; c = 1'000; /* {\n */ d = \"\\\"{\";\n")
        self.assertNotIn("{", code)
        self.assertIn("1'000", code)
        self.assertEqual(code.count("\n"), 4)


class Texts(TreeTest):
    def test_a_header_without_guard(self):
        self.assert_found({"src/base/a.hpp": "// What it is.\n"},
                          "src/base/a.hpp:1: header: #pragma once is missing")

    def test_a_header_without_opening_comment(self):
        self.assert_found({"src/base/a.hpp": "#pragma once\n"}, "src/base/a.hpp:1: header: "
                          "say first what it is, who owns it, which thread")

    def test_a_name_that_says_nothing(self):
        for name in ("utils", "string_helper", "common", "misc", "shard_manager"):
            found = self.findings_of({f"src/base/{name}.cpp": "\n"})
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"src/base/{name}.cpp:1: name:", found[0])

    def test_unfinished_work(self):
        for word in ("TO" "DO", "FIX" "ME", "X" "XX"):
            self.assert_found({"docs/a.md": f"fine\n{word} later\n"},
                              f"docs/a.md:2: unfinished: '{word}' does not belong here")
        self.assert_clean({"src/base/a.cpp": '// mkstemp("aXXXXXX")\n'})

    def test_a_tab(self):
        self.assert_found({"dev.sh": "if true; then\n\ttrue\n"},
                          "dev.sh:2: tab: '\\t' does not belong here")
        self.assert_clean({"tests/support/a.tsv": "a\tb\n"})

    def test_a_path_or_host_of_one_machine(self):
        for text in ("/wo" "rk/main", "/ho" "me/me", "http://deb.debian" ".org/x", "pypi" ".org",
                     "registry.npm" "js.com"):
            found = self.findings_of({"docs/a.md": f"see {text}\n"})
            self.assertEqual(len(found), 1, text)
            self.assertIn("docs/a.md:1: machine:", found[0])
        self.assert_clean({"docs/a.md": "the net" "/wo" "rk/shared is fine\n"})

    def test_packed_files_are_left_alone(self):
        self.assert_clean({"examples/a.gz": "\t"})


class Trees(TreeTest):
    def test_what_git_ignores_is_left_alone(self):
        files = {".gitignore": "/out/\n", "out/a.cpp": "\t\n", "src/base/b.cpp": "\t\n"}
        self.assertEqual(self.findings_of(files, git=True),
                         ["src/base/b.cpp:1: tab: '\\t' does not belong here"])

    def test_every_rule_has_a_tree_that_breaks_it(self):
        """Guards this file: a rule that nobody breaks here would go untested."""
        broken = {"src/attic/a.cpp": "\n", "src/base/utils.hpp": '#include "b.hpp"\n',
                  "src/base/b.cpp": '#include "net/a.hpp"\n#include <uv.h>\n\t/wo' "rk/ TO" "DO\n",
                  "include/mosaic/a.hpp": '#include "mosaic/a.hpp"\n#include <fmt/core.h>\n',
                  "src/base/c.cpp": "\n" * 501, "src/base/d.cpp": "void f() {" + "\n" * 71 + "}\n"}
        rules = {line.split(": ")[1] for line in self.findings_of(broken)}
        self.assertEqual(rules, {"room", "arrow", "spelling", "library", "promise", "cycle",
                                 "file-size", "function-size", "header", "name", "unfinished",
                                 "tab", "machine"})
        self.assertEqual(len(RULES), len(rules) + 1)  # two rules share the word "header"


if __name__ == "__main__":
    sys.exit(unittest.main())
