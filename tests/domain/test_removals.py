"""Taking a seat takes along what depends on it, and nothing else from nobody else."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.changes import compare, red
from licbot.domain.licenses import LicenseSet, LicenseType
from licbot.domain.removals import (
    Dependencies,
    Held,
    Lane,
    Removal,
    RemovalAdvice,
    closure,
    dependencies,
    freed,
    keep_done,
    lost,
    plan_removals,
    strictest,
)
from tests.domain.strategies import (
    KEYS,
    dependencies_of_keys,
    holdings,
    in_use,
    key_sets,
    license_set,
    license_sets,
    module,
    removal_lists,
    without,
)

NONE: frozenset[str] = frozenset()


def keys_of(*names: str) -> frozenset[str]:
    return frozenset(names)


def is_settled(held: frozenset[str], taken: frozenset[str], depends: Dependencies) -> bool:
    """Whether a user could lose exactly these: nothing left behind needs what is taken."""
    kept = held - taken
    plans_kept = [depends.plans[key] for key in kept if key in depends.plans]
    return (
        not any(depends.dependents.get(key, NONE) & kept for key in taken)
        and not any(members & taken for members in plans_kept)
        and not any(
            member in kept and not any(member in needed for needed in plans_kept)
            for key in taken
            for member in depends.plans.get(key, NONE)
        )
    )


def least_settled(
    held: frozenset[str], taken: frozenset[str], depends: Dependencies
) -> frozenset[str]:
    """The smallest such set with ``taken`` in it, found by trying them all."""
    candidates = [
        frozenset(chosen)
        for size in range(len(held) + 1)
        for chosen in combinations(sorted(held), size)
    ]
    settled = [
        chosen
        for chosen in candidates
        if taken & held <= chosen and is_settled(held, chosen, depends)
    ]
    return min(settled, key=len)


@given(held=key_sets, taken=key_sets, depends=dependencies_of_keys())
def test_the_closure_is_the_least_that_can_go(
    held: frozenset[str], taken: frozenset[str], depends: Dependencies
) -> None:
    assert closure(held, taken, depends) == least_settled(held, taken, depends)


@given(held=key_sets, taken=key_sets, depends=dependencies_of_keys())
def test_the_closure_takes_what_was_ticked_and_nothing_that_is_not_held(
    held: frozenset[str], taken: frozenset[str], depends: Dependencies
) -> None:
    assert taken & held <= closure(held, taken, depends) <= held


@given(held=key_sets, depends=dependencies_of_keys())
def test_taking_nothing_takes_nothing(held: frozenset[str], depends: Dependencies) -> None:
    assert closure(held, NONE, depends) == NONE


@given(held=key_sets, taken=key_sets, depends=dependencies_of_keys())
def test_the_closure_is_closed(
    held: frozenset[str], taken: frozenset[str], depends: Dependencies
) -> None:
    once = closure(held, taken, depends)

    assert closure(held, once, depends) == once


@given(held=key_sets, first=key_sets, second=key_sets, depends=dependencies_of_keys())
def test_the_order_of_ticking_makes_no_difference(
    held: frozenset[str], first: frozenset[str], second: frozenset[str], depends: Dependencies
) -> None:
    together = closure(held, first | second, depends)

    assert together == closure(held, closure(held, first, depends) | second, depends)
    assert together == closure(held, closure(held, second, depends) | first, depends)


@given(held=key_sets, fewer=key_sets, more=key_sets, depends=dependencies_of_keys())
def test_ticking_more_never_takes_less(
    held: frozenset[str], fewer: frozenset[str], more: frozenset[str], depends: Dependencies
) -> None:
    assert closure(held, fewer, depends) <= closure(held, fewer | more, depends)


def test_a_chain_of_prerequisites_goes_from_the_taken_link_on() -> None:
    sets = [
        license_set(
            module("sales"),
            module("Travel", prerequisite="SALES"),
            module("expander", prerequisite=" travel "),
        )
    ]
    held = keys_of("sales", "travel", "expander")

    assert closure(held, keys_of("sales"), dependencies(sets)) == held
    assert closure(held, keys_of("travel"), dependencies(sets)) == keys_of("travel", "expander")
    assert closure(held, keys_of("expander"), dependencies(sets)) == keys_of("expander")


def test_licenses_that_need_each_other_go_together() -> None:
    sets = [license_set(module("a", prerequisite="b"), module("b", prerequisite="a"))]

    assert closure(keys_of("a", "b"), keys_of("a"), dependencies(sets)) == keys_of("a", "b")


def two_plans() -> Dependencies:
    """Two plans that share the hidden licence ``user``; each has one of its own."""
    return dependencies(
        [
            license_set(
                module("sales", extra_info="set=user,web"),
                module("service", extra_info="set=USER,mail"),
                module("user", hidden=True),
                module("Web", hidden=True),
                module("mail", hidden=True),
            )
        ]
    )


def test_a_plan_takes_its_hidden_licenses_along() -> None:
    held = keys_of("sales", "user", "web")

    assert closure(held, keys_of("sales"), two_plans()) == held


def test_a_hidden_license_stays_while_another_plan_needs_it() -> None:
    held = keys_of("sales", "service", "user", "web", "mail")

    assert closure(held, keys_of("sales"), two_plans()) == keys_of("sales", "web")
    assert closure(held, keys_of("sales", "service"), two_plans()) == held


def test_taking_a_hidden_license_takes_the_plans_that_cannot_do_without() -> None:
    held = keys_of("sales", "service", "user", "web", "mail")

    assert closure(held, keys_of("web"), two_plans()) == keys_of("web", "sales")
    assert closure(held, keys_of("user"), two_plans()) == held


def test_a_plan_takes_along_neither_visible_nor_site_licenses() -> None:
    depends = dependencies(
        [
            license_set(
                module("sales", extra_info="set=web,travel,archive"),
                module("web", hidden=True),
                module("travel"),
                module("archive", hidden=True, type=LicenseType.SITE),
            )
        ]
    )

    assert depends.plans == {"sales": keys_of("web")}


def test_only_user_licenses_are_plans() -> None:
    depends = dependencies(
        [
            license_set(
                module("tier", extra_info="set=web", type=LicenseType.SYSTEM),
                module("web", hidden=True),
            )
        ]
    )

    assert depends.plans == {}


@given(license_set=license_sets())
def test_dependencies_are_read_off_every_row(license_set: LicenseSet) -> None:
    depends = dependencies([license_set])

    for row in license_set.modules:
        needed = (row.prerequisite or "").strip().lower()
        for key in KEYS:
            assert (row.key in depends.dependents.get(key, NONE)) == (key == needed)


@given(first=license_sets(), second=license_sets())
def test_it_makes_no_difference_which_set_is_read_first(
    first: LicenseSet, second: LicenseSet
) -> None:
    assert dependencies([first, second]) == dependencies([second, first])


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys())
def test_nobody_loses_a_seat_who_was_not_ticked(
    picks: Held, held: Held, depends: Dependencies
) -> None:
    ticked = {user for user, modules in picks.items() if modules & held.get(user, NONE)}

    assert {removal.user for removal in plan_removals(picks, held, depends)} == ticked


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys())
def test_everyone_loses_the_closure_of_their_own_ticks(
    picks: Held, held: Held, depends: Dependencies
) -> None:
    planned = plan_removals(picks, held, depends)

    for user, ticked in picks.items():
        holds = held.get(user, NONE)
        mine = [removal for removal in planned if removal.user == user]
        assert {removal.module for removal in mine} == closure(holds, ticked, depends)
        assert {removal.module for removal in mine if removal.picked} == ticked & holds


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys())
def test_the_plan_has_each_seat_once_and_in_order(
    picks: Held, held: Held, depends: Dependencies
) -> None:
    seats = [(removal.user, removal.module) for removal in plan_removals(picks, held, depends)]

    assert seats == sorted(set(seats))


@given(data=st.data(), picks=holdings(), held=holdings(), depends=dependencies_of_keys())
def test_another_persons_seats_never_alter_mine(
    data: st.DataObject, picks: Held, held: Held, depends: Dependencies
) -> None:
    everyone = sorted({*picks, *held})
    others = data.draw(st.frozensets(st.sampled_from(everyone))) if everyone else frozenset[str]()
    fewer = {user: modules for user, modules in held.items() if user not in others}

    planned = [r for r in plan_removals(picks, held, depends) if r.user not in others]

    assert list(plan_removals(picks, fewer, depends)) == planned


@given(picks=holdings(), held=holdings(), depends=dependencies_of_keys())
def test_a_plan_that_was_carried_out_has_nothing_left_to_take(
    picks: Held, held: Held, depends: Dependencies
) -> None:
    left = without(held, plan_removals(picks, held, depends))

    assert plan_removals(picks, left, depends) == ()


@given(plan=removal_lists, held=holdings())
def test_what_a_plan_frees_is_no_longer_in_use(plan: list[Removal], held: Held) -> None:
    plan = [removal for removal in plan if removal.module in held.get(removal.user, NONE)]
    before, after = in_use(held), in_use(without(held, plan))

    assert freed(plan) == {
        key: before[key] - after.get(key, 0) for key in before if before[key] > after.get(key, 0)
    }


def test_enough_ticks_turn_a_red_plan_and_its_hidden_licenses_black() -> None:
    """Four hold Sales Premium, three may keep it; its hidden licence is short as well."""
    installed = license_set(
        module("sales-premium", 4, extra_info="set=user", description="Sales Premium"),
        module("user", 4, hidden=True),
    )
    offered = license_set(
        module("sales-premium", 3, extra_info="set=user", description="Sales Premium"),
        module("user", 3, hidden=True),
    )
    depends = dependencies([installed, offered])
    held = {user: keys_of("sales-premium", "user") for user in ("ada", "bo", "cleo", "dev")}

    before = compare(installed, offered, in_use(held))
    plan = plan_removals({"bo": keys_of("sales-premium")}, held, depends)
    after = compare(installed, offered, in_use(held), freed(plan))

    assert [change.module.key for change in red(before)] == ["sales-premium", "user"]
    assert plan == (
        Removal(user="bo", module="sales-premium", picked=True),
        Removal(user="bo", module="user", picked=False),
    )
    assert not red(after)


def test_a_tick_falls_away_when_its_user_no_longer_holds_the_license() -> None:
    picks = {"bo": keys_of("sales"), "gone": keys_of("sales")}

    plan = plan_removals(picks, {"bo": keys_of("service")}, Dependencies())

    assert plan == ()


lanes = list(Lane)
advice = st.builds(RemovalAdvice, lane=st.sampled_from(Lane), why=st.sampled_from("abc"))


@given(given_advice=st.lists(advice, min_size=1))
def test_the_strictest_of_all_advice_wins(given_advice: list[RemovalAdvice]) -> None:
    winner = strictest(given_advice)

    assert winner in given_advice
    assert lanes.index(winner.lane) == max(lanes.index(heard.lane) for heard in given_advice)


def test_a_holder_of_whom_nobody_says_anything_is_ready() -> None:
    assert strictest([]) == RemovalAdvice(lane=Lane.READY, why="")
    assert lanes == [Lane.READY, Lane.NEEDS_REVIEW, Lane.PROTECTED]


@given(picks=holdings(), before=holdings(), now=holdings(), depends=dependencies_of_keys())
def test_what_is_done_by_hand_stays_on_record_and_frees_nothing_more(
    picks: Held, before: Held, now: Held, depends: Dependencies
) -> None:
    """The plan holds every seat once: those still held are to do, those that went are done."""
    stored = plan_removals(picks, before, depends)

    plan = keep_done(plan_removals(picks, now, depends), stored, picks, now)

    seats = [(each.user, each.module) for each in plan]
    assert len(seats) == len(set(seats))
    assert all(each.done != (each.module in now.get(each.user, NONE)) for each in plan)
    went = {(r.user, r.module) for r in stored if r.module not in now.get(r.user, NONE)}
    assert {(each.user, each.module) for each in plan if each.done} == went
    assert sum(lost(plan).values()) == sum(freed(plan).values()) + len(went)
    assert keep_done(plan_removals(picks, now, depends), plan, picks, now) == plan
