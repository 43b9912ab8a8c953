"""What the rest of the house may ask of a database: the one protocol that ``sqlite`` and ``postgres`` answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Table
from sqlalchemy.engine import Dialect as CoreDialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine

from bot.storage.trouble import Trouble

Convert = Callable[[Any], Any]


class TransactionLost(Exception):
    """The database ended the whole transaction, savepoints and all (a full disk does that)."""


@dataclass(frozen=True, slots=True)
class Upsert:
    """An insert that knows what to do where a row of the same ``key`` is there already.

    The values of ``replaces`` and the expressions of ``sets`` are written then, if ``where`` holds; nothing where both are
    empty. Without ``values`` every column is a parameter of its own name.
    """

    table: Table
    key: tuple[str, ...]
    values: Mapping[str, Any] | None = None
    replaces: tuple[str, ...] = ()
    sets: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    where: ColumnElement[bool] | None = None
    returning: tuple[ColumnElement[Any], ...] = ()


class Cursor(Protocol):
    """What a driver gives for a statement that was run."""

    @property
    def rowcount(self) -> int: ...

    def fetchall(self) -> list[Any]: ...


class Driver(Protocol):
    """The driver's own connection, as far as the quick statements use it."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor: ...


class Dialect(Protocol):
    """One database's way to say what the house needs said."""

    @property
    def name(self) -> str: ...

    @property
    def core(self) -> CoreDialect:
        """SQLAlchemy's part of it, with positional parameters."""

    def upsert(self, what: Upsert) -> Executable:
        """The statement of an :class:`Upsert`."""

    def stores(self, kind: TypeEngine[Any]) -> Convert | None:
        """How a value of a column's type is given to the driver; None where it is given as it is."""

    def reads(self, kind: TypeEngine[Any]) -> Convert | None:
        """How what the driver gives becomes a value of a column's type; None where it is one."""

    def trouble(self, error: BaseException) -> Trouble:
        """Why the database did not do it; ``DISK``: a write failed, so that nobody knows what stands there (fault F28)."""
