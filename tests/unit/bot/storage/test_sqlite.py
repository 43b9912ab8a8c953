"""All engines of a process share what was compiled, so a new store does not compile the house's statements again."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Select, select
from sqlalchemy.sql.compiler import SQLCompiler

from bot.storage.dialects import sqlite
from bot.storage.tables import MetaRow, table_of

META = table_of(MetaRow)


def engines(folder: Path) -> list[Engine]:
    return [sqlite.writing(folder / "a.db"), sqlite.writing(folder / "b.db"), sqlite.reading(folder / "b.db", 1)]


def test_a_statement_is_compiled_once_for_all_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_one = SQLCompiler.__init__

    def counted(self: SQLCompiler, dialect: Any, statement: Any, *rest: Any, **options: Any) -> None:
        compiled.append(statement)
        compile_one(self, dialect, statement, *rest, **options)

    monkeypatch.setattr(SQLCompiler, "__init__", counted)
    sqlite._COMPILED.clear()
    for engine in engines(tmp_path):
        with engine.connect() as connection:
            META.create(connection, checkfirst=True)
            assert connection.execute(select(META.c.value).where(META.c.name == "nobody")).all() == []
            connection.commit()
        engine.dispose()
    assert sum(isinstance(statement, Select) for statement in compiled) == 1
