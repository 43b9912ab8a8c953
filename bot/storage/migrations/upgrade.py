"""Bring a database to the newest schema: all steps in one transaction, so that a crash leaves the old schema or the new."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event, pool

from bot.core import crash_points

HERE = Path(__file__).parent


def upgrade(database: Path, revision: str = "head") -> None:
    """Run every missing migration up to ``revision`` on the SQLite file ``database``."""
    engine = create_engine(f"sqlite:///{database}", poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _manual(raw: object, _record: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]  # sqlite3's connection; DDL stays inside our BEGIN

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        crash_points.point("migrate.mid")
    engine.dispose()
