"""Activations with all that belongs to them; polls, requests and replicas.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state NOT IN ('expired', 'superseded', 'verified')")


def _of_activation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["activation"], ["activation.id"], name=f"fk_{table}_activation_activation"
    )


def upgrade() -> None:
    """Make the tables."""
    _activation()
    _belongings()
    _plan()
    _event()
    _house_keeping()


def _activation() -> None:
    op.create_table(
        "activation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("offer_digest", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("acted_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activation"),
    )
    op.create_index("ix_activation_system_acted_at", "activation", ["system", "acted_at"])
    op.create_index(
        "uq_activation_open",
        "activation",
        ["system", "owner"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _belongings() -> None:
    op.create_table(
        "offer",
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("activation", name="pk_offer"),
        _of_activation("offer"),
    )
    op.create_table(
        "card",
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("activation", name="pk_card"),
        _of_activation("card"),
    )
    op.create_table(
        "stale_card",
        sa.Column("activation", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("activation", name="pk_stale_card"),
        _of_activation("stale_card"),
    )


def _plan() -> None:
    op.create_table(
        "pick",
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("module", _KEY, nullable=False),
        sa.Column("user", _KEY, nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("activation", "module", "user", name="pk_pick"),
        _of_activation("pick"),
    )
    op.create_table(
        "removal",
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("user", _KEY, nullable=False),
        sa.Column("module", _KEY, nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("activation", "user", "module", name="pk_removal"),
        _of_activation("removal"),
    )
    op.create_table(
        "changes",
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("activation", name="pk_changes"),
        _of_activation("changes"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("activation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        _of_activation("event"),
    )
    op.create_index("ix_event_activation_id", "event", ["activation", "id"])


def _house_keeping() -> None:
    op.create_table(
        "poll",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("system", name="pk_poll"),
    )
    op.create_table(
        "seen_request",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_seen_request"),
    )
    op.create_index("ix_seen_request_at", "seen_request", ["at"])
    op.create_table(
        "replica",
        sa.Column("executor_id", sa.String(), nullable=False),
        sa.Column("beat_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name="pk_replica"),
    )
