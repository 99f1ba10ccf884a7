"""Whether SuperOffice did what it was asked for, and what it said where it did not.

The REST API tells of an error by its status and an object; agents answer 200 all the same, with
``null`` or with an object that holds a message in place of what was asked for.
"""

from collections.abc import Sequence

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.wire import Answer

_WORDS = ("ErrorMessage", "Message", "MessageDetail")


def failure(answer: Answer, expected: Sequence[str] = ()) -> str | None:
    """What SuperOffice said where it did not do something; ``None`` where it did.

    Empty where it said nothing. expected: members of which the object that is due must have one;
    none where a list is due. Raises SystemUnavailable where the answer is no JSON.
    """
    if not 200 <= answer.status < 300:
        return _words(_read(answer)) or _status_words(answer.status)
    value = answer.json()
    if isinstance(value, dict):
        done = any(name in value for name in expected)
    else:
        done = isinstance(value, list) and not expected
    return None if done else _words(value)


def _read(answer: Answer) -> object:
    try:
        value: object = answer.json()
    except SystemUnavailable:
        # The page that a proxy gives with an error has nothing to say here.
        return None
    return value


def _words(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    parts = (value.get(name) for name in _WORDS)
    found = dict.fromkeys(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return " ".join(found)


def _status_words(status: int) -> str:
    return _STATUS_WORDS.get(status, f"status {status}")


_STATUS_WORDS = {
    401: "not signed in (status 401)",
    403: "not allowed (status 403)",
    404: "not found (status 404)",
}
