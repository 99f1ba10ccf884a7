"""Dates with the days left, and warnings when they come."""

from datetime import UTC, date, datetime

import pytest

from licbot.domain.licenses import LicenseDates, Moment
from licbot_licences.dates import date_lines, left, warnings

NOW = datetime(2027, 3, 27, 15, 0, tzinfo=UTC)
DATES = LicenseDates(
    next_check=date(2027, 3, 1),
    admin_warning=date(2027, 2, 27),
    expiry=date(2027, 3, 27),
    grace=date(2027, 4, 8),
    maintenance=date(2027, 3, 26),
)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (date(2027, 4, 8), "12 days left"),
        (date(2027, 3, 28), "1 day left"),
        (date(2027, 3, 27), "today"),
        (datetime(2027, 3, 27, 1, tzinfo=UTC), "today"),
        (date(2027, 3, 26), "1 day ago"),
        (date(2027, 3, 1), "26 days ago"),
    ],
)
def test_days_are_counted_from_today(moment: Moment, words: str) -> None:
    assert left(moment, NOW) == words


def test_each_date_says_what_it_means() -> None:
    lines = date_lines(DATES, NOW)
    assert [line.partition(" – ")[0] for line in lines] == [
        "*Next check:* 1 March 2027 (26 days ago)",
        "*Warning:* 27 February 2027 (28 days ago)",
        "*Expiry:* 27 March 2027 (today)",
        "*Grace:* 8 April 2027 (12 days left)",
        "*Maintenance:* 26 March 2027 (1 day ago)",
    ]
    assert all(line.partition(" – ")[2] for line in lines)


def test_a_licence_without_dates_lasts_and_warns_of_nothing() -> None:
    assert [": never" in line.replace("*", "") for line in date_lines(LicenseDates(), NOW)] == (
        [True] * 5
    )
    assert warnings(LicenseDates(), NOW) == []


def test_the_day_of_the_warning_counts_until_the_licence_has_expired() -> None:
    [ending, maintenance] = warnings(DATES, NOW)
    assert ending.startswith(":warning: *The day of the warning has come.* The licence ends soon:")
    assert maintenance.startswith(":warning: *Maintenance has ended* on 26 March 2027:")
    [ending, _] = warnings(DATES, NOW.replace(day=28))
    assert ending.startswith(":red_circle: *The licence has expired* on 27 March 2027.")
    assert "It still works until 8 April 2027." in ending
    [ending, _] = warnings(DATES, NOW.replace(month=4, day=9))
    assert ending.startswith(":red_circle: *The licence has stopped working* on 8 April 2027.")


def test_before_any_date_has_come_there_is_no_warning() -> None:
    assert warnings(DATES, NOW.replace(month=2, day=26)) == []


def test_dates_that_are_missing_are_not_made_up() -> None:
    warned = LicenseDates(admin_warning=date(2027, 3, 1))
    [words] = warnings(warned, NOW)
    assert "none on which it ends" in words
    [words] = warnings(LicenseDates(expiry=date(2027, 3, 1)), NOW)
    assert "still works" not in words
