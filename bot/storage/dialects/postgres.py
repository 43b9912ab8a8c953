"""PostgreSQL: how the house's statements are said there. The service does not run on it yet, so no setting offers it."""

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect as CoreDialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine

from bot.storage.dialects.dialect import Convert, Upsert
from bot.storage.trouble import Trouble

_KINDS = {  # by SQLSTATE (PostgreSQL, appendix A)
    "53100": Trouble.FULL,
    "55P03": Trouble.LOCKED,
    "42501": Trouble.DENIED,
    "25006": Trouble.DENIED,
    "58030": Trouble.DISK,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}


class Postgres:
    """The answers of :class:`~bot.storage.dialects.dialect.Dialect` for PostgreSQL."""

    name = "postgresql"
    core = cast(Callable[..., CoreDialect], PGDialect)(paramstyle="numeric_dollar")

    def upsert(self, what: Upsert) -> Executable:
        made = insert(what.table) if what.values is None else insert(what.table).values(**what.values)
        new = {name: made.excluded[name] for name in what.replaces} | dict(what.sets)
        if new:
            made = made.on_conflict_do_update(index_elements=what.key, set_=new, where=what.where)
        else:
            made = made.on_conflict_do_nothing(index_elements=what.key)
        return made.returning(*what.returning) if what.returning else made

    def stores(self, kind: TypeEngine[Any]) -> Convert | None:
        return kind.dialect_impl(self.core).bind_processor(self.core)

    def reads(self, kind: TypeEngine[Any]) -> Convert | None:
        return kind.dialect_impl(self.core).result_processor(self.core, None)

    def trouble(self, error: BaseException) -> Trouble:
        return _KINDS.get(_state(error) or "", Trouble.OTHER)


POSTGRES = Postgres()


def _state(error: BaseException) -> str | None:
    state: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state
