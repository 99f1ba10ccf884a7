"""The first tables of the SuperOffice systems."""

import sqlalchemy as sa
from alembic import op

revision = "superoffice_0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    _users_and_seats()
    _work()
    _sign_ins()


def downgrade() -> None:
    """Drop them, with all that they hold."""
    for table in ("signins", "facts", "offers", "runs", "seats", "users"):
        op.drop_table(f"superoffice_{table}")


def _users_and_seats() -> None:
    op.create_table(
        "superoffice_users",
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
        sa.Column("last_login", _TIME, nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("open_requests", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "id", name="pk_superoffice_users"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_superoffice_users_system_email_key", "superoffice_users", ["system", "email_key"]
    )
    op.create_table(
        "superoffice_seats",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "module", "user_id", name="pk_superoffice_seats"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_superoffice_seats_user_id_system", "superoffice_seats", ["user_id", "system"]
    )


def _work() -> None:
    op.create_table(
        "superoffice_runs",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("system", "run", "user_id", "module", name="pk_superoffice_runs"),
    )
    op.create_table(
        "superoffice_offers",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("found_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("system", "owner", "digest", name="pk_superoffice_offers"),
        sa.UniqueConstraint(
            "system", "owner", "number", name="uq_superoffice_offers_system_owner_number"
        ),
    )
    op.create_table(
        "superoffice_facts",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("system", "name", name="pk_superoffice_facts"),
    )


def _sign_ins() -> None:
    op.create_table(
        "superoffice_signins",
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_superoffice_signins"),
    )
