"""Planned removals that people have carried out by hand.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell what is done from what is still to do; until now licbot took every seat itself."""
    with op.batch_alter_table("removal") as table:
        table.add_column(sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false()))
