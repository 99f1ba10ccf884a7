"""A user may get another plan instead: what it needs stays, and all that is given has room."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.activation import ActivationState, plan_digest
from licbot.domain.changes import carried_out, compare, red
from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense
from licbot.domain.removals import (
    Dependencies,
    Held,
    Instead,
    Removal,
    by_user,
    dependencies,
    freed,
    keep_done,
    lost,
    plan_removals,
    reassigned,
)
from licbot.domain.removals import given as given_seats
from licbot.domain.replacements import Replacement, can_replace, replacements, stuck
from licbot.domain.returns import overfull as without_room
from licbot.domain.returns import returns
from licbot.domain.review import Review
from tests.domain.strategies import (
    KEYS,
    dependencies_of_keys,
    holdings,
    in_use,
    keys,
    license_set,
    license_sets,
    module,
    offer_of,
    overfull,
    users,
    without,
)
from tests.domain.test_activation import activation

NONE: frozenset[str] = frozenset()
wishes = st.dictionaries(st.tuples(users, keys), keys)


def keys_of(*names: str) -> frozenset[str]:
    return frozenset(names)


def carried(held: Held, plan: tuple[Removal, ...]) -> dict[str, frozenset[str]]:
    """What users hold once a plan is carried out, counted without the domain's arithmetic."""
    left = dict(without(held, plan))
    for each in plan:
        left[each.user] = left[each.user] | set(each.gives)
    return left


# What a user loses and gets


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys(), instead=wishes)
def test_nothing_is_taken_and_given_to_one_and_the_same(
    picks: Held, held: Held, depends: Dependencies, instead: Instead
) -> None:
    plan = plan_removals(picks, held, depends, instead)

    taken = [(each.user, each.module) for each in plan]
    gifts = [(each.user, key) for each in plan for key in each.gives]
    assert len({*taken, *gifts}) == len(taken) + len(gifts)
    assert not any(key in held.get(user, NONE) for user, key in gifts)


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys(), instead=wishes)
def test_who_gets_a_plan_has_all_that_it_needs(
    picks: Held, held: Held, depends: Dependencies, instead: Instead
) -> None:
    """Its hidden licences, and the prerequisites of all that is new."""
    plan = plan_removals(picks, held, depends, instead)
    after = carried(held, plan)

    for each in (each for each in plan if each.gives):
        assert each.instead in each.gives
        assert depends.plans.get(each.instead, NONE) <= after[each.user]
        for key, names in depends.dependents.items():
            assert key in after[each.user] or not names & set(each.gives)


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys(), instead=wishes)
def test_a_plan_is_given_only_in_place_of_a_tick_that_asked_for_it(
    picks: Held, held: Held, depends: Dependencies, instead: Instead
) -> None:
    plan = plan_removals(picks, held, depends, instead)

    for each in plan:
        if each.instead:
            assert each.picked
            assert instead[each.user, each.module] == each.instead
        else:
            assert not each.gives


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys(), instead=wishes)
def test_getting_something_instead_never_costs_more(
    picks: Held, held: Held, depends: Dependencies, instead: Instead
) -> None:
    plain = {(each.user, each.module) for each in plan_removals(picks, held, depends)}
    plan = plan_removals(picks, held, depends, instead)

    assert {(each.user, each.module) for each in plan} <= plain
    assert {each.user for each in plan} == {user for user, _ in plain}


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys(), instead=wishes)
def test_a_plan_frees_what_it_takes_less_what_it_gives(
    picks: Held, held: Held, depends: Dependencies, instead: Instead
) -> None:
    plan = plan_removals(picks, held, depends, instead)
    before, after = in_use(held), in_use(carried(held, plan))

    differences = {key: before.get(key, 0) - after.get(key, 0) for key in KEYS}
    assert freed(plan) == {key: seats for key, seats in differences.items() if seats}
    assert sum(lost(plan).values()) - sum(given_seats(plan).values()) == sum(freed(plan).values())


@given(
    picks=holdings(),
    before=holdings(),
    now=holdings(),
    depends=dependencies_of_keys(),
    instead=wishes,
)
def test_what_is_done_by_hand_reserves_no_seat(
    picks: Held, before: Held, now: Held, depends: Dependencies, instead: Instead
) -> None:
    """Once the old plan is gone it is done, whether the new one was given or not."""
    stored = plan_removals(picks, before, depends, instead)

    plan = keep_done(plan_removals(picks, now, depends, instead), stored, picks, now)

    to_do = [each for each in plan if not each.done]
    assert given_seats(plan) == given_seats(to_do)
    assert freed(plan) == freed(to_do)
    went = {(each.user, each.module, each.instead) for each in stored} - {
        (user, module, plan_)
        for user, modules in now.items()
        for module in modules
        for plan_ in ("", *KEYS)
    }
    assert {(each.user, each.module, each.instead) for each in plan if each.done} == went


