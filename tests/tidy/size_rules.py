"""Limits on files and functions."""

import re

from tree import Finding, code_only

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

_NOISE = re.compile(r"\b(public|private|protected)\s*:(?!:)|\[\[.*?\]\]", re.DOTALL)


def files_are_short(tree):
    for path in tree.sources():
        count = len(tree.text(path).splitlines())
        if count > FILE_LINES_MAX:
            yield Finding(path, count, "file-size", f"{count} lines, at most {FILE_LINES_MAX}")


def functions_are_short(tree):
    for path in tree.sources():
        for line, count, head in functions(code_only(tree.text(path))):
            if count > FUNCTION_LINES_MAX:
                what = f"'{head}' has {count} lines, at most {FUNCTION_LINES_MAX}"
                yield Finding(path, line, "function-size", what)


def functions(code):
    """(first line, lines, head) of every function body in a namespace or a type.

    A guess by braces: what is inside a function counts to it, what is inside an initialiser is
    skipped.
    """
    line, start, head, blocks = 1, 1, "", []
    for character in code:
        if character == "{":
            blocks.append((_kind(head, blocks), start, head))
            head = ""
        elif character == "}" and blocks:
            kind, first, text = blocks.pop()
            if kind == "function":
                yield first, line - first + 1, " ".join(_NOISE.sub(" ", text).split())[:60]
            head = ""
        elif character == ";":
            head = ""
        elif head or not character.isspace():
            start = start if head else line
            head += character
        line += character == "\n"


def _kind(head, blocks):
    """What a brace opens: a scope that may hold functions, a function, or something within one."""
    if blocks and blocks[-1][0] in ("function", "inner"):
        return "inner"
    head = _without_templates(_NOISE.sub(" ", head)).strip()
    if re.search(r"\bnamespace(\s+[\w:]+)?$|^extern$", head):  # macros may stand before it
        return "scope"
    if re.match(r"(typedef\s+)?(class|struct|union|enum)\b", head):
        return "scope"
    return "function" if "(" in head and not head.endswith("=") else "inner"


def _without_templates(head):
    """`head` after its leading template<...> clauses."""
    match = re.match(r"\s*template\s*<", head)
    if not match:
        return head
    depth = 1
    for position in range(match.end(), len(head)):
        depth += {"<": 1, ">": -1}.get(head[position], 0)
        if depth == 0:
            return _without_templates(head[position + 1:])
    return head


RULES = [files_are_short, functions_are_short]
