"""Another plan that a user gets in place of the one that is taken.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Say of each pick and planned removal what is given instead; until now nothing ever was."""
    with op.batch_alter_table("pick") as table:
        table.add_column(sa.Column("instead", KEY, nullable=False, server_default=""))
    with op.batch_alter_table("removal") as table:
        table.add_column(sa.Column("instead", KEY, nullable=False, server_default=""))
        table.add_column(sa.Column("gives", sa.Text(), nullable=False, server_default="[]"))
