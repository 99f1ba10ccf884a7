"""Seats are given back as far as there is room, and never without what they depend on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense
from licbot.domain.removals import (
    Held,
    Removal,
    by_user,
    closure,
    dependencies,
    plan_removals,
)
from licbot.domain.returns import fitting
from tests.domain.strategies import (
    KEYS,
    holdings,
    in_use,
    license_set,
    license_sets,
    module,
    removal_lists,
    without,
)

NONE: frozenset[str] = frozenset()
ALL_KEYS = frozenset(KEYS)


def keys_of(*names: str) -> frozenset[str]:
    return frozenset(names)


def room(sets: Sequence[LicenseSet], held: Held) -> Mapping[str, float]:
    """How many more seats each licence has: counted anew, without the domain's arithmetic."""
    used = in_use(held)
    granted = {
        row.key: float("inf") if row.unrestricted else row.number
        for each in sets
        for row in each.modules
        if row.type is LicenseType.USER
    }
    return {key: number - used.get(key, 0) for key, number in granted.items()}


def together(held: Held, given_back: Held) -> Held:
    """What users hold once seats were given back."""
    return {
        user: held.get(user, NONE) | given_back.get(user, NONE) for user in {*held, *given_back}
    }


@given(wanted=holdings(), held=holdings(), offered=license_sets())
def test_everyone_is_answered_and_nobody_gets_what_they_did_not_have(
    wanted: Held, held: Held, offered: LicenseSet
) -> None:
    given_back = fitting(wanted, held, in_use(held), [offered])

    assert given_back.keys() == wanted.keys()
    for user, modules in given_back.items():
        assert wanted[user] & held.get(user, NONE) <= modules <= wanted[user]


@given(wanted=holdings(), held=holdings(), offered=license_sets())
def test_no_licence_is_given_beyond_its_number(
    wanted: Held, held: Held, offered: LicenseSet
) -> None:
    """One that is overfull already only gets no fuller."""
    given_back = fitting(wanted, held, in_use(held), [offered])

    before, left = room([offered], held), room([offered], together(held, given_back))
    new = in_use({user: given_back[user] - held.get(user, NONE) for user in given_back})
    assert all(left[key] >= 0 for key in new)
    assert all(left[key] == before[key] for key in left if key not in new)


@given(wanted=holdings(), held=holdings(), offered=license_sets())
def test_nobody_gets_back_what_depends_on_something_lost(
    wanted: Held, held: Held, offered: LicenseSet
) -> None:
    given_back = fitting(wanted, held, in_use(held), [offered])

    for user, modules in wanted.items():
        has = held.get(user, NONE)
        lost = modules - given_back[user]
        gone = closure(has | modules, lost, dependencies([offered]))
        assert not gone & (given_back[user] - has)


@given(wanted=holdings(), held=holdings(), offered=license_sets())
def test_who_loses_something_lacks_a_seat_that_is_not_to_be_had(
    wanted: Held, held: Held, offered: LicenseSet
) -> None:
    """Nothing is withheld without need."""
    given_back = fitting(wanted, held, in_use(held), [offered])

    left = room([offered], together(held, given_back))
    for user, modules in wanted.items():
        lost = modules - given_back[user]
        assert not lost or any(left.get(key, 0) <= 0 for key in lost)


@given(picks=holdings(), held=holdings(), offered=license_sets())
def test_where_there_is_room_for_all_everything_comes_back(
    picks: Held, held: Held, offered: LicenseSet
) -> None:
    """As after an activation that was refused: the set in force is the one from before."""
    missing = [module(key) for key in sorted(ALL_KEYS - offered.by_key().keys())]
    roomy = license_set(
        *(
            replace(row, number=len(held) + 1, type=LicenseType.USER)
            for row in (*offered.modules, *missing)
        )
    )
    plan = plan_removals(picks, held, dependencies([roomy]))
    taken = by_user((removal.user, removal.module) for removal in plan)
    left = without(held, plan)

    assert fitting(taken, left, in_use(left), [roomy]) == taken


