"""Outbox, inbox and audit log are nobody's memory: no capability names their rows, in whatever way it would reach them."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

ROWS = {"OutboxRow", "OutboxState", "InboxRow", "InboxState", "AuditRow"}
SQL = re.compile(r"\b(?:from|join|into|update)\s+(?:outbox|inbox|audit)\b", re.IGNORECASE)


def named(folder: Path) -> list[tuple[str, str]]:
    """(file, what) of every mention in code; words in docstrings that speak of them are no mention."""
    return [
        (path.relative_to(folder).as_posix(), what)
        for path in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for what in _what(node)
    ]


def _what(node: ast.AST) -> set[str]:
    match node:
        case ast.alias(name=name) | ast.Attribute(attr=name) | ast.Name(id=name):
            return {name} & ROWS
        case ast.Constant(value=str(text)):
            return set(SQL.findall(text))
        case _:
            return set()


def test_no_capability_names_their_rows() -> None:
    assert named(ROOT / "handlers") == []


@pytest.mark.parametrize(
    "code",
    [
        "from bot.storage.tables import AuditRow",
        "from bot.storage.tables import OutboxRow as Kept",
        "import bot.storage.tables as t\nx = t.InboxRow",
        "x = 'SELECT about FROM outbox'",
    ],
)
def test_a_mention_is_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "store.py").write_text(code, "utf-8")
    assert [file for file, _ in named(tmp_path)] == ["store.py"]
