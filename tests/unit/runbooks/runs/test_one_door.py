"""The state of a run is written in one file: every other way into that column is found in the source, and refused."""

import ast
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

ROOMS = ("bot", "data", "handlers", "messages", "runbooks")
DOOR = "runbooks/runs/lifecycle.py"
SQL = re.compile(r"(update|insert\s+(or\s+\w+\s+)?into|replace\s+into)\s+[\"`\[]?run\b[\"`\]]?\s", re.IGNORECASE)


def ways_in(root: Path) -> list[str]:
    """``path:line`` of everything beside the door that makes a row of the runs, or may write the state of one."""
    found = []
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            if place != DOOR and "migrations/versions" not in place:
                found += [f"{place}:{line}" for line in _lines(path.read_text("utf-8"))]
    return found


@cache
def _lines(text: str) -> tuple[int, ...]:
    return tuple(sorted(set(_in_file(ast.parse(text)))))


def _in_file(tree: ast.Module) -> Iterator[int]:
    tables = _names_of_the_table(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(f"{node.value} "):
            yield node.lineno
        if not isinstance(node, ast.Call):
            continue
        made = isinstance(node.func, ast.Name | ast.Attribute) and _last(node.func)
        if made in {"RunRow", "insert", "bulk_insert_mappings", "bulk_update_mappings"} and _about(node, tables):
            yield node.lineno
        if made == "values" and _updates(node, tables) and not _leaves_the_state(node):
            yield node.lineno


def _names_of_the_table(tree: ast.Module) -> set[str]:
    """What the table of the runs is called in a file, by whatever name it was imported or kept."""
    names = {"RunRow"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {one.asname for one in node.names if one.name in names and one.asname}
    kept = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    for _ in kept:  # a name of a name
        for node in kept:
            if any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node.value)):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _about(call: ast.Call, tables: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in tables for part in ast.walk(call))


def _updates(values: ast.Call, tables: set[str]) -> bool:
    """Whether ``.values(…)`` belongs to an update of the runs."""
    inner = [part for part in ast.walk(values.func) if isinstance(part, ast.Call)]
    return any(isinstance(part.func, ast.Name | ast.Attribute) and _last(part.func) == "update" for part in inner) and (
        _about(values, tables)
    )


def _leaves_the_state(values: ast.Call) -> bool:
    """Only columns that are named, and not the state, are written."""
    return not values.args and all(word.arg not in {None, "state"} for word in values.keywords)


def _last(func: ast.Name | ast.Attribute) -> str:
    return func.id if isinstance(func, ast.Name) else func.attr


def test_there_is_one_door() -> None:
    assert ways_in(ROOT) == []


SECOND_DOORS = [
    "work.execute(update(_run).where(_run.c.id == 1).values(state='done'))",
    "work.execute(update(_run).where(_run.c.id == 1).values({'state': 'done'}))",
    "work.execute(update(_run).values(**values))",
    "work.execute(_run.update().values(state='done', code='x'))",
    "work.execute(sqlalchemy.update(RunRow).values(state='done'))",
    "work.execute(insert(_run).values(plan={}))",
    "work.execute(_run.insert().values(plan={}))",
    "work.session.add(RunRow(state='done'))",
    "work.session.bulk_update_mappings(RunRow, [])",
    "runs = _run\nwork.execute(update(runs).values(state='done'))",
    "work.session.connection().exec_driver_sql('UPDATE run SET state = 1')",
    "work.session.connection().exec_driver_sql('insert into run (id) values (1)')",
]


@pytest.mark.parametrize("line", SECOND_DOORS)
@pytest.mark.parametrize("place", ["runbooks/runs/store.py", "handlers/runs/ending.py"])
def test_a_second_door_is_found(tmp_path: Path, line: str, place: str) -> None:
    copied = tmp_path / place
    copied.parent.mkdir(parents=True)
    shutil.copy(ROOT / place, copied)
    begins = len(copied.read_text("utf-8").splitlines())
    more = ["_run = table_of(RunRow)", "def second(work, values):", *(f"    {one}" for one in line.splitlines())]
    copied.write_text("\n".join((copied.read_text("utf-8"), *more, "")), "utf-8")
    found = ways_in(tmp_path)
    assert len(found) == 1
    assert int(found[0].removeprefix(f"{place}:")) > begins


def test_what_writes_another_column_is_no_door(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "one.py").write_text(
        "_run = table_of(RunRow)\n_step = table_of(RunStepRow)\n"
        "work.execute(update(_run).values(stop=True))\nwork.execute(insert(_step).values(state='running'))\n"
        "text = 'update run_step set state = 1'\n",
        "utf-8",
    )
    assert ways_in(tmp_path) == []
