"""Users as the tables hold them: what is derived for comparing, and what comes back."""

import unicodedata
from typing import Any

from sqlalchemy import Row

from licbot.domain.people import Holder, HolderKind


def searchable(text: str) -> str:
    """Text in the form in which names are searched and ordered: without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def search_text(name: str, email: str) -> str:
    """What a search looks through. The line break keeps a match from spanning both."""
    return f"{searchable(name)}\n{searchable(email)}"


def email_key(email: str) -> str:
    """The form in which e-mail addresses are compared.

    Outside ASCII, different addresses have the same letters without case: a foreign one must
    not pass for an administrator's.
    """
    trimmed = email.strip()
    return trimmed.lower() if trimmed.isascii() else trimmed


def user_row(system: str, user: Holder, *, deleted: bool = False) -> dict[str, Any]:
    """The row of a user, with what is derived from name and address."""
    return {
        "system": system,
        "id": user.id,
        "name": user.name,
        "name_key": searchable(user.name),
        "email": user.email,
        "email_key": email_key(user.email),
        "search": search_text(user.name, user.email),
        "kind": user.kind.value,
        "administrator": user.administrator,
        "can_login": user.can_login,
        "last_login": user.last_login,
        "deleted": deleted,
        "open_requests": user.open_requests,
    }


def holder(row: Row[Any]) -> Holder:
    """The user of a row."""
    return Holder(
        id=row.id,
        name=row.name,
        email=row.email,
        kind=HolderKind(row.kind),
        administrator=row.administrator,
        can_login=row.can_login,
        last_login=row.last_login,
        open_requests=row.open_requests,
    )