@given(data=st.data(), wanted=holdings(), held=holdings(), offered=license_sets())
def test_it_makes_no_difference_in_which_order_they_are_asked_for(
    data: st.DataObject, wanted: Held, held: Held, offered: LicenseSet
) -> None:
    shuffled = {user: wanted[user] for user in data.draw(st.permutations(sorted(wanted)))}

    assert fitting(shuffled, held, in_use(held), [offered]) == fitting(
        wanted, held, in_use(held), [offered]
    )


@given(wanted=holdings(), held=holdings(), offered=license_sets())
def test_what_was_given_back_is_given_back_once(
    wanted: Held, held: Held, offered: LicenseSet
) -> None:
    once = fitting(wanted, held, in_use(held), [offered])
    holding = together(held, once)

    assert fitting(once, holding, in_use(holding), [offered]) == once


@given(plan=removal_lists)
def test_seats_by_user_are_the_same_seats(plan: list[Removal]) -> None:
    seats = [(removal.user, removal.module) for removal in plan]

    held = by_user(seats)

    assert all(held.values())
    assert sorted((user, key) for user, keys in held.items() for key in keys) == sorted(seats)


def test_the_first_user_ids_come_first_where_there_is_no_room_for_all() -> None:
    wanted = {user: keys_of("sales") for user in ("cleo", "ada", "bo")}

    given_back = fitting(wanted, {}, {"sales": 3}, [license_set(module("Sales", 5))])

    assert given_back == {"ada": keys_of("sales"), "bo": keys_of("sales"), "cleo": NONE}


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (module("sales", 1, unrestricted=True), {"sales"}),
        (module("sales", 9, type=LicenseType.SITE), set()),
        (module("sales", 9, type=LicenseType.SYSTEM), set()),
        (module("service", 9), set()),
    ],
)
def test_what_comes_back_follows_the_licence_in_force(
    offered: ModuleLicense, expected: set[str]
) -> None:
    sets = [license_set(offered)]

    assert fitting({"ada": keys_of("sales")}, {}, {"sales": 7}, sets) == {"ada": expected}


def test_without_its_plan_nobody_gets_a_part_of_it_back() -> None:
    sets = [
        license_set(
            module("plan", 1, extra_info="set=web"),
            module("web", 2, hidden=True),
            module("extra", 2, prerequisite="plan"),
            module("travel", 2),
        )
    ]
    whole = keys_of("plan", "web", "extra", "travel")

    given_back = fitting({"ada": whole, "bo": whole}, {}, {}, sets)

    assert given_back == {"ada": whole, "bo": keys_of("travel")}


def test_a_hidden_licence_comes_back_where_a_plan_that_is_held_needs_it() -> None:
    """Somebody took the other plan meanwhile."""
    sets = [
        license_set(
            module("sales", 1, extra_info="set=user"),
            module("service", 9, extra_info="set=user"),
            module("user", 9, hidden=True),
        )
    ]

    given_back = fitting(
        {"ada": keys_of("sales", "user")}, {"ada": keys_of("service")}, {"sales": 1}, sets
    )

    assert given_back == {"ada": keys_of("user")}


def test_a_seat_that_somebody_gave_meanwhile_stays_and_takes_no_room() -> None:
    held = {"ada": keys_of("sales"), "dev": keys_of("sales")}
    wanted = {"ada": keys_of("sales"), "bo": keys_of("sales")}

    given_back = fitting(wanted, held, in_use(held), [license_set(module("sales", 3))])

    assert given_back == wanted


def test_licences_of_several_owners_are_one() -> None:
    sets = [license_set(module("sales", 1)), license_set(module("travel", 1, prerequisite="sales"))]

    given_back = fitting({"ada": keys_of("sales", "travel")}, {}, {"sales": 1}, sets)

    assert given_back == {"ada": NONE}
