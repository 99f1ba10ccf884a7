"""Another plan comes in the save that takes the old one, once, whatever gets lost on the way."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.removals import Removal
from licbot.testing import license_set, module_license
from licbot.testing.superoffice import Cut, Exchange, Failure, Null, Status
from licbot_superoffice.guide import tasks
from licbot_superoffice.userfile import read_user
from tests.plugins.superoffice.data_support import ADA, CLEO, PLANS, World, removal, world
from tests.plugins.superoffice.test_seats import lose_the_save_of, saved

SWAP = [
    Removal(user=CLEO, module="sales", picked=True, instead="service", gives=("service",)),
    removal(CLEO, "web", picked=False),
]
"""Cleo gets Service instead of Sales; ``user`` comes with both."""

BEFORE, AFTER = {"sales", "user", "web"}, {"service", "user"}


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[World]:
    """Four people, whose list is read."""
    async with world(tmp_path) as made:
        yield made


async def test_one_save_takes_one_plan_and_gives_the_other(tenant: World) -> None:
    """Nothing but the two is sent; licbot knows at once."""
    exchanges: list[Exchange] = []
    tenant.tenant.observers.append(exchanges.append)

    await tenant.system.take(SWAP, "a/1")
    await tenant.system.take(SWAP, "a/1")

    assert tenant.tenant.held_by(13) == AFTER
    assert tenant.asked("/User/13", "PUT") == 1
    [put] = [each.body for each in exchanges if each.served.method == "PUT"]
    links = [
        link
        for owner in json.loads(put)["LicenseOwners"]
        for link in owner["RestrictedModuleLicenses"]
    ]
    assigned = {link["Name"] for link in links if link["Assigned"]}
    assert assigned == {"service", "user", "web"}, "hidden licences are left to SuperOffice"
    assert saved(tenant) == {(13, "sales", False), (13, "service", True), (13, "web", False)}
    assert await tenant.states() == {
        (CLEO, "sales"): "taken",
        (CLEO, "service"): "given",
        (CLEO, "web"): "taken",
    }
    assert await tenant.system.held_by([CLEO]) == {CLEO: AFTER}


@pytest.mark.parametrize("how", [Cut(after_work=True), Status(500, after_work=True), Cut()])
async def test_a_lost_answer_is_settled_by_looking(tenant: World, how: Failure) -> None:
    """Whether it was saved or not, it is in the end, and once."""
    lose_the_save_of(tenant, 13, how)
    with pytest.raises(SystemUnavailable):
        await tenant.system.take(SWAP, "a/1")
    assert set((await tenant.states()).values()) == {"intended", "giving"}

    await tenant.anew().take(SWAP, "a/1")

    assert tenant.tenant.held_by(13) == AFTER
    assert len(tenant.tenant.saves) == 3
    assert set((await tenant.states()).values()) == {"taken", "given"}
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(13) == BEFORE


@pytest.mark.parametrize("how", [Cut(after_work=True), Cut()])
async def test_what_may_have_been_done_is_undone(tenant: World, how: Failure) -> None:
    """Also where nobody looked before."""
    lose_the_save_of(tenant, 13, how)
    with pytest.raises(SystemUnavailable):
        await tenant.system.take(SWAP, "a/1")

    assert await tenant.system.give_back("a/1") == []

    assert tenant.tenant.held_by(13) == BEFORE
    assert set((await tenant.states()).values()) == {"given_back", "withdrawn"}


async def test_it_is_undone_in_one_save_and_once(tenant: World) -> None:
    """The new plan off and the old one on."""
    await tenant.system.take(SWAP, "a/1")

    assert await tenant.system.give_back("a/1") == []
    assert await tenant.system.give_back("a/1") == []

    assert tenant.tenant.held_by(13) == BEFORE
    assert tenant.asked("/User/13", "PUT") == 2


async def test_who_cannot_have_the_old_plan_back_keeps_the_new_one(tenant: World) -> None:
    """SuperOffice has no free seat of it any longer."""
    await tenant.system.take(SWAP, "a/1")
    tenant.tenant.put_in_force(PLANS.with_numbers(sales=2))

    lost = await tenant.system.give_back("a/1")

    assert lost == await tenant.system.give_back("a/1")
    assert {each.module for each in lost} == {"sales", "web"}
    assert tenant.tenant.held_by(13) == AFTER
    assert (await tenant.states())[CLEO, "service"] == "kept"


async def test_a_plan_without_a_free_seat_is_said_with_the_name(tenant: World) -> None:
    """In words, with nothing taken."""
    tenant.tenant.put_in_force(PLANS.with_numbers(service=1))

    with pytest.raises(SystemRefused) as caught:
        await tenant.system.take(SWAP, "a/1")

    assert caught.value.message.startswith(
        "SuperOffice did not give Cleo Rao Service Premium instead of Sales Premium. SuperOffice "
        "says: “There is no free licence"
    )
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(13) == BEFORE
    assert tenant.tenant.saves == []


async def test_a_save_that_gave_nothing_is_no_success(tenant: World) -> None:
    """Looking shows it, and what to do is said."""
    lose_the_save_of(tenant, 13, Null())

    with pytest.raises(SystemRefused, match="did not give Cleo Rao Service Premium"):
        await tenant.system.take(SWAP, "a/1")

    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(13) == BEFORE


async def test_who_got_it_from_somebody_else_keeps_it(tenant: World) -> None:
    """The old plan was taken by hand between; the run has given nothing."""
    lose_the_save_of(tenant, 13, Cut())
    with pytest.raises(SystemUnavailable):
        await tenant.system.take(SWAP, "a/1")
    tenant.tenant.unassign(13, "sales")

    await tenant.system.take(SWAP, "a/1")

    assert (await tenant.states())[CLEO, "service"] == "absent"
    assert await tenant.system.give_back("a/1") == []
    assert tenant.tenant.held_by(13) == BEFORE


def test_people_are_told_which_plan_to_choose() -> None:
    """By the name that people read; who just loses theirs chooses none."""
    plans = [module_license(name, comes_with=("user", "web")) for name in ("sales", "service")]
    hidden = [module_license(name, hidden=True) for name in ("user", "web")]

    told = tasks([*SWAP, removal(ADA)], [license_set(*plans, *hidden)], ())

    assert told[CLEO] == (
        "In Settings and maintenance › Users, choose the user plan “Service”, then save"
    )
    assert "“(No Selection)”" in told[ADA]


def test_some_licences_are_assigned_and_others_not_in_one_text() -> None:
    """The rest stays as it came."""
    user = read_user(
        b'{"LicenseOwners":[{"Name":"SUPEROFFICE","RestrictedModuleLicenses":'
        b'[{"Name":"sales","Assigned":true},{"Name":"service","Assigned" : false},'
        b'{"Name":"x","Assigned":true}]}]}'
    )

    assert user.assigning({"sales": False, "service": True}) == (
        b'{"LicenseOwners":[{"Name":"SUPEROFFICE","RestrictedModuleLicenses":'
        b'[{"Name":"sales","Assigned":false},{"Name":"service","Assigned" : true},'
        b'{"Name":"x","Assigned":true}]}]}'
    )
