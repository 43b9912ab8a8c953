"""``zhiban audit`` on a log that somebody altered by hand: one line names the row, whatever was written there."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.__main__ import main
from bot.storage import audit_log
from tests.support.paths import EXAMPLE


@pytest.fixture
def place(tmp_path: Path, empty_db: Path) -> Path:
    """An organisation whose log has ten rows."""
    shutil.copytree(EXAMPLE, tmp_path / "data")
    (tmp_path / "zhiban.toml").write_text('data_dir = "data"\n', "utf-8")
    (tmp_path / "var").mkdir()
    shutil.copy(empty_db, tmp_path / "var/zhiban.db")
    engine = create_engine(f"sqlite:///{tmp_path}/var/zhiban.db")
    with engine.begin() as connection:
        at = datetime(2026, 11, 30, 8, tzinfo=UTC)
        audit_log.append(connection, [audit_log.Entry(at, "zhou", "restart", f"oa{n}") for n in range(10)])
    engine.dispose()
    return tmp_path


def altered(place: Path, change: str) -> None:
    connection = sqlite3.connect(place / "var/zhiban.db")
    connection.execute(f"update audit set {change} where seq = 4")  # noqa: S608  # the test's own words
    connection.commit()
    connection.close()


def audit(place: Path, *words: str) -> int:
    return main(["audit", "--config", str(place / "zhiban.toml"), *words])


def last_hash(place: Path) -> str:
    connection = sqlite3.connect(place / "var/zhiban.db")
    found: str = connection.execute("select hash from audit where seq = 9").fetchone()[0]
    connection.close()
    return found


CHANGES = (
    "at = 'garbage'",
    "at = ''",
    "at = 12345",
    "actor = x'ff00'",
    "detail = x'00'",
    "hash = x'00ff'",
    "actor = 5",
)


@pytest.mark.parametrize("change", CHANGES)
def test_8_5_a_row_of_anything_is_named_not_a_traceback(
    place: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    altered(place, change)
    assert audit(place, "verify") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("row 4 was altered")
    assert said.err.count("\n") == 1


def test_8_5_what_is_left_of_an_altered_log_can_be_exported(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    altered(place, "detail = 'no json'")
    assert audit(place, "export") == 0
    assert capsys.readouterr().out.count("\n") == 10
    altered(place, "at = 'garbage'")
    assert audit(place, "export") == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 3
    assert said.err.startswith("row 4 was altered")


@pytest.mark.parametrize("between", [":", "：", " ", ": ", " ： "])
def test_8_5_an_anchor_is_compared_however_it_was_typed(
    place: Path, between: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    before = sorted(path.name for path in place.iterdir())
    assert audit(place, "verify", "--anchor", f"9{between}{last_hash(place)[:32]}") == 0
    assert "nothing is missing up to row 9 (given)" in capsys.readouterr().out
    assert audit(place, "verify", "--anchor", f"9{between}{'0' * 32}") == 1
    assert "row 9 is not the one that was anchored" in capsys.readouterr().err
    assert sorted(path.name for path in place.iterdir()) == before
