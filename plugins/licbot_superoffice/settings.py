"""The settings of a ``superoffice`` system: where the tenant is and who speaks to it.

``check`` says all that is wrong, and repeats no value that may be secret; ``read`` makes a Config
of settings that are right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from licbot_superoffice.complaints import all_wrong
from licbot_superoffice.keys import private_key_pem

Removal = Literal["auto", "api", "guided"]
Seats = Literal["auto", "plans", "login"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Online:
    """A tenant of SuperOffice Online.

    login: the address people sign in at, without a slash at its end. customer: such as
    ``Cust12345``. redirect_url: where SuperOffice sends them afterwards. private_key: a PEM, empty
    where the app has no system user. system_token: empty where it is taken from the first
    sign-in of an administrator.
    """

    login: str
    customer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_url: str
    system_token: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Onsite:
    """An installation of one's own. address: without ``/api/v1`` and without a slash at its end."""

    address: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """One table ``[systems.superoffice]``.

    removal: how seats are taken; seats: what a seat is; auto where the tenant is asked.
    admin_page: the address where an administrator manages users; empty for the tenant's own.
    administrator_right: the function right that makes an administrator.
    """

    site: Online | Onsite
    removal: Removal = "auto"
    seats: Seats = "auto"
    admin_page: str = ""
    administrator_right: str = "admin-all"

    @property
    def is_online(self) -> bool:
        """Whether the tenant is one of SuperOffice Online."""
        return isinstance(self.site, Online)


def check(settings: Mapping[str, Any], folder: str) -> Sequence[str]:
    """What is wrong with the settings, in words with the cure."""
    return list(all_wrong(settings, Path(folder)))


def read(settings: Mapping[str, Any], folder: str) -> Config:
    """The settings that ``check`` found nothing wrong with."""
    given = {name: str(value).strip() for name, value in settings.items()}
    return Config(
        site=_onsite(given) if given.get("address") else _online(given, Path(folder)),
        removal=cast("Removal", given.get("removal") or "auto"),
        seats=cast("Seats", given.get("seats") or "auto"),
        admin_page=given.get("admin_page", ""),
        administrator_right=given.get("administrator_right") or "admin-all",
    )


def _online(given: Mapping[str, str], folder: Path) -> Online:
    environment = given.get("environment") or "online"
    login = given.get("login_url") or f"https://{environment}.superoffice.com"
    return Online(
        login=login.rstrip("/"),
        customer=given["customer"],
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        redirect_url=given["redirect_url"],
        system_token=given.get("system_token", ""),
        private_key=private_key_pem(given, folder),
    )


def _onsite(given: Mapping[str, str]) -> Onsite:
    return Onsite(
        address=given["address"].rstrip("/"),
        username=given["username"],
        password=given["password"],
    )
