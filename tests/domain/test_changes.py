"""An offer is compared with what is installed: the six numbers, and what is red."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.changes import Change, carried_out, compare, red, shown
from licbot.domain.licenses import LicenseSet
from licbot.domain.removals import Held, Removal, freed
from tests.domain.strategies import (
    changes,
    holdings,
    in_use,
    keys,
    license_set,
    license_sets,
    module,
    overfull,
    removal_lists,
    without,
)

counts = st.dictionaries(keys, st.integers(min_value=0, max_value=20))


@given(change=changes())
def test_the_numbers_add_up(change: Change) -> None:
    assert change.new_total == change.total + change.added
    assert change.total == change.in_use + change.free
    assert change.new_total == change.in_use + change.new_free


@given(change=changes())
def test_the_surplus_is_what_a_restricted_license_lacks(change: Change) -> None:
    assert change.surplus == (max(0, -change.new_free) if change.restricted else 0)
    assert 0 <= change.remaining <= change.surplus


@given(change=changes())
def test_a_license_is_red_until_the_plan_frees_its_surplus(change: Change) -> None:
    assert change.is_red == (change.surplus > change.planned)
    assert change.is_red == (change.remaining > 0)


@given(change=changes())
def test_an_unrestricted_license_is_never_red(change: Change) -> None:
    assert change.restricted or not change.is_red


@given(changes=st.lists(changes()))
def test_hidden_licenses_are_not_shown_and_block_all_the_same(changes: list[Change]) -> None:
    assert not any(change.module.hidden for change in shown(changes))
    assert list(red(changes)) == [change for change in changes if change.remaining]


@given(change=changes())
def test_a_visible_license_is_shown_where_it_is_altered_or_short_of_seats(change: Change) -> None:
    telling = change.altered or change.surplus > 0

    assert change.is_shown == (telling and not change.module.hidden)


@given(installed=st.none() | license_sets(), offered=license_sets(), in_use=counts)
def test_every_license_of_either_set_is_compared_once(
    installed: LicenseSet | None, offered: LicenseSet, in_use: Mapping[str, int]
) -> None:
    old = installed.by_key() if installed else {}
    new = offered.by_key()

    compared = {change.module.key: change for change in compare(installed, offered, in_use)}

    assert set(compared) == set(old) | set(new)
    for key, change in compared.items():
        assert change.module is new.get(key, old.get(key))
        assert change.total == (old[key].number if key in old else 0)
        assert change.new_total == (new[key].number if key in new else 0)
        assert change.in_use == in_use.get(key, 0)
        assert change.planned == 0


@given(installed=license_sets(), offered=license_sets(), in_use=counts)
def test_a_license_is_restricted_unless_the_offer_says_otherwise(
    installed: LicenseSet, offered: LicenseSet, in_use: Mapping[str, int]
) -> None:
    new = offered.by_key()

    for change in compare(installed, offered, in_use):
        unlimited = change.module.key in new and new[change.module.key].unrestricted
        assert change.restricted is not unlimited


@given(installed=license_sets(), offered=license_sets(), in_use=counts)
def test_a_license_is_altered_where_the_offer_grants_something_else(
    installed: LicenseSet, offered: LicenseSet, in_use: Mapping[str, int]
) -> None:
    for change in compare(installed, offered, in_use):
        old = installed.by_key().get(change.module.key)
        new = offered.by_key().get(change.module.key)
        same = old and new and (old.number, old.unrestricted) == (new.number, new.unrestricted)
        assert change.altered is not bool(same)


@given(license_set=license_sets(), in_use=counts)
def test_an_offer_that_changes_nothing_alters_nothing(
    license_set: LicenseSet, in_use: Mapping[str, int]
) -> None:
    assert not any(change.altered for change in compare(license_set, license_set, in_use))


@given(data=st.data(), installed=license_sets(), offered=license_sets())
def test_changes_stand_in_the_order_of_the_issuer(
    data: st.DataObject, installed: LicenseSet, offered: LicenseSet
) -> None:
    compared = compare(installed, offered, {})
    again = compare(
        license_set(*data.draw(st.permutations(installed.modules))),
        license_set(*data.draw(st.permutations(offered.modules))),
        {},
    )
    places = [(change.module.sort_order, change.module.key) for change in compared]

    assert places == sorted(places)
    assert again == compared


@given(installed=license_sets(), offered=license_sets(), held=holdings(), plan=removal_lists)
def test_nothing_is_red_exactly_when_the_seats_left_fit_the_offer(
    installed: LicenseSet, offered: LicenseSet, held: Held, plan: list[Removal]
) -> None:
    plan = [removal for removal in plan if removal.module in held.get(removal.user, ())]

    blocking = red(compare(installed, offered, in_use(held), freed(plan)))

    left = overfull(offered, installed, without(held, plan))
    assert {change.module.key: change.remaining for change in blocking} == {
        row.key: row.seats - row.granted for row in left
    }


@given(installed=license_sets(), offered=license_sets(), held=holdings(), plan=removal_lists)
def test_a_plan_carried_out_looks_as_if_its_seats_had_never_been_in_use(
    installed: LicenseSet, offered: LicenseSet, held: Held, plan: list[Removal]
) -> None:
    plan = [removal for removal in plan if removal.module in held.get(removal.user, ())]
    planned = compare(installed, offered, in_use(held), freed(plan))

    done = tuple(carried_out(change) for change in planned)

    assert done == compare(installed, offered, in_use(without(held, plan)))
    assert [change.surplus for change in done] == [change.remaining for change in planned]


def test_a_dropped_license_has_the_new_total_zero() -> None:
    installed = license_set(module("sales", 10), module("travel", 1, unrestricted=True))

    sales, travel = compare(installed, license_set(), {"sales": 3, "travel": 40})

    assert (sales.total, sales.added, sales.new_total, sales.new_free) == (10, -10, 0, -3)
    assert (sales.surplus, travel.surplus) == (3, 40)
    assert shown([sales, travel]) == [sales, travel]


def test_a_new_license_begins_with_nothing() -> None:
    (sales,) = compare(None, license_set(module("sales", 10)), {})

    assert (sales.in_use, sales.total, sales.free, sales.added) == (0, 0, 0, 10)
    assert (sales.new_total, sales.new_free, sales.altered) == (10, 10, True)


def test_names_meet_whatever_their_case() -> None:
    installed = license_set(module("Sales-Premium", 10))
    offered = license_set(module("SALES-premium", 7))

    (change,) = compare(installed, offered, {"sales-premium": 9}, {"sales-premium": 1})

    assert (change.total, change.new_total, change.surplus, change.remaining) == (10, 7, 2, 1)


def test_users_who_are_not_counted_leave_no_surplus() -> None:
    """Deleted users and assignments of nothing are no seats in use: counts lack them."""
    installed = license_set(module("sales", 5), module("service", 5))
    offered = license_set(module("sales", 2), module("service", 2))

    compared = compare(installed, offered, {"sales": 2, "service": 0})

    assert [change.in_use for change in compared] == [2, 0]
    assert not red(compared)


def test_lifting_the_limit_is_a_change_and_lets_everyone_keep_their_seat() -> None:
    installed = license_set(module("travel", 1))
    offered = license_set(module("travel", 1, unrestricted=True))

    (change,) = compare(installed, offered, {"travel": 40})

    assert change.is_shown
    assert (change.added, change.surplus) == (0, 0)


def test_an_unaltered_license_is_shown_while_it_is_short_of_seats() -> None:
    both = license_set(module("sales", 5))

    (change,) = compare(both, both, {"sales": 6}, {"sales": 1})

    assert not change.altered
    assert change.is_shown
    assert not change.is_red
