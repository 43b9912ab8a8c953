"""The database comes up to date or not at all, and a damaged or foreign one is refused in plain words."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import bot.app
from bot.core.errors import ConfigError
from bot.storage import schema

ROOT = Path(bot.app.__file__).parents[1]  # importing the application makes every table known


def test_the_migrations_give_exactly_the_tables_of_the_code(empty_db: Path) -> None:
    engine = create_engine(f"sqlite:///{empty_db}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    database = tmp_path / "new" / "zhiban.db"
    schema.prepare(database)
    before = database.read_bytes()
    schema.prepare(database)
    assert database.read_bytes() == before


def test_what_a_crash_in_the_first_migration_left_does_not_matter(tmp_path: Path) -> None:
    database = tmp_path / "zhiban.db"
    (tmp_path / "zhiban.db.new").write_bytes(b"half a database")
    (tmp_path / "zhiban.db.new-journal").write_bytes(b"half a journal")
    schema.prepare(database)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["zhiban.db"]


def test_a_failing_migration_leaves_the_database_as_it_was(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps are one transaction: here the new version's table is there already."""
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.execute("DROP TABLE outbox")
    connection.close()
    before = tables(database)
    with pytest.raises(Exception, match="already exists"):
        schema.prepare(database)
    assert tables(database) == before


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: overwrite(path, 0, b"\0" * 100), "damaged"),
        (lambda path: overwrite(path, 4096 * 2, b"\xff" * 4096 * 3), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
        (lambda path: meddle(path, "UPDATE alembic_version SET version_num = '9999'"), "newer version"),
    ],
    ids=["empty", "header zeroed", "pages overwritten", "cut in half", "newer"],
)
def test_a_database_that_cannot_be_trusted_is_refused_and_left_alone(database: Path, damage: object, says: str) -> None:
    assert callable(damage)
    damage(database)
    before = database.read_bytes()
    with pytest.raises(ConfigError) as refused:
        schema.prepare(database)
    (line,) = refused.value.faults
    assert str(database) in line
    assert says in line
    assert database.read_bytes() == before


def test_the_command_line_says_it_in_one_plain_line_and_ends(tmp_path: Path) -> None:
    """Also where the locale knows no Unicode (faults F29, F94)."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "zhiban.db").write_bytes(b"")
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "{ROOT}/data/example"\n', "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "zhiban.toml")],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C", "TZ": ""},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.count(b"\n") == 1
    assert "文件是空的；请放回最新的备份" in result.stderr.decode()


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def meddle(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    return found
