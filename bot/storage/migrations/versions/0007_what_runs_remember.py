"""What became of a failed run's changes, and who guesses at run ids, stand in rows of their own."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add both; of runs that failed already the audit log is read for the last time."""
    op.create_table(
        "run_guess",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("run_guess", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_guess_person"), ["person"], unique=False)

    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("undone", sa.String(), nullable=True))
    _read_what_was_taken_back()


def _read_what_was_taken_back() -> None:
    """The newest line of each run's failing counts."""
    run = sa.table("run", sa.column("id"), sa.column("state"), sa.column("undone"))
    ended = sa.text("SELECT target, detail FROM audit WHERE action = 'run.end' AND outcome = 'failed' ORDER BY seq")
    for target, detail in op.get_bind().execute(ended).fetchall():
        undone = json.loads(detail).get("undone")
        failed = (run.c.id == int(target.removeprefix("R")), run.c.state == "failed")
        op.execute(run.update().where(*failed).values(undone=undone))
