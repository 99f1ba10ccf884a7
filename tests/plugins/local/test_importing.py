"""Tenants are brought in as a whole or not at all, and taken out as they were."""

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from licbot.domain.errors import LicbotError, OfferRefused, SystemRefused
from licbot.domain.removals import Removal
from licbot.store.database import SqlDatabase
from licbot_local.importing import export_tenant, import_tenant
from licbot_local.keys import KeyRefused, PinnedKey
from licbot_local.tenant import TenantRefused, check_tenant
from tests.plugins.local.samples import (
    KID,
    OTHER_KEY,
    PINNED,
    Installation,
    module,
    payload,
    removal,
    seat,
    signed,
    tenant,
    user,
)
from tests.plugins.local.test_installing import DyingDatabase, PowerCut


async def exported(place: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await export_tenant(place.context))
    return found


async def test_what_was_imported_is_exported_in_a_steady_order(place: Installation) -> None:
    users = [
        user("Zoë", kind="other", can_login=False),
        user("Anna", last_login="2026-01-31T07:00:00Z", administrator=True),
        user("Bea", last_login="2026-01-30", deleted=True),
    ]
    users.append(user("🦊", email=""))
    await place.fill(
        users, [seat("Zoë"), seat("🦊"), seat("Bea"), seat("Anna", "SERVICE"), seat("Anna")]
    )

    found = await exported(place)

    full = {
        "kind": "associate",
        "administrator": False,
        "can_login": True,
        "last_login": None,
        "deleted": False,
    }
    assert found["users"] == [
        full | users[1],
        full | users[2] | {"last_login": "2026-01-30T00:00:00Z"},
        full | users[0],
        full | users[3],
    ]
    assert found["seats"] == [
        seat("Anna"),
        seat("Anna", "service"),
        seat("Bea"),
        seat("Zoë"),
        seat("🦊"),
    ]
    assert list(found["users"][0]) == [
        "id",
        "name",
        "email",
        "kind",
        "administrator",
        "can_login",
        "last_login",
        "deleted",
    ]

    await place.fill(found["users"], found["seats"])
    assert await exported(place) == found


async def test_modules_are_exported_under_the_names_of_the_licence(place: Installation) -> None:
    raw = signed(payload([module("Sales-Premium")]))
    await place.fill([user("Anna")], [seat("Anna", "sales-premium")], raw)

    assert (await exported(place))["seats"] == [seat("Anna", "Sales-Premium")]


async def test_nothing_is_exported_of_nothing(place: Installation) -> None:
    assert await exported(place) == {"users": [], "seats": []}


async def test_an_import_replaces_what_was_there(place: Installation) -> None:
    await place.fill([user("Anna"), user("Bea")], [seat("Anna")])

    done = await import_tenant(place.context, check_tenant(tenant([user("Cem")], [seat("Cem")])))

    assert (done.users, done.seats, done.modules) == (1, 1, 2)
    assert [each["id"] for each in (await exported(place))["users"]] == ["cem"]
    assert await place.system.in_use() == {"sales-premium": 1}


async def test_the_same_licence_may_come_again_and_an_older_one_may_not(
    place: Installation,
) -> None:
    await place.fill()
    await place.fill([user("Anna")])
    await place.fill([user("Anna")], raw=signed(payload(sequence=43)))

    with pytest.raises(OfferRefused) as caught:
        await place.fill([user("Bea")], raw=signed())

    assert caught.value.check == 7
    assert [each["id"] for each in (await exported(place))["users"]] == ["anna"]


FORGED = signed(payload(sequence=43), OTHER_KEY)
OTHERS = PinnedKey(kid=KID, public=OTHER_KEY.public_key())


