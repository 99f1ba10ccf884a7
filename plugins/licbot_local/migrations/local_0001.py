"""The first tables of the local licensed systems."""

import sqlalchemy as sa
from alembic import op

revision = "local_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    _users_and_seats()
    _licenses()


def downgrade() -> None:
    """Drop them, with all that they hold."""
    for table in ("clock", "keys", "accepted", "installed", "seat_log", "seats", "users"):
        op.drop_table(f"local_{table}")


def _users_and_seats() -> None:
    op.create_table(
        "local_users",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("can_login", sa.Boolean(), nullable=False),
        sa.Column("last_login", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("system", "id", name="pk_local_users"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_local_users_system_email_key", "local_users", ["system", "email_key"])
    op.create_table(
        "local_seats",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("system", "module", "user_id", name="pk_local_seats"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_local_seats_user_id_system", "local_seats", ["user_id", "system"])
    op.create_table(
        "local_seat_log",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "run", "user_id", "module", name="pk_local_seat_log"),
    )


def _licenses() -> None:
    op.create_table(
        "local_installed",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "owner", name="pk_local_installed"),
    )
    op.create_table(
        "local_accepted",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "owner", "kid", "sequence", name="pk_local_accepted"),
    )
    op.create_index("ix_local_accepted_system_digest", "local_accepted", ["system", "digest"])
    op.create_table(
        "local_keys",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("pem", sa.String(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("system", "kid", name="pk_local_keys"),
    )
    op.create_table(
        "local_clock",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("latest", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("system", name="pk_local_clock"),
    )
