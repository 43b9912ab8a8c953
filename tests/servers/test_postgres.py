"""A real PostgreSQL takes the tables and every quick statement; upserts and claims mean the same there."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from bot.storage import cron_rows, deadline_rows
from bot.storage.dialects.postgres import POSTGRES
from bot.storage.statements import Statement
from tests.support import postgres as servers
from tests.support.desk import WORKDAY
from tests.support.postgres import Postgres
from tests.unit.bot.storage.test_dialects import statements

pytestmark = pytest.mark.servers
JOBS = "SELECT count(*) FROM cron_run;\n"
DEADLINES = "SELECT state, owner FROM deadline;\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server with the tables of the house."""
    with servers.running() as running:
        tables = list(SQLModel.metadata.sorted_tables)
        made = [CreateTable(table) for table in tables] + [CreateIndex(i) for table in tables for i in table.indexes]
        running.run("".join(f"{part.compile(dialect=POSTGRES.core)};\n" for part in made))
        yield running


def prepared(name: str, statement: Statement) -> str:
    return f"PREPARE {name} AS {statement.form(POSTGRES).sql};\n"


def test_it_takes_every_statement(server: Postgres) -> None:
    """It knows each table and column, the types fit, and what an upsert calls its key is one."""
    script = [f"\\echo {name}\n" + prepared(f"s{n}", one) for n, (name, one) in enumerate(statements().items())]
    assert len(server.run("".join(script)).splitlines()) == len(script) >= 20


def test_a_job_is_claimed_once_a_day(server: Postgres) -> None:
    day = {"job": "duty", "local_date": date(2026, 10, 14), "scheduled_at": WORKDAY, "ran_at": WORKDAY, "missed": False}
    claim = [executed("claim", day, cron_rows._CLAIM), JOBS]
    assert server.run("".join([prepared("claim", cron_rows._CLAIM), *claim, *claim])) == "1\n1"


def test_a_deadline_set_anew_is_the_one_that_counts_and_fires_once(server: Postgres) -> None:
    first, second = WORKDAY + timedelta(minutes=5), WORKDAY + timedelta(minutes=10)
    script = ["SET timezone = 'UTC';\n", prepared("arm", deadline_rows._SET), prepared("claim", deadline_rows._CLAIM)]
    for due in (first, second):
        armed = {"kind": "test.x", "key": "k", "due_at": due, "real": False, "payload": {}, "state": "waiting"}
        script.append(executed("arm", armed | {"attempts": 0}, deadline_rows._SET))
    for who, due in (("a", first), ("b", second), ("c", second)):
        claim = {"row": 1, "due": due, "fired_at": due, "late": 0.0, "who": who}
        script += [executed("claim", claim, deadline_rows._CLAIM), DEADLINES]
    assert server.run("".join(script)).splitlines()[-3:] == ["waiting|", "done|b", "done|b"]


def executed(name: str, values: Mapping[str, object], statement: Statement) -> str:
    """The call of a prepared statement with the parameters that a driver would be given."""
    return f"EXECUTE {name}({', '.join(map(literal, statement.form(POSTGRES).given(values)))});\n"


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return str(value)
        case _:
            return f"'{value}'"


def test_a_savepoint_undoes_its_part_alone(server: Postgres) -> None:
    """The words of ``Tx``."""
    script = """
    BEGIN;
    SAVEPOINT job; INSERT INTO meta VALUES ('kept', 'x'); RELEASE SAVEPOINT job;
    SAVEPOINT job; INSERT INTO meta VALUES ('undone', 'x'); ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job;
    COMMIT;
    SELECT name FROM meta ORDER BY name;
    """
    assert server.run(script) == "kept"
