"""What operators should know of a ``local`` system before licbot starts."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.licenses import LicenseSet
from licbot.ports.system import Examination
from licbot.ports.texts import count
from licbot_local.installing import files_in_force
from licbot_local.tables import users
from licbot_local.wording import shown


async def examine(connection: AsyncConnection, system: str) -> Examination:
    """Look at the users and the licences in force, and whether somebody can work with them."""
    licenses = [each.offer.license for each in await files_in_force(connection, system)]
    people = await _count_users(connection, system)
    administrators = await _count_administrators(connection, system)
    return Examination(
        facts=(
            count(people, "user"),
            f"{count(administrators, 'administrator')} who may sign in",
            *(_in_force(each) for each in licenses),
        ),
        problems=tuple(_problems(system, people, administrators, licensed=bool(licenses))),
    )


def _in_force(license_set: LicenseSet) -> str:
    issuer, customer = license_set.owner.label, license_set.customer
    return f"licence of {shown(issuer)} for {shown(customer.company)}, {shown(customer.serial)}"


def _problems(system: str, people: int, administrators: int, *, licensed: bool) -> Iterator[str]:
    command = "licbot local import TENANT.json"
    choice = "" if system == "local" else f" --system {system}"
    if not licensed:
        yield (
            "No licence is in force: import it, with the users and their seats, by "
            f"`{command} --license FILE --trust KID=KEY.pem{choice}`."
        )
    if people and not administrators:
        yield (
            "No user is an administrator who may sign in and has an e-mail address of their own. "
            f"Correct the tenant file, and import it again by `{command}{choice}`."
        )


async def _count_users(connection: AsyncConnection, system: str) -> int:
    columns = users.c
    query = select(func.count()).where(columns.system == system, columns.deleted.is_(False))
    return (await connection.execute(query)).scalar_one()


async def _count_administrators(connection: AsyncConnection, system: str) -> int:
    """How many there are whom licbot recognises: an address of two users is nobody's."""
    columns = users.c
    may_act = case((and_(columns.administrator, columns.can_login), 1), else_=0)
    recognised = (
        select(columns.email_key)
        .where(columns.system == system, columns.deleted.is_(False), columns.email_key != "")
        .group_by(columns.email_key)
        .having(func.count() == 1, func.sum(may_act) == 1)
    )
    query = select(func.count()).select_from(recognised.subquery())
    return (await connection.execute(query)).scalar_one()
