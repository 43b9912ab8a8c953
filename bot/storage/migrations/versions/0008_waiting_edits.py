"""A run that waits between its edit of the balancer and the verification keeps which workers were there before."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add them; what waits today has none, and its verification fails as it did."""
    with op.batch_alter_table("run_result", schema=None) as batch_op:
        batch_op.add_column(sa.Column("workers", sa.JSON(), nullable=True))
