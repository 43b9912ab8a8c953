"""Write the next numbered migration from the difference between the tables of the code and the newest schema.

``make migration NAME=what_changes``. What comes out is a draft to be read: the version before must be able to live with it (a
new column of an old table is nullable or has a ``server_default``; nothing is dropped or renamed).
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

import bot.app
from bot.adapters.local import store as local_chat
from bot.storage import schema

OWNERS = (bot.app, local_chat)  # importing them makes every table known: those of the capabilities and the local chat's

TEMPLATE = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    """{title}."""
    {body}
'''


def main(name: str) -> int:
    """Write ``NNNN_<name>.py``. Returns 1 where the tables are what the newest migration makes."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        sys.stderr.write("make migration NAME=what_changes (small letters, digits, underscores)\n")
        return 2
    text = draft(name)
    if text is None:
        sys.stderr.write("the tables are what the newest migration makes: nothing to write\n")
        return 1
    target = schema.VERSIONS / f"{_next()}_{name}.py"
    target.write_text(text, "utf-8")
    sys.stdout.write(f"{target}\n")
    return 0


def draft(name: str) -> str | None:
    """The text of the migration called ``name``; nothing where no table differs from the newest schema."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "newest.db"
        schema.prepare(database)
        engine = create_engine(f"sqlite:///{database}")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            steps = produce_migrations(context, SQLModel.metadata).upgrade_ops
        engine.dispose()
    if steps is None or steps.is_empty():
        return None
    code = render_python_code(steps, render_as_batch=True, render_item=_plain_type, migration_context=context)
    body = "\n".join(line for line in code.splitlines() if not line.strip().startswith("#")).strip()
    title = name.replace("_", " ").capitalize()
    return TEMPLATE.format(title=title, revision=_next(), before=schema.head(), body=body)


def _next() -> str:
    return f"{int(schema.head()) + 1:04}"


def _plain_type(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """SQLModel's column types by the plain names that a migration can keep for ever."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime()"
    return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or [""]))
