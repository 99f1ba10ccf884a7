"""The demo's customer: 60 people, 3 licences, and a smaller licence that is waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST = tuple(
    word
    for line in (
        "Anna Bjørn Clara David Elif Farid Greta Håkon Ines Jonas",
        "Katrin Liam Maja Nils Olga Pavel Rosa Sven Tuva Umar",
        "Vera Willem Yara Zoltan Aino Benedikt Carla Dario Eva Frederik",
    )
    for word in line.split(" ")
)
LAST = tuple(
    word
    for line in (
        "Berg Lindqvist Moreau Okafor Jensen Weber Novak Rossi",
        "Haugen Visser Kaya Silva Meyer Dahl Petrov Nakamura",
    )
    for word in line.split(" ")
)
KID = "nordwind-2026"


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """A tenant, the licence it has, and the one that waits; as JSON."""

    tenant: dict[str, Any]
    installed: dict[str, Any]
    offered: dict[str, Any]


def fjordlicht(now: datetime) -> Customer:
    """The demo's customer at a moment."""
    return Customer(
        tenant=tenant(now),
        installed=payload(now, 41, INSTALLED),
        offered=payload(now, 42, OFFERED),
    )


def person_name(number: int) -> str:
    """A name for each of the 60, no two alike."""
    return f"{FIRST[number % len(FIRST)]} {LAST[(number * 7 + number // len(FIRST)) % len(LAST)]}"


def address(name: str) -> str:
    """The e-mail address that goes with a name."""
    plain = name.lower().translate(str.maketrans("øå ", "oa."))
    return f"{plain}@fjordlicht.example"


def tenant(now: datetime) -> dict[str, Any]:
    """Users and seats: 36 use Sales Premium, 15 Service Premium, 9 Marketing Premium."""
    plans = ["sales-premium"] * 36 + ["service-premium"] * 15 + ["marketing-premium"] * 9
    users = [_user(number, now) for number in range(len(plans))]
    seats = [
        {"user": user["id"], "module": module}
        for user, plan in zip(users, plans, strict=True)
        for module in (plan, "user", "web")
    ]
    return {"users": users, "seats": seats}


def _user(number: int, now: datetime) -> dict[str, Any]:
    name = person_name(number)
    # Sign-ins spread over a year, some unknown: what an administrator really finds.
    days = (number * 53) % 367
    signed_in = now - timedelta(days=days, hours=number % 9)
    return {
        "id": f"u{number + 1:03}",
        "name": name,
        "email": address(name),
        "kind": "other" if number % 20 == 19 else "associate",
        "administrator": number == 0,
        "can_login": number % 17 != 16,
        "last_login": None if number % 13 == 12 else f"{signed_in:%Y-%m-%dT%H:%M:%SZ}",
        "deleted": False,
    }


def payload(now: datetime, sequence: int, totals: Sequence[int]) -> dict[str, Any]:
    """A licence; totals: of Sales, Service and Marketing Premium."""
    today = now.astimezone(UTC).date()
    issued = now - timedelta(days=1)
    return {
        "meta": {
            "version": 1,
            "kid": KID,
            "sequence": sequence,
            "issued": f"{issued:%Y-%m-%dT%H:%M:%SZ}",
            "not_before": None,
        },
        "customer": {"company": "Fjordlicht GmbH", "serial": "1234567890"},
        "owner": {"name": "SUPEROFFICE", "description": "SuperOffice AS"},
        "dates": {
            "next_check": str(today + timedelta(days=30)),
            "admin_warning": str(today + timedelta(days=95)),
            "expiry": str(today + timedelta(days=123)),
            "grace": str(today + timedelta(days=135)),
            "maintenance": str(today + timedelta(days=123)),
        },
        "modules": [
            _module("sales-premium", "Sales Premium", totals[0], 10, info="set=user,web"),
            _module("service-premium", "Service Premium", totals[1], 20, info="set=user,web"),
            _module("marketing-premium", "Marketing Premium", totals[2], 30, info="set=user,web"),
            _module("user", "User", 70, 40, hidden=True),
            _module("web", "Web", 70, 50, hidden=True),
        ],
    }


def _module(
    name: str, description: str, number: int, order: int, *, info: str = "", hidden: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "tooltip": "",
        "version": "12.0",
        "type": "user",
        "number": number,
        "unrestricted": False,
        "hidden": hidden,
        "prerequisite": None,
        "extra_flags": 1 if info else 0,
        "extra_info": info,
        "sort_order": order,
    }


INSTALLED = (40, 20, 10)
OFFERED = (32, 12, 12)

PERSONAS = (0, 1, 2, 35)
"""An administrator, two approvers, and someone who has not signed in for long."""
