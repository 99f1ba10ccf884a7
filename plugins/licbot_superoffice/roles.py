"""Who administers a tenant, as far as its roles tell: onsite they can be asked for."""

import json

from licbot.roster.users import email_key
from licbot_superoffice.answers import failure
from licbot_superoffice.archive import Row, is_unread, pages, text, truth
from licbot_superoffice.settings import Config
from licbot_superoffice.wire import Api

_SIGNING_IN = ("canLogin", "isActive")
_COLUMNS = ("associateDbId", "personEmail", "role", *_SIGNING_IN)


async def administrator_roles(api: Api, config: Config) -> frozenset[str]:
    """The names of the roles with the administrator's right, without case.

    None Online, where roles are closed to apps, and where SuperOffice does not tell.
    """
    if config.is_online:
        return frozenset()
    request = json.dumps({"FunctionalRightName": config.administrator_right}).encode()
    answer = await api.post("Agents/User/FindRolesWithFunctionalRight", request)
    if failure(answer) is not None:
        return frozenset()
    rows = (each for each in answer.json() if isinstance(each, dict))
    return frozenset(name.casefold() for each in rows if (name := text(each, "Name")))


def has_role(row: Row, roles: frozenset[str]) -> bool:
    """Whether a row of users has one of these roles."""
    return text(row, "role").casefold() in roles


def may_sign_in(row: Row) -> bool:
    """Whether a row of users is somebody who can log in, as far as it can be read."""
    return all(truth(row, column, True) for column in _SIGNING_IN)


def is_unclear(row: Row) -> bool:
    """Whether a row of users says something about logging in that cannot be read."""
    return any(is_unread(row, column) for column in _SIGNING_IN)


def surely_signs_in(row: Row) -> bool:
    """Whether a row of users is somebody who can log in, beyond doubt: it gives them power."""
    return may_sign_in(row) and not is_unclear(row)


async def ask_administrator(api: Api, config: Config, email: str) -> bool:
    """Ask SuperOffice now whether the one associate with this address administers it.

    Also whether they may sign in. ``False`` Online, where it does not tell.
    Raises SystemUnavailable.
    """
    key = email_key(email)
    roles = await administrator_roles(api, config)
    if not key or not roles:
        return False
    address = email.strip().replace("'", "''")
    found: list[Row] = []
    async for page in pages(
        api,
        "InternalUsers",
        _COLUMNS,
        order="associateDbId",
        condition=f"personEmail eq '{address}'",
    ):
        # The service may compare more generously than is safe.
        found += [row for row in page if email_key(text(row, "personEmail")) == key]
    return len(found) == 1 and has_role(found[0], roles) and surely_signs_in(found[0])
