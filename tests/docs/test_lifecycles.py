"""The page of the lifecycles is the tables: none is missing, none differs, and one command writes it anew."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.support import lifecycles
from tests.support.paths import ROOT


def test_the_page_is_what_the_tables_say() -> None:
    assert lifecycles.PAGE.read_text("utf-8") == lifecycles.page(), "write it anew: make lifecycles"


def test_no_lifecycle_is_missing() -> None:
    made = [name for room in ("bot", "handlers", "runbooks") for name in _made(ROOT / room)]
    assert sorted(made) == sorted(life.name for life in lifecycles.ALL)


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycles, "PAGE", tmp_path / "new" / "lifecycles.md")
    lifecycles.main()
    assert (tmp_path / "new" / "lifecycles.md").read_text("utf-8") == lifecycles.page()


def test_make_runs_the_command() -> None:
    told = subprocess.run(["make", "-n", "lifecycles"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "python -m tests.support.lifecycles" in told.stdout


def _made(room: Path) -> list[str]:
    """The names of the lifecycles that the files of a room make."""
    trees = [ast.parse(path.read_text("utf-8")) for path in room.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Lifecycle"]
    return [str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)]
