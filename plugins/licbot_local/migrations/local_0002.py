"""Open requests of users."""

import sqlalchemy as sa
from alembic import op

revision = "local_0002"
down_revision = "local_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the number of each user's open requests."""
    op.add_column(
        "local_users",
        sa.Column("open_requests", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )


def downgrade() -> None:
    """Drop the numbers."""
    op.drop_column("local_users", "open_requests")
