"""A step that asks people is a row with a deadline, and what a waiting run has found is kept."""

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the questions and the results of runs that wait; a run that waits today gets its question."""
    op.create_table(
        "run_question",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("run", "place"),
    )
    with op.batch_alter_table("run_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_question_taken_at"), ["taken_at"], unique=False)

    op.create_table(
        "run_result",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("exit", sa.Integer(), nullable=True),
        sa.Column("output", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run", "place"),
    )
    _put_those_that_wait()


def _put_those_that_wait() -> None:
    """A run that waited for a person in the version before waits on, up to the deadline that it was given then.

    The stored plan of one that only reads may count its steps otherwise, because looks left some out: it is not gone on with.
    """
    waiting = sa.text(
        "SELECT run.id, run.waits, run.plan, run_step.started_at FROM run JOIN run_step"
        " ON run_step.run = run.id AND run_step.place = run.waits WHERE run.state = 'running'"
    )
    question = sa.table("run_question", *(sa.column(name) for name in ("run", "place", "asked_at", "until")))
    for number, place, plan, started in op.get_bind().execute(waiting).fetchall():
        here = [step for step in json.loads(plan)["steps"][place - 1 : place] if step["kind"] == "ask"]
        if not here:
            continue
        asked = datetime.fromisoformat(started)
        until = asked + timedelta(seconds=here[0]["limit"])
        times = {"asked_at": started, "until": until.isoformat(" ", "microseconds")}
        op.execute(question.insert().values(run=number, place=place, **times))