def three_plans() -> Dependencies:
    """Sales with ``user`` and ``web``, Service with ``user``, Basic with ``mail``."""
    return dependencies(
        [
            license_set(
                module("sales", extra_info="set=user,web"),
                module("service", extra_info="set=user"),
                module("basic", extra_info="set=mail"),
                module("extra", prerequisite="sales"),
                module("user", hidden=True),
                module("web", hidden=True),
                module("mail", hidden=True),
            )
        ]
    )


def swap(held: frozenset[str], picks: frozenset[str], instead: str) -> list[Removal]:
    wanted = {("ada", "sales"): instead}
    return list(plan_removals({"ada": picks}, {"ada": held}, three_plans(), wanted))


def test_a_hidden_licence_that_the_new_plan_needs_stays() -> None:
    plan = swap(keys_of("sales", "user", "web", "extra"), keys_of("sales"), "service")

    assert plan == [
        Removal(user="ada", module="extra", picked=False),
        Removal(user="ada", module="sales", picked=True, instead="service", gives=("service",)),
        Removal(user="ada", module="web", picked=False),
    ]


def test_hidden_licences_that_the_user_lacks_are_given_along() -> None:
    plan = swap(keys_of("sales", "user", "web"), keys_of("sales"), "basic")

    assert {each.module: each.gives for each in plan} == {
        "sales": ("basic", "mail"),
        "user": (),
        "web": (),
    }


def test_who_holds_the_other_plan_already_just_keeps_it() -> None:
    plan = swap(keys_of("sales", "service", "user", "web"), keys_of("sales"), "service")

    assert plan == [
        Removal(user="ada", module="sales", picked=True),
        Removal(user="ada", module="web", picked=False),
    ]


@pytest.mark.parametrize(
    ("picks", "instead"),
    [
        (keys_of("sales", "user"), "service"),
        (keys_of("sales"), "extra"),
    ],
    ids=["what it needs is ticked too", "it needs what is taken"],
)
def test_a_plan_that_cannot_be_given_is_said_to_be_stuck(
    picks: frozenset[str], instead: str
) -> None:
    """It is not turned into a plain loss behind anybody's back."""
    plan = swap(keys_of("sales", "user", "web"), picks, instead)

    [sales] = [each for each in plan if each.module == "sales"]
    assert sales == Removal(user="ada", module="sales", picked=True, instead=instead)
    assert sales.is_stuck
    assert not replace(sales, done=True).is_stuck
    assert not any(each.gives for each in plan)


def test_two_plans_that_become_the_same_one_give_it_once() -> None:
    held = {"ada": keys_of("sales", "service", "user", "web")}
    both = {("ada", "sales"): "basic", ("ada", "service"): "basic"}

    plan = plan_removals({"ada": keys_of("sales", "service")}, held, three_plans(), both)

    assert given_seats(plan) == {"basic": 1, "mail": 1}
    assert not any(each.is_stuck for each in plan)
    assert reassigned(plan) == {("sales", "basic"): 1}


# What has room


@given(
    picks=holdings(),
    held=holdings(),
    installed=license_sets(),
    offered=license_sets(),
    instead=wishes,
)
def test_nothing_is_red_exactly_when_all_fit_both_sets(
    picks: Held, held: Held, installed: LicenseSet, offered: LicenseSet, instead: Instead
) -> None:
    """The offer must hold those who are left; the installed set what is given before."""
    plan = plan_removals(picks, held, dependencies([installed]), instead)
    gifts, used = given_seats(plan), in_use(held)

    blocking = {
        change.module.key for change in red(compare(installed, offered, used, freed(plan), gifts))
    }

    over = {row.key for row in overfull(offered, installed, carried(held, plan))}
    granted = {
        row.key: float("inf") if row.unrestricted else row.number for row in installed.modules
    }
    known = {row.key for row in (*installed.modules, *offered.modules)}
    early = {key for key, seats in gifts.items() if used.get(key, 0) + seats > granted.get(key, 0)}
    assert blocking == over | (early & known)


def test_giving_more_than_is_free_makes_the_receiving_licence_red() -> None:
    sets = license_set(module("sales", 4), module("basic", 3))
    smaller = license_set(module("sales", 2), module("basic", 3))
    used = {"sales": 4, "basic": 2}
    plan = [
        Removal(user=user, module="sales", picked=True, instead="basic", gives=("basic",))
        for user in ("ada", "bo")
    ]

    basic, sales = compare(sets, smaller, used, freed(plan), given_seats(plan))

    assert (sales.planned, sales.remaining) == (2, 0)
    assert (basic.planned, basic.given, basic.surplus, basic.remaining) == (-2, 2, 0, 1)
    assert basic.is_red
    assert basic.is_shown
    assert (carried_out(basic).in_use, carried_out(basic).planned) == (4, 0)


