"""The files a check looks at, and C++ text with everything blanked that is not code."""

import os
import re
import subprocess
from typing import NamedTuple

BINARY_SUFFIXES = (".gz", ".png", ".ico", ".bin", ".safetensors", ".woff2")


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


class Tree:
    """A source tree: paths relative to its root, with '/' between folders."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(path for path in _listed(root)
                            if os.path.isfile(os.path.join(root, path)))
        self._texts = {}

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def lines(self, path):
        """(number, line) from 1."""
        return enumerate(self.text(path).splitlines(), 1)

    def sources(self):
        return [path for path in self.paths if path.endswith((".cpp", ".hpp"))]

    def headers(self):
        return [path for path in self.paths if path.endswith(".hpp")]

    def texts(self):
        return [path for path in self.paths if not path.endswith(BINARY_SUFFIXES)]


def _listed(root):
    """What git knows or would add; without git, everything outside build and hidden folders."""
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if os.path.exists(os.path.join(root, ".git")):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return [path for path in done.stdout.split("\0") if path]
    return list(_walked(root))


def _walked(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in ("build", ".git", "__pycache__")]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


_NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/'                         # comments
    r'|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'                       # strings
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"       # characters, not digit separators
    r"|^[ \t]*\#(?:\\\n|[^\n])*",                 # preprocessor lines
    re.DOTALL | re.MULTILINE)


def code_only(text):
    """`text` with comments, literals and preprocessor lines blanked; line numbers stay."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
