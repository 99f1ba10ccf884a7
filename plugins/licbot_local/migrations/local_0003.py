"""The customer whom a demo version was registered for.

Revision ID: local_0003
Revises: local_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "local_0003"
down_revision = "local_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for one customer a system."""
    op.create_table(
        "local_customers",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", name="pk_local_customers"),
    )
