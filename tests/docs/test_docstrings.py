"""Docstrings state what a thing is or does; none begins with a question, and every file has one."""

import ast
import re
from collections.abc import Iterator

from tests.docs.sources import ROOT, modules

PRODUCT = ("bot", "handlers", "runbooks", "messages", "data")
QUOTED = re.compile(r'``.*?``|".*?"')


def _first_lines() -> Iterator[tuple[str, str]]:
    for path, tree in modules(*PRODUCT, "scripts"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                said = (ast.get_docstring(node) or "").partition("\n")[0]
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'name', '')}", said


def test_no_docstring_begins_with_a_question() -> None:
    assert [(where, said) for where, said in _first_lines() if "?" in QUOTED.sub("", said)] == []


def test_every_file_says_what_it_holds() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path, tree in modules(*PRODUCT)
        if not ast.get_docstring(tree) and (path.name != "__init__.py" or tree.body)
    ]
    assert silent == []
