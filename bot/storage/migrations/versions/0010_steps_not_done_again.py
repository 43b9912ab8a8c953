"""What a run that goes on does not do again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Runs of before did every step that was left."""
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("done", sa.JSON(), server_default="[]", nullable=False))
