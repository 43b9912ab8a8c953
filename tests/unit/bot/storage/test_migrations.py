"""Each migration is written once, in one line, such that the version before it can live with the result."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, inspect
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

import bot.app
from bot.storage import schema
from bot.storage.migrations import upgrade as upgrades
from scripts import new_migration

assert bot.app.__file__  # importing the application makes every table known
Facts = dict[str, object]  # what SQLite says of a column
FROZEN = {"0001_initial.py": "2df71301eccdc54ba8205ebb75563166dd347a42e2b0a6a28f23490e66cccac7"}
"""Migrations that have left the house: databases were made by them, so that their text never changes again."""


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(upgrades.HERE))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.head()]
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def test_the_migrations_are_one_line_and_their_files_are_named_by_it() -> None:
    found = sorted(path.name[:4] for path in schema.VERSIONS.glob("[0-9]*.py"))
    assert revisions() == found == [f"{n:04}" for n in range(1, len(found) + 1)]


@pytest.mark.parametrize("name", FROZEN)
def test_a_migration_that_left_the_house_is_never_rewritten(name: str) -> None:
    assert hashlib.sha256((schema.VERSIONS / name).read_bytes()).hexdigest() == FROZEN[name]


def test_the_version_before_can_live_with_every_migration(tmp_path: Path) -> None:
    """It finds its tables and columns as they were, and a row that it writes lacks nothing."""
    database = tmp_path / "zhiban.db"
    before: dict[str, dict[str, Facts]] = {}
    for revision in revisions():
        upgrades.upgrade(database, revision)
        after = columns(database)
        for table, old in before.items():
            assert old.items() <= after[table].items(), (revision, table)
            added = [column for name, column in after[table].items() if name not in old]
            assert all(column["nullable"] or column["default"] for column in added), (revision, table)
        before = after


def test_a_new_migration_makes_what_the_tables_have_and_the_database_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(upgrades.HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(upgrades, "HERE", folder)
    monkeypatch.setattr(schema, "VERSIONS", folder / "versions")
    before = int(schema.head())
    monkeypatch.setattr(SQLModel, "metadata", with_a_column_and_a_table_more())

    assert new_migration.main("meta_and_weather") == 0

    assert schema.head() == f"{before + 1:04}"
    assert (folder / "versions" / f"{before + 1:04}_meta_and_weather.py").exists()
    schema.prepare(tmp_path / "zhiban.db")
    made = columns(tmp_path / "zhiban.db")
    assert (set(made["meta"]), set(made["weather"])) == ({"name", "value", "kept"}, {"day", "at"})
    assert new_migration.main("nothing_left") == 1


def with_a_column_and_a_table_more() -> MetaData:
    metadata = MetaData()
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(metadata)
    metadata.tables["meta"].append_column(Column("kept", AutoString, server_default="no", nullable=False))
    Table("weather", metadata, Column("day", Integer, primary_key=True), Column("at", UTCDateTime))
    return metadata


def test_nothing_is_drafted_where_nothing_differs() -> None:
    assert new_migration.draft("nothing") is None


def test_a_waiting_run_whose_stored_plan_is_shorter_does_not_keep_the_service_from_starting(tmp_path: Path) -> None:
    database = tmp_path / "zhiban.db"
    upgrades.upgrade(database, "0003")
    with closing(sqlite3.connect(database)) as connection, connection:
        put(connection, "run", id=1, state="running", waits=1, plan='{"steps": [{"kind": "ask", "limit": 300.0}]}')
        put(connection, "run", id=2, state="running", waits=2, plan='{"steps": [{"kind": "ask", "limit": 300.0}]}')
        for run in (1, 2):
            put(connection, "run_step", run=run, place=run, started_at="2026-10-14 01:00:00.000000")
    schema.prepare(database)
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT run, place, until FROM run_question").fetchall()
    assert found == [(1, 1, "2026-10-14 01:05:00.000000")]


def put(connection: sqlite3.Connection, table: str, **given: object) -> None:
    """A row with ``given``, and 0 in whatever else must not be empty."""
    needed = [name for _, name, _, needed, *_ in connection.execute(f"PRAGMA table_info({table})") if needed]
    values = dict.fromkeys(needed, 0) | given
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))  # noqa: S608  # the test's own words


def columns(database: Path) -> dict[str, dict[str, Facts]]:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        look = inspect(connection)
        found = {
            table: {column["name"]: dict(column) | {"type": repr(column["type"])} for column in look.get_columns(table)}
            for table in look.get_table_names()
        }
    engine.dispose()
    return found
