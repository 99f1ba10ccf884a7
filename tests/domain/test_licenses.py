"""Licences are compared without case and without order; their dates are days or moments."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.licenses import (
    Customer,
    LicenseDates,
    LicenseSet,
    LicenseType,
    Moment,
    Owner,
    days_left,
    fold,
    is_past,
    is_reached,
)
from tests.domain.strategies import (
    CUSTOMER,
    KEYS,
    NOW,
    days,
    keys,
    license_set,
    license_sets,
    module,
    moments,
    offer_of,
    spelled,
    times,
)


@given(data=st.data(), key=keys)
def test_a_name_in_any_case_is_the_same_name(data: st.DataObject, key: str) -> None:
    name = data.draw(spelled(key))

    assert fold(name) == key
    assert module(name).key == key
    assert Owner(name=name).key == key


@given(text=st.text())
def test_the_form_of_comparison_is_final(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_license_is_called_by_its_description_or_else_by_its_name() -> None:
    assert module("ten-sales", description="Sales Premium").label == "Sales Premium"
    assert module("ten-sales").label == "ten-sales"
    assert Owner(name="SUPEROFFICE", description="SuperOffice AS").label == "SuperOffice AS"
    assert Owner(name="HUMBUG").label == "HUMBUG"


@pytest.mark.parametrize(
    ("serial", "demo"),
    [
        ("1010000006", True),
        ("1234567890", False),
        ("1000001", True),
        ("000009", True),
        ("00000", False),
        ("", False),
        ("1010000016", False),
        ("1010100006", False),
    ],
)
def test_five_zeros_before_the_check_digit_mean_a_demo_version(serial: str, demo: bool) -> None:
    assert Customer(company="Fjordlicht GmbH", serial=serial).is_demo is demo


@pytest.mark.parametrize(
    ("extra_info", "members"),
    [
        ("set=user,web,sale-cal", {"user", "web", "sale-cal"}),
        ("SET = User , WEB ", {"user", "web"}),
        ("tier=2;set=user", {"user"}),
        ("set=", set()),
        ("set=,,user,", {"user"}),
        ("upset=user", set()),
        ("tier=2", set()),
        ("", set()),
    ],
)
def test_a_plan_names_its_members_after_set(extra_info: str, members: set[str]) -> None:
    assert module("sales", extra_info=extra_info).plan_members == members


@given(data=st.data(), license_set=license_sets())
def test_the_order_of_the_rows_says_nothing(data: st.DataObject, license_set: LicenseSet) -> None:
    shuffled = replace(license_set, modules=tuple(data.draw(st.permutations(license_set.modules))))

    assert license_set.same_as(shuffled)
    assert shuffled.same_as(license_set)


@given(data=st.data(), license_set=license_sets().filter(lambda drawn: bool(drawn.modules)))
def test_any_other_difference_is_a_difference(data: st.DataObject, license_set: LicenseSet) -> None:
    first, *rest = license_set.modules
    other = data.draw(
        st.sampled_from(
            (
                replace(license_set, modules=tuple(rest)),
                replace(license_set, modules=(*license_set.modules, module("another"))),
                replace(license_set, modules=(replace(first, number=first.number + 1), *rest)),
                replace(license_set, modules=(replace(first, hidden=not first.hidden), *rest)),
                replace(license_set, modules=(replace(first, extra_info="set=all"), *rest)),
                replace(license_set, modules=(replace(first, sort_order=99), *rest)),
                replace(license_set, customer=replace(CUSTOMER, serial="1010000006")),
                replace(license_set, dates=LicenseDates(expiry=date(2027, 3, 27))),
                replace(license_set, owner=Owner(name="HUMBUG")),
            )
        )
    )

    assert not license_set.same_as(other)
    assert not other.same_as(license_set)


def test_the_owner_of_a_set_is_compared_without_case() -> None:
    mine = license_set(module("sales"))

    assert mine.same_as(replace(mine, owner=Owner(name="SuperOffice")))


@given(license_set=license_sets())
def test_rows_are_found_by_the_key_of_their_name(license_set: LicenseSet) -> None:
    by_key = license_set.by_key()

    assert set(by_key) <= set(KEYS)
    assert list(by_key.values()) == list(license_set.modules)
    assert all(row.key == key for key, row in by_key.items())


def test_a_license_cannot_be_altered_once_it_is_read() -> None:
    offer = offer_of(license_set(module("sales", type=LicenseType.USER)))

    with pytest.raises(FrozenInstanceError):
        offer.raw = b"another"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        offer.license.modules[0].number = 99  # type: ignore[misc]


@given(now=times)
def test_never_is_neither_past_nor_reached(now: datetime) -> None:
    assert not is_past(None, now)
    assert not is_reached(None, now)


@given(now=times, day=days)
def test_a_day_is_reached_when_it_begins_and_past_when_the_next_begins(
    now: datetime, day: date
) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)

    assert is_reached(day, now) == (now >= begins)
    assert is_past(day, now) == (now >= begins + timedelta(days=1))


@given(day=days)
def test_a_day_lasts_to_its_last_moment(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    ends = begins + timedelta(days=1)

    assert [is_reached(day, now) for now in (begins - tick, begins, ends)] == [False, True, True]
    assert [is_past(day, now) for now in (begins, ends - tick, ends)] == [False, False, True]


@given(moment=times)
def test_a_moment_is_reached_at_once_and_past_right_after(moment: datetime) -> None:
    tick = timedelta(microseconds=1)
    around = (moment - tick, moment, moment + tick)

    assert [is_reached(moment, now) for now in around] == [False, True, True]
    assert [is_past(moment, now) for now in around] == [False, False, True]


@given(moment=moments, now=times)
def test_what_is_past_was_reached(moment: Moment, now: datetime) -> None:
    assert is_reached(moment, now) or not is_past(moment, now)


@given(now=times, left=st.integers(min_value=-400, max_value=400), hour=st.integers(0, 23))
def test_days_are_counted_from_day_to_day_whatever_the_hour(
    now: datetime, left: int, hour: int
) -> None:
    day = now.date() + timedelta(days=left)

    assert days_left(day, now) == left
    assert days_left(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), now) == left


@given(day=days, now=times)
def test_no_days_are_left_exactly_when_a_day_is_past(day: date, now: datetime) -> None:
    assert (days_left(day, now) < 0) == is_past(day, now)
    assert (days_left(day, now) <= 0) == is_reached(day, now)


def test_a_licence_that_ends_tomorrow_has_one_day_left_tonight() -> None:
    tonight = NOW.replace(hour=23, minute=59)

    assert days_left(date(2026, 11, 25), tonight) == 1
    assert days_left(date(2026, 11, 24), tonight) == 0
    assert days_left(date(2026, 11, 23), tonight) == -1
