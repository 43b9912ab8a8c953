"""Write the initial migration from the tables (before the first release there is one): ``make migration``."""

from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import bot.app  # noqa: F401  # every table of the house is known once the application is
from bot.storage.migrations import versions

HEADER = '''"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
'''


def main() -> None:
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": False})
        script = produce_migrations(context, SQLModel.metadata)
        assert script.upgrade_ops is not None
        code = render_python_code(script.upgrade_ops)
    for ours, plain in (("AutoString()", "sa.String()"), ("UTCDateTime()", "sa.DateTime()")):
        code = code.replace(f"sqlmodel.sql.sqltypes.{ours}", plain)
    lines = [line for line in code.splitlines() if not line.strip().startswith("#")]
    body = "\n".join("    " + line.strip() if i == 0 else line for i, line in enumerate(lines))
    target = Path(versions.__file__).parent / "0001_initial.py"
    target.write_text(HEADER + body + "\n", "utf-8")
    print(target)


if __name__ == "__main__":
    main()
