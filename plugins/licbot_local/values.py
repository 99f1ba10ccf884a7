"""Values as licence files and tenant files write them."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from licbot.domain.licenses import Moment, fold

LARGEST = 2**53 - 1
"""The largest whole number that every program reads from JSON as it is."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|\+00:00)"
)

# Control characters have no place in either; names are on one line, and not only spaces.
_NAME = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"


class Strict(BaseModel):
    """A JSON object of which every field has exactly the type that is written down."""

    model_config = ConfigDict(strict=True, frozen=True)


def parse_moment(text: str) -> Moment | None:
    """The day or UTC time that ISO 8601 text gives, or none where it is neither."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
    return None


def as_time(moment: Moment) -> datetime:
    """The time at which a moment begins."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def _moment(value: object) -> Moment:
    found = parse_moment(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError(
            "moment", "must be a date like 2026-11-24 or a UTC time like 2026-11-24T09:00:00Z"
        )
    return found


def _moment_or_never(value: object) -> Moment | None:
    return None if value is None else _moment(value)


def _indexed(most: int) -> AfterValidator:
    """Names stand folded in PostgreSQL's index rows, which hold 2,700 bytes together."""
    most_bytes = 4 * most

    def check(name: str) -> str:
        # Without capitals a few letters, such as U+0390, take more bytes than any other.
        if len(name) > most or len(fold(name).encode()) > most_bytes:
            context = {"most": most, "most_bytes": most_bytes}
            raise PydanticCustomError("too_long_for_index", "is too long", context)
        return name

    return AfterValidator(check)


Instant = Annotated[Moment, BeforeValidator(_moment)]
OptionalInstant = Annotated[Moment | None, BeforeValidator(_moment_or_never)]
Name = Annotated[str, Field(min_length=1, pattern=_NAME)]
Text = Annotated[str, Field(pattern=_TEXT)]
ModuleName = Annotated[Name, _indexed(500)]
"""Stands in an index beside the id of a user."""
IssuerName = Annotated[Name, _indexed(250)]
"""The name of a license owner or of a key, which stand in an index side by side."""
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
Counter = Annotated[int, Field(ge=0, le=LARGEST)]
