"""The dates of a licence: what each means, and what is to be done when one has come."""

from collections.abc import Sequence
from datetime import datetime

from licbot.domain.licenses import LicenseDates, Moment, days_left, is_past, is_reached
from licbot.ports.texts import count, day

RENEW = "Ask the issuer for a newer licence, then type `/license refresh`."


def left(moment: Moment, now: datetime) -> str:
    """How far a day is from today."""
    days = days_left(moment, now)
    if days > 0:
        return f"{count(days, 'day')} left"
    return f"{count(-days, 'day')} ago" if days else "today"


def date_lines(dates: LicenseDates, now: datetime) -> Sequence[str]:
    """Each date with the days left and what it means."""
    named = (
        ("Next check", dates.next_check, "licbot asks the issuer for a newer licence by then"),
        ("Warning", dates.admin_warning, "from then on administrators are warned"),
        ("Expiry", dates.expiry, "the licence ends, and the days of grace begin"),
        ("Grace", dates.grace, "the last day of grace: then the licence stops working"),
        ("Maintenance", dates.maintenance, "after it, upgrades of the product are refused"),
    )
    return [f"*{name}:* {_at(moment, now)} – {meaning}" for name, moment, meaning in named]


def _at(moment: Moment | None, now: datetime) -> str:
    return "never" if moment is None else f"{day(moment)} ({left(moment, now)})"


def warnings(dates: LicenseDates, now: datetime) -> Sequence[str]:
    """What is to be done because a date has come, the worst first; empty where all is well."""
    found = [_ending(dates, now)]
    if is_past(dates.maintenance, now):
        found.append(
            f":warning: *Maintenance has ended* on {day(dates.maintenance)}: upgrades of the "
            "product are refused. Ask the issuer to renew it."
        )
    return [words for words in found if words]


def _ending(dates: LicenseDates, now: datetime) -> str:
    if is_past(dates.grace, now):
        return f":red_circle: *The licence has stopped working* on {day(dates.grace)}. {RENEW}"
    if is_past(dates.expiry, now):
        until = f" It still works until {day(dates.grace)}." if dates.grace else ""
        return f":red_circle: *The licence has expired* on {day(dates.expiry)}.{until} {RENEW}"
    if is_reached(dates.admin_warning, now):
        ends = f"The licence ends soon: {_at(dates.expiry, now)}."
        if dates.expiry is None:
            ends = "The issuer has set this day for a warning, and none on which it ends."
        return f":warning: *The day of the warning has come.* {ends} {RENEW}"
    return ""
