"""Tenant files: everything that is wrong is listed with its place."""

import json
from typing import Any

import pytest

from licbot_local.consistency import require_consistent
from licbot_local.licensefile import read_unverified
from licbot_local.tenant import TenantRefused, check_tenant, read_tenant
from tests.plugins.local.samples import as_json, module, payload, seat, signed, tenant, user

MODULES = {
    each.key: each
    for each in read_unverified(
        signed(
            payload(
                [
                    module("sales-premium", 2),
                    module("service", 1, unrestricted=True),
                    module("site", type="site"),
                ]
            )
        )
    ).offer.license.modules
}


def problems_of(raw: bytes) -> list[str]:
    with pytest.raises(TenantRefused) as caught:
        require_consistent(read_tenant(raw), MODULES)
    assert all(problem in caught.value.message for problem in caught.value.problems)
    return list(caught.value.problems)


def test_a_user_needs_no_more_than_an_id_and_a_name() -> None:
    file = read_tenant(as_json(tenant([{"id": "anna", "name": "Anna"}])))

    found = require_consistent(file, MODULES)
    (anna,) = found.users
    assert (anna.email, anna.kind, anna.administrator) == ("", "associate", False)
    assert (anna.can_login, anna.last_login_time, anna.deleted) == (True, None, False)
    assert found.seats == []


def test_all_bad_rows_are_listed_with_their_place() -> None:
    rows: list[Any] = [
        {"id": "a" * 101, "name": "A"},
        {"id": "", "name": "B"},
        {"id": "c"},
        {"id": "d", "name": "D", "kind": "employee"},
        {"id": "e", "name": "E", "administrator": "yes", "can_login": 1},
        {"id": "f", "name": "F", "last_login": "01.02.2026"},
        {"id": "g", "name": "G", "last_login": "2026-02-01T10:00:00"},
        {"id": "h", "name": "H", "adminstrator": True},
        {"id": "i\u0000", "name": "I"},
        {"id": 9, "name": "J"},
        "k",
        {"id": "l", "name": "L", "email": None},
    ]
    seats: list[Any] = [{"user": "c"}, None, {"user": "d", "module": "x" * 501}]

    assert problems_of(as_json({"users": rows, "seats": seats, "extra": 1})) == [
        "users[0].id: must have at most 100 characters.",
        "users[1].id: must not be empty.",
        "users[2].name: is missing.",
        "users[3].kind: must be 'associate' or 'other'.",
        "users[4].administrator: must be true or false.",
        "users[4].can_login: must be true or false.",
        "users[5].last_login: must be a date like 2026-11-24 or a UTC time like "
        "2026-11-24T09:00:00Z.",
        "users[6].last_login: must be a date like 2026-11-24 or a UTC time like "
        "2026-11-24T09:00:00Z.",
        "users[7].adminstrator: is not a known field.",
        "users[8].id: must be plain text without control characters.",
        "users[9].id: must be text.",
        "users[10]: must be an object.",
        "users[11].email: must be text.",
        "seats[0].module: is missing.",
        "seats[1]: must be an object.",
        "seats[2].module: must have at most 500 characters (2,000 bytes in small letters), which "
        "is what PostgreSQL's index rows hold.",
        "extra: is not a known field.",
    ]


def test_rows_of_a_wrong_form_hide_no_other_fault_and_bring_no_new_ones() -> None:
    users: list[Any] = [
        user("Anna"),
        user("Bea"),
        user("Cem", kind="robot"),
        user("Anna"),
        user("Dora", deleted="no"),
        user("Bea", kind="robot"),
    ]
    seats: list[Any] = [
        *(seat(name) for name in ("Cem", "Anna", "Anna", "Dora")),
        seat("Nobody", "service"),
        seat("Bea", "unknown"),
        {"user": "nobody", "module": 7},
        {"user": None, "module": "unknown"},
        {"user": "cem", "module": "Sales-Premium", "since": 2020},
    ]

    assert problems_of(as_json({"users": users, "seats": seats})) == [
        "users[2].kind: must be 'associate' or 'other'.",
        "users[3].id: anna is users[0] already.",
        "users[4].deleted: must be true or false.",
        "users[5].kind: must be 'associate' or 'other'.",
        "users[5].id: bea is users[1] already.",
        "seats[2]: it is the same seat as seats[1].",
        "seats[4].user: nobody is not among the users.",
        "seats[5].module: unknown is not in the licence.",
        "seats[6].module: must be text.",
        "seats[6].user: nobody is not among the users.",
        "seats[7].user: must be text.",
        "seats[7].module: unknown is not in the licence.",
        "seats[8].since: is not a known field.",
        "seats[8]: it is the same seat as seats[0].",
    ]


@pytest.mark.parametrize("users", [None, {}, "anna"])
def test_without_a_list_of_users_nobody_is_called_unknown(users: object) -> None:
    assert problems_of(as_json({"users": users, "seats": [seat("Anna"), seat("Anna")]})) == [
        "users: must be a list.",
        "seats[1]: it is the same seat as seats[0].",
    ]


@pytest.mark.parametrize("missing", ["users", "seats"])
def test_an_empty_list_is_written_down_lest_a_slip_empties_the_system(missing: str) -> None:
    value = tenant([])
    del value[missing]

    assert problems_of(as_json(value)) == [f"{missing}: is missing."]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not valid JSON"),
        (b"\xff", "not text in UTF-8"),
        (b'{"users": []} {}', "not valid JSON at line 1, column 15"),
        (b'{"users": [], "users": []}', "a key twice"),
        (b'{"users": [NaN]}', "does not know"),
        (b"[" * 100_000, "too deeply"),
        (b"null", "It must be an object"),
        (b'{"users": {}, "seats": []}', "users: must be a list"),
    ],
)
def test_a_file_that_is_no_tenant_is_refused(raw: bytes, words: str) -> None:
    (problem,) = problems_of(raw)

    assert words in problem


def test_users_and_seats_are_held_to_each_other_and_to_the_licence() -> None:
    users = [user("Anna"), user("Bea"), user("Cem"), user("Anna"), user("Dora", deleted=True)]
    seats = [
        seat("Anna", "service"),
        seat("Nobody", "service"),
        seat("Anna", "unknown\u202e"),
        seat("Anna", "site"),
        seat("Anna", "SERVICE"),
        *(seat(name, key) for name, key in [("Anna", "sales-premium"), ("Bea", "Sales-Premium")]),
        *(seat(name) for name in ("Cem", "Dora")),
        seat("Bea", "service"),
    ]

    with pytest.raises(TenantRefused) as caught:
        require_consistent(check_tenant(tenant(users, seats)), MODULES)

    assert list(caught.value.problems) == [
        "users[3].id: anna is users[0] already.",
        "seats[1].user: nobody is not among the users.",
        "seats[2].module: unknown\N{REPLACEMENT CHARACTER} is not in the licence.",
        "seats[3].module: site is a site licence, of which users hold no seats.",
        "seats[4]: it is the same seat as seats[0].",
        "seats: 3 seats of Sales Premium, and the licence grants 2.",
    ]


def test_long_hostile_text_is_shown_clipped() -> None:
    users = [{"id": "a", "name": "A", "x" * 10_000 + "\u001b": 1}]

    (problem,) = problems_of(json.dumps(tenant(users)).encode())

    assert len(problem) < 150
