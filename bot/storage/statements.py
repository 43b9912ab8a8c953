"""A Core statement for a hot table: compiled once a database, run on its driver, values converted by the columns' own types.

The same statement through the ORM's session costs ten times as much, mostly in building what is always the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from sqlalchemy import ClauseElement, CursorResult, Select
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from bot.storage.dialects.dialect import Convert, Dialect, Upsert
from bot.storage.store import Session, Tx


class Within(Protocol):
    """Where a statement may run: in a transaction (``Tx``), or in the savepoint of one event (``Work``)."""

    def within(self) -> Tx:
        """The transaction, after what must come first (an event's savepoint)."""


def count(session: Session, statement: Executable) -> int:
    """Run one Core statement that is not worth keeping; the count of rows it met."""
    result = session.connection().execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0


class Statement:
    """One statement, without ``in_`` of a list (its length is not known beforehand). Parameters not given are NULL."""

    def __init__(self, what: ClauseElement | Upsert) -> None:
        self._what = what
        self._compiled: dict[str, Compiled] = {}

    def rows(self, where: Within, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What the statement yields."""
        tx = where.within()
        form = self._compiled.get(tx.dialect.name) or self.form(tx.dialect)
        return form.converted(tx.driver().execute(form.sql, form.given(values)).fetchall())

    def count(self, where: Within, values: Mapping[str, Any]) -> int:
        """How many rows the statement met."""
        tx = where.within()
        form = self._compiled.get(tx.dialect.name) or self.form(tx.dialect)
        return tx.driver().execute(form.sql, form.given(values)).rowcount

    def many(self, where: Within, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run the statement once for each of ``rows``."""
        tx = where.within()
        form = self.form(tx.dialect)
        tx.driver().executemany(form.sql, [form.given(row) for row in rows])

    def form(self, dialect: Dialect) -> "Compiled":
        """The statement as that database takes it."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = Compiled(self._what, dialect)
        return self._compiled[dialect.name]


class Compiled:
    """A statement in one database's words."""

    def __init__(self, what: ClauseElement | Upsert, dialect: Dialect) -> None:
        statement = dialect.upsert(what) if isinstance(what, Upsert) else what
        compiled = cast(SQLCompiler, cast(ClauseElement, statement).compile(dialect=dialect.core))
        own = compiled.construct_params(_check=False)
        self.sql = compiled.string
        self._binds: list[tuple[str, Convert | None, Any]] = []
        for name in compiled.positiontup or ():
            convert = dialect.stores(compiled.binds[name].type)
            self._binds.append((name, convert, convert(own[name]) if convert and own[name] is not None else own[name]))
        yielded = what.returning if isinstance(what, Upsert) else ()
        columns = statement.selected_columns if isinstance(statement, Select) else yielded
        self._reads: list[Convert | None] = [dialect.reads(column.type) for column in columns]
        self._plain = not any(self._reads)

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order."""
        return [
            convert(values[name]) if name in values and convert else values.get(name, own)
            for name, convert, own in self._binds
        ]

    def converted(self, rows: list[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """What the driver gave, as values of the columns' types."""
        if self._plain:
            return cast(list[tuple[Any, ...]], rows)
        return [
            tuple(convert(value) if convert else value for value, convert in zip(row, self._reads, strict=True))
            for row in rows
        ]
