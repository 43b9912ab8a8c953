"""A Core statement for a hot table: compiled once, run on the driver, values converted by the columns' own types.

The same statement through the ORM's session costs ten times as much, mostly in building what is always the same.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from sqlalchemy import ClauseElement, Select
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = dialect(paramstyle="qmark")
_Convert = Callable[[Any], Any] | None


class Quick:
    """One statement, without ``in_`` of a list (its length is not known beforehand). Parameters not given are NULL."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    def rows(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What the statement yields."""
        found = connection.execute(self._sql, self._given(values)).fetchall()
        return [self._converted(row) for row in found] if any(self._results) else found

    def count(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> int:
        """How many rows the statement met."""
        return connection.execute(self._sql, self._given(values)).rowcount

    def many(self, connection: sqlite3.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run the statement once for each of ``rows``."""
        connection.executemany(self._sql, [self._given(row) for row in rows])

    @cached_property
    def _compiled(self) -> SQLCompiler:
        return cast(SQLCompiler, self._statement.compile(dialect=_DIALECT))

    @cached_property
    def _sql(self) -> str:
        return self._compiled.string

    @cached_property
    def _binds(self) -> list[tuple[str, _Convert, Any]]:
        own, binds = self._compiled.construct_params(_check=False), self._compiled.binds
        return [(name, _bind(binds[name].type), own.get(name)) for name in self._compiled.positiontup or ()]

    @cached_property
    def _results(self) -> list[_Convert]:
        columns = self._statement.selected_columns if isinstance(self._statement, Select) else ()
        return [column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns]

    def _given(self, values: Mapping[str, Any]) -> list[Any]:
        return [
            convert(values[name]) if name in values and convert else values.get(name, own)
            for name, convert, own in self._binds
        ]

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(convert(value) if convert else value for value, convert in zip(row, self._results, strict=True))


def _bind(kind: Any) -> _Convert:
    converted: _Convert = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return converted