def test_what_the_offer_has_more_of_cannot_be_given_before_it_is_in_force() -> None:
    sets = license_set(module("sales", 4), module("basic", 2))
    offered = license_set(module("sales", 2), module("basic", 9))

    basic, _ = compare(sets, offered, {"sales": 4, "basic": 2}, {"basic": -1}, {"basic": 1})

    assert (basic.excess, basic.remaining) == (1, 1)


@given(sets=license_sets(), held=holdings(), more=st.dictionaries(keys, st.integers(1, 4)))
def test_seats_have_room_or_are_named(sets: LicenseSet, held: Held, more: dict[str, int]) -> None:
    used = in_use(held)
    limits = {
        row.key: float("inf") if row.unrestricted else row.number
        for row in sets.modules
        if row.type is LicenseType.USER
    }

    full = without_room(more, used, [sets])

    assert full == sorted(key for key in more if used.get(key, 0) + more[key] > limits.get(key, 0))


# What can be given


BASIC = module("basic", 5, extra_info="set=web", sort_order=2)
SALES = module("sales", 4, extra_info="set=web", sort_order=1)
WEB = module("web", 9, hidden=True, sort_order=3)


def review(
    installed: LicenseSet | None, offered: LicenseSet, used: dict[str, int], *plan: Removal
) -> Review:
    changes = compare(installed, offered, used, freed(plan), given_seats(plan))
    return Review(
        activation=activation(ActivationState.REVIEW),
        offer=offer_of(offered),
        installed=installed,
        changes=changes,
    )


@pytest.mark.parametrize(
    ("installed", "offered", "free"),
    [
        (BASIC, BASIC, 3),
        (BASIC, replace(BASIC, number=3), 1),
        (replace(BASIC, number=4), BASIC, 2),
        (replace(BASIC, number=2), BASIC, 0),
        (replace(BASIC, unrestricted=True), BASIC, 3),
        (replace(BASIC, unrestricted=True), replace(BASIC, unrestricted=True), None),
        (replace(BASIC, extra_info="set=web,mail"), BASIC, 1),
    ],
)
def test_a_plan_is_free_as_far_as_it_fits_both_sets_with_what_comes_with_it(
    installed: ModuleLicense, offered: ModuleLicense, free: int | None
) -> None:
    mail = module("mail", 1, hidden=True, sort_order=4)
    old, new = license_set(SALES, installed, WEB, mail), license_set(SALES, offered, WEB, mail)

    found_ = replacements(review(old, new, {"sales": 4, "basic": 2, "web": 9}), "sales")

    assert found_ == [Replacement(plan=offered, free=free)]


def test_what_is_planned_already_is_free_no_longer() -> None:
    both = license_set(SALES, BASIC, WEB)
    one = Removal(user="ada", module="sales", picked=True, instead="basic", gives=("basic",))

    [basic] = replacements(review(both, both, {"sales": 4, "basic": 2, "web": 6}, one), "sales")

    assert basic.free == 2


@pytest.mark.parametrize(
    ("old", "new", "possible"),
    [
        (BASIC, BASIC, True),
        (replace(BASIC, extra_info=""), replace(BASIC, extra_info=""), True),
        (module("basic"), module("basic"), False),
        (BASIC, module("basic"), False),
        (replace(BASIC, type=LicenseType.SITE), BASIC, False),
        (BASIC, module("other"), False),
        (module("other"), BASIC, False),
    ],
)
def test_only_a_plan_that_both_sets_grant_can_be_given(
    old: ModuleLicense, new: ModuleLicense, possible: bool
) -> None:
    """One with the flag of a plan is one, whatever comes with it."""
    installed, offered = license_set(SALES, old, WEB), license_set(SALES, new, WEB)

    assert can_replace("sales", "basic", installed, offered) is possible
    assert bool(replacements(review(installed, offered, {}), "sales")) is possible


def test_a_plan_is_given_in_place_of_another_plan_only() -> None:
    both = license_set(SALES, BASIC, WEB, module("travel"))

    assert not can_replace("sales", "sales", both, both)
    assert not can_replace("travel", "basic", both, both)
    assert not can_replace("unknown", "basic", both, both)
    assert not can_replace("sales", "basic", None, both)
    assert replacements(review(None, both, {}), "sales") == []


def test_a_plan_that_is_granted_no_longer_is_stuck_too() -> None:
    both = license_set(SALES, WEB)
    gone = Removal(user="ada", module="sales", picked=True, instead="basic", gives=("basic",))
    done = replace(gone, user="bo", done=True)

    assert stuck([gone, done], compare(both, both, {})) == [gone]
    assert stuck([gone], compare(both, license_set(SALES, BASIC, WEB), {})) == []


