"""Incidents get a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, with the incidents of the tickets that are there: each has the number of its first ticket."""
    op.create_table(
        "incident",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.execute(
        "INSERT INTO incident (number, system, opened_at) "
        "SELECT t.incident, min(CASE WHEN t.number = t.incident THEN t.system END), min(t.opened_at) "
        "FROM ticket AS t GROUP BY t.incident"
    )
