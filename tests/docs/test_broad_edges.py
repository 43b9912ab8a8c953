"""Every broad ``except`` of the product stands with its reason in ``docs/contributing/architecture.md``, and no other does."""

import ast
import re
from collections.abc import Iterator

from tests.docs.sources import ROOT, modules

PRODUCT = ("bot", "handlers", "runbooks", "messages", "data", "scripts")
BROAD = {"Exception", "BaseException"}
PAGE = ROOT / "docs" / "contributing" / "architecture.md"
ROW = re.compile(r"^\| `([\w/.]+)` \| `([\w.]+)` \| (.+) \|$", re.MULTILINE)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    match handler.type:
        case None:
            return True
        case ast.Name(id=name):
            return name in BROAD
        case ast.Tuple(elts=several):
            return any(isinstance(one, ast.Name) and one.id in BROAD for one in several)
        case _:
            return False


def _edges(node: ast.AST, within: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler) and _is_broad(child):
            yield within
        yield from _edges(child, _within(child, within))


def _within(node: ast.AST, outside: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return f"{outside}.{node.name}".lstrip(".")
    return outside


def test_the_table_lists_every_broad_edge_with_its_reason() -> None:
    found = {(path.relative_to(ROOT).as_posix(), name) for path, tree in modules(*PRODUCT) for name in _edges(tree, "")}
    section = PAGE.read_text("utf-8").split("\n## Broad edges\n")[1].split("\n## ")[0]
    told = {(file, name): reason for file, name, reason in ROW.findall(section)}
    assert set(told) == found
    assert all(len(reason) > 10 for reason in told.values())
