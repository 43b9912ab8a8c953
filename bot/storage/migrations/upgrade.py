"""Bring a database to the newest schema: all steps in one transaction, so that a crash leaves the old schema or the new."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.core import crash_points
from bot.storage.dialects.sqlite_alone import changing_schema

HERE = Path(__file__).parent


def upgrade(database: Path, revision: str = "head") -> None:
    """Run every missing migration up to ``revision`` on the database file ``database``."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    with changing_schema(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        crash_points.point("migrate.mid")
