"""What is derived of users for comparing, ordering and searching them."""

import pytest

from licbot.domain.people import Holder, HolderKind
from licbot.roster.users import email_key, search_text, searchable, user_row


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Anna BERG", "anna berg"),
        ("Straße", "strasse"),
        ("Bjo\u0308rn", "björn"),
        ("ＡＣＭＥ", "acme"),
    ],
)
def test_names_are_searched_without_case_and_ways_of_writing(text: str, form: str) -> None:
    assert searchable(text) == form


def test_a_match_never_spans_name_and_address() -> None:
    text = search_text("Anna", "berg@acme.example")

    assert "anna" in text
    assert "berg@" in text
    assert "annaberg" not in text
    assert "anna berg" not in text


@pytest.mark.parametrize(
    ("email", "key"),
    [
        (" Anna@Acme.Example ", "anna@acme.example"),
        ("Åsa@acme.example", "Åsa@acme.example"),
        ("\u212aim@acme.example", "\u212aim@acme.example"),
        ("  ", ""),
    ],
)
def test_addresses_are_compared_without_case_in_ascii_only(email: str, key: str) -> None:
    assert email_key(email) == key


def test_a_row_has_what_is_derived_beside_what_is_known() -> None:
    user = Holder(
        id="7", name="Åsa", email="Asa@Acme.example", kind=HolderKind.OTHER, open_requests=3
    )

    assert user_row("crm", user, deleted=True) == {
        "system": "crm",
        "id": "7",
        "name": "Åsa",
        "name_key": "åsa",
        "email": "Asa@Acme.example",
        "email_key": "asa@acme.example",
        "search": "åsa\nasa@acme.example",
        "kind": "other",
        "administrator": False,
        "can_login": True,
        "last_login": None,
        "deleted": True,
        "open_requests": 3,
    }
    assert user_row("crm", user)["deleted"] is False
