"""Customers for the stories: people with seats, and licences for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KID = "nordwind-2026"

NAMES = tuple(
    word
    for line in (
        "Anna Ben Clara David Elif Farid Greta Hakon Ines Jonas",
        "Katrin Liam Maja Nils Olga Pavel Rosa Sven Tuva Umar",
        "Vera Willem Yara Zoltan Aino Bruno Carla Dario Eva Finn",
    )
    for word in line.split()
)


def address(name: str) -> str:
    """The e-mail address that goes with a name."""
    return f"{name.lower()}@fjordlicht.example"


def user(name: str, days: int | None = 1, /, **changes: Any) -> Json:
    """Someone who signed in so many days ago; ``None`` is unknown."""
    at = None if days is None else f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "id": name.lower(),
        "name": name,
        "email": address(name),
        "last_login": at,
        "administrator": name == "Anna",
        **changes,
    }


def tenant(holders: Mapping[str, Sequence[str]], users: Sequence[Json] = ()) -> Json:
    """People with the seats they hold, by module; the later in a list, the longer away.

    users: people who are not as everybody else, or hold nothing.
    """
    own = {each["id"]: each for each in users}
    names = dict.fromkeys(name for group in holders.values() for name in group)
    usual = (user(name, days) for days, name in enumerate(names, 1) if name.lower() not in own)
    seats = [
        {"user": name.lower(), "module": module}
        for module, group in holders.items()
        for name in group
    ]
    return {"users": [*own.values(), *usual], "seats": seats}


def module(name: str, number: int, **changes: Any) -> Json:
    """A module of a licence."""
    return {
        "name": name,
        "description": name.replace("-", " ").title(),
        "tooltip": "",
        "version": "12.0",
        "type": "user",
        "number": number,
        "unrestricted": False,
        "hidden": False,
        "prerequisite": None,
        "extra_flags": 0,
        "extra_info": "",
        "sort_order": 10,
        **changes,
    }


def licence(
    sequence: int, totals: Mapping[str, int] | Sequence[Json], **changes: Mapping[str, Any]
) -> Json:
    """A licence's payload.

    totals: numbers by module, or modules. changes: of ``meta``, ``customer``, ``owner``, ``dates``.
    """
    if isinstance(totals, Mapping):
        modules = [module(name, number) for name, number in totals.items()]
    else:
        modules = list(totals)
    return {
        "meta": {
            "version": 1,
            "kid": KID,
            "sequence": sequence,
            "issued": "2026-11-24T09:00:00Z",
            "not_before": None,
            **changes.get("meta", {}),
        },
        "customer": {
            "company": "Fjordlicht GmbH",
            "serial": "1234567890",
            **changes.get("customer", {}),
        },
        "owner": {
            "name": "SUPEROFFICE",
            "description": "SuperOffice AS",
            **changes.get("owner", {}),
        },
        "dates": {
            "next_check": "2026-12-24",
            "admin_warning": "2027-02-27",
            "expiry": "2027-03-27",
            "grace": "2027-04-08",
            "maintenance": None,
            **changes.get("dates", {}),
        },
        "modules": modules,
    }
