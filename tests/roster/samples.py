"""Tables with the columns of a roster, as a plugin has them, and people in them."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from licbot.domain.people import Holder
from licbot.domain.removals import Held
from licbot.roster.columns import SeatColumns, UserColumns
from licbot.roster.roster import Roster
from licbot.roster.statements import upsert
from licbot.roster.users import user_row

SYSTEM = "crm"


class AcmeTable(SQLModel):
    """The base of the tables."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"}
    )


class UserRow(UserColumns, AcmeTable, table=True):
    """A user."""

    __tablename__ = "acme_users"


class SeatRow(SeatColumns, AcmeTable, table=True):
    """A seat."""

    __tablename__ = "acme_seats"


USERS = AcmeTable.metadata.tables["acme_users"]
SEATS = AcmeTable.metadata.tables["acme_seats"]
ROSTER = Roster(users=USERS, seats=SEATS)


async def fill(
    connection: AsyncConnection,
    users: Collection[Holder],
    held: Held | None = None,
    *,
    deleted: Collection[str] = (),
    system: str = SYSTEM,
) -> None:
    """Put users and their seats into the tables."""
    await upsert(
        connection,
        USERS,
        [user_row(system, user, deleted=user.id in deleted) for user in users],
    )
    await upsert(
        connection,
        SEATS,
        [
            seat_row(user, module, system=system, active=user not in deleted)
            for user, modules in (held or {}).items()
            for module in sorted(modules)
        ],
    )


def seat_row(
    user: str, module: str, *, system: str = SYSTEM, active: bool = True
) -> Mapping[str, object]:
    """The row of a seat."""
    return {"system": system, "module": module, "user_id": user, "active": active}
