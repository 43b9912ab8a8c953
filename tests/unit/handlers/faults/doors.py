"""Where in the source a ticket's state could be changed, beside its lifecycle: found in the syntax, not by running it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LIFECYCLE, STORE, TABLES = (f"handlers/faults/{name}.py" for name in ("lifecycle", "store", "tables"))
SQL = re.compile(r"\b(?:update|into|replace)\s+\"?ticket\"?\b", re.IGNORECASE)
MIGRATIONS = "bot/storage/migrations/"


def doors(root: Path, rooms: tuple[str, ...]) -> list[tuple[str, int]]:
    """(file, line) of every way to a ticket's state that is not the lifecycle's own."""
    found: list[tuple[str, int]] = []
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(MIGRATIONS):
                found += [(name, line) for line in _lines(name, path.read_text("utf-8"))]
    return found


@cache
def _lines(name: str, text: str) -> tuple[int, ...]:
    return tuple(sorted(_in_file(name, ast.parse(text))))


def _in_file(name: str, tree: ast.Module) -> Iterator[int]:
    """The store alone holds the table, and writes it in one function that two call; the lifecycle alone calls the second."""
    updates = 0
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names) if name not in {STORE, TABLES}:
                if {alias.name for alias in names} & {"TicketRow", "set_state", "_set"}:
                    yield node.lineno
            case ast.Attribute(attr="set_state" | "_set", value=ast.Name(id="store")):
                if (name, node.attr) != (LIFECYCLE, "set_state"):
                    yield node.lineno
            case ast.Call(func=ast.Name(id="replace") | ast.Attribute(attr="change"), keywords=keywords):
                if name.startswith("handlers/faults/") and any(word.arg == "state" for word in keywords):
                    yield node.lineno
            case ast.Call(func=ast.Name(id="update"), args=[ast.Name(id="_ticket")]) if name == STORE:
                updates += 1
                if updates > 1:
                    yield node.lineno
            case ast.Constant(value=str(text)) if SQL.search(text):
                yield node.lineno