@pytest.mark.parametrize(
    ("seats", "raw", "trust", "expected"),
    [
        ([seat("Nobody")], None, [], TenantRefused),
        ([seat("Bea", "nothing")], None, [], TenantRefused),
        ([], FORGED, [], OfferRefused),
        ([], FORGED, [OTHERS], KeyRefused),
        ([], signed(payload(sequence=43, not_before="2030-01-01")), [], SystemRefused),
    ],
)
async def test_nothing_is_half_imported(
    place: Installation,
    seats: list[dict[str, str]],
    raw: bytes | None,
    trust: list[PinnedKey],
    expected: type[LicbotError],
) -> None:
    await place.fill([user("Anna")], [seat("Anna")])
    before = await exported(place)

    with pytest.raises(expected):
        await import_tenant(
            place.context, check_tenant(tenant([user("Bea")], seats)), raw=raw, trust=trust
        )

    assert await exported(place) == before


async def test_a_power_cut_before_the_commit_imports_nothing(place: Installation) -> None:
    await place.fill([user("Anna")])
    dying = dataclasses.replace(place, database=DyingDatabase(place.database))

    with pytest.raises(PowerCut):
        await dying.fill([user("Bea")])

    assert [each["id"] for each in (await exported(place))["users"]] == ["anna"]


async def test_without_any_licence_there_is_nothing_to_hold_seats_to(place: Installation) -> None:
    with pytest.raises(SystemRefused) as caught:
        await import_tenant(place.context, check_tenant(tenant([user("Anna")])), trust=[PINNED])

    assert "--license" in caught.value.message


async def test_a_tenant_of_a_wrong_form_is_listed_before_any_licence_is_there(
    place: Installation,
) -> None:
    people = tenant([user("Anna", kind="robot"), user("Anna")], [seat("Anna", "unknown")])

    with pytest.raises(TenantRefused) as caught:
        await import_tenant(place.context, check_tenant(people))

    assert caught.value.problems == (
        "users[0].kind: must be 'associate' or 'other'.",
        "users[1].id: anna is users[0] already.",
    )


async def test_what_has_no_place_in_a_form_is_listed_with_what_the_licence_lacks(
    place: Installation,
) -> None:
    await place.fill([user("Anna")])
    people = tenant([user("Bea", kind="robot")], [seat("Bea", "unknown")])

    with pytest.raises(TenantRefused) as caught:
        await import_tenant(place.context, check_tenant(people))

    assert len(caught.value.problems) == 2
    assert [each["id"] for each in (await exported(place))["users"]] == ["anna"]


async def test_the_longest_names_fit_into_every_database(place: Installation) -> None:
    owner, kid, name, person = map(name_of, (250, 250, 500, 100))
    value = payload([module(name)], kid=kid) | {"owner": {"name": owner, "description": ""}}
    people = tenant([{"id": person, "name": "Anna"}], [{"user": person, "module": name}])

    await import_tenant(
        place.context,
        check_tenant(people),
        raw=signed(value),
        trust=[PinnedKey(kid=kid, public=PINNED.public)],
    )
    await place.system.take([Removal(user=person, module=name, picked=True)], "a/1")
    assert await place.system.in_use() == {}

    assert await place.system.give_back("a/1") == []
    assert await place.system.in_use() == {name: 1}


def name_of(length: int) -> str:
    """A name of the widest characters in no order, which no database can compress."""
    places = random.Random(length).choices(range(0x20000, 0x2A000), k=length)
    return "".join(map(chr, places))


async def test_runs_before_an_import_give_nothing_back_after_it(place: Installation) -> None:
    await place.fill([user("Anna")], [seat("Anna")])
    await place.system.take([removal("Anna")], "a/1")
    await place.fill([user("Anna")])

    assert await place.system.give_back("a/1") == []
    assert await place.system.in_use() == {}


async def test_postgresql_knows_at_once_how_many_rows_came(
    large_database: SqlDatabase, tmp_path: Path
) -> None:
    """Queries would take ten times as long until it looks by itself."""
    place = Installation(database=large_database, folder=tmp_path)
    await place.fill([user("Anna"), user("Bea")], [seat("Anna")])

    query = "SELECT reltuples FROM pg_class WHERE relname IN ('local_users', 'local_seats')"
    async with large_database.read() as connection:
        estimates = await connection.scalars(text(query))
        assert sorted(estimates) == [1, 2]
