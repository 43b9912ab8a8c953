"""What each post about a ticket is about."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table, with the posts about the tickets that are there; pieces and copies go by the key of the whole."""
    op.create_table(
        "ticket_post",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("rewritten", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute(
        "INSERT INTO ticket_post (key, ticket, rewritten) "
        "SELECT o.key, o.about, o.template IN ('faults/card', 'faults/page') "
        "FROM outbox AS o JOIN ticket AS t ON t.number = o.about "
        "WHERE o.op = 'post' AND o.key NOT LIKE '%/%' AND o.key NOT LIKE '%@%'"
    )