def test_a_digest_is_of_what_is_given_too() -> None:
    plain = Removal(user="ada", module="sales", picked=True)
    basic = replace(plain, instead="basic", gives=("basic",))
    fuller = replace(plain, instead="basic", gives=("basic", "mail"))
    other = replace(plain, instead="service", gives=("service",))

    digests = {plan_digest("o", [each], {}) for each in (plain, basic, fuller, other)}

    assert len(digests) == 4


# What comes back

PLAN_NUMBERS = (("sales", 1), ("basic", 5))


@given(picks=holdings(), held=holdings(), sets=license_sets(), instead=wishes)
def test_where_there_is_room_all_is_as_it_was_before(
    picks: Held, held: Held, sets: LicenseSet, instead: Instead
) -> None:
    missing = [module(key) for key in sorted(set(KEYS) - sets.by_key().keys())]
    roomy = license_set(
        *(replace(row, number=99, type=LicenseType.USER) for row in (*sets.modules, *missing))
    )
    plan = plan_removals(picks, held, dependencies([roomy]), instead)
    after = carried(held, plan)
    gifts = by_user((each.user, key) for each in plan for key in each.gives)
    taken = by_user((each.user, each.module) for each in plan)

    back = returns(taken, gifts, after, in_use(after), [roomy])

    assert back.given == taken
    assert back.withdrawn == gifts
    for user, modules in after.items():
        again = (modules - back.withdrawn.get(user, NONE)) | back.given.get(user, NONE)
        assert again == held.get(user, NONE)


@given(wanted=holdings(), gifts=holdings(), held=holdings(), sets=license_sets())
def test_nothing_comes_back_beyond_its_number(
    wanted: Held, gifts: Held, held: Held, sets: LicenseSet
) -> None:
    """Whatever was given meanwhile, and whoever hands it over."""
    back = returns(wanted, gifts, held, in_use(held), [sets])

    after = {
        user: (held.get(user, NONE) - back.withdrawn.get(user, NONE)) | back.given.get(user, NONE)
        for user in {*held, *wanted}
    }
    before, now = in_use(held), in_use(after)
    granted = {
        row.key: float("inf") if row.unrestricted else row.number
        for row in sets.modules
        if row.type is LicenseType.USER
    }
    for key, seats in now.items():
        assert seats <= max(granted.get(key, 0), before.get(key, 0))
    for user, modules in back.withdrawn.items():
        assert modules <= gifts[user] & held[user]


def test_who_cannot_have_the_old_plan_back_keeps_the_new_one() -> None:
    """Nobody is left without a plan; what depends on the old one stays away."""
    sets = [
        license_set(
            module("sales", 1, extra_info="set=user"),
            module("basic", 5, extra_info="set=user"),
            module("user", 9, hidden=True),
            module("extra", 9, prerequisite="sales"),
        )
    ]
    held = {user: keys_of("basic", "user") for user in ("ada", "bo")}
    wanted = {user: keys_of("sales", "extra") for user in ("ada", "bo")}
    gifts = {user: keys_of("basic") for user in ("ada", "bo")}

    back = returns(wanted, gifts, held, in_use(held), sets)

    assert back.given == {"ada": keys_of("sales", "extra"), "bo": NONE}
    assert back.withdrawn == {"ada": keys_of("basic")}


def test_the_new_plan_is_handed_over_only_for_the_old_one() -> None:
    """Other seats that come back are no reason."""
    plans = [replace(module(name, number), extra_flags=1) for name, number in PLAN_NUMBERS]
    sets = [license_set(*plans, module("travel", 9))]
    wanted, gifts = {"ada": keys_of("sales", "travel")}, {"ada": keys_of("basic")}

    back = returns(wanted, gifts, {"ada": keys_of("basic")}, {"sales": 1, "basic": 1}, sets)

    assert back.given == {"ada": keys_of("travel")}
    assert back.withdrawn == {}


def test_what_somebody_needs_besides_is_not_taken_away_again() -> None:
    """A seat that was built on the new plan meanwhile."""
    sets = [
        license_set(
            module("sales", 5, extra_info="set=user"),
            module("basic", 5, extra_info="set=user"),
            module("user", 9, hidden=True),
            module("extra", 9, prerequisite="basic"),
        )
    ]
    held = {"ada": keys_of("basic", "user", "extra")}

    back = returns({"ada": keys_of("sales")}, {"ada": keys_of("basic")}, held, in_use(held), sets)

    assert back.given == {"ada": NONE}
    assert back.withdrawn == {}
