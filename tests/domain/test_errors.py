"""Every error says to people what is wrong and what to do, and stands in the tree."""

import re

import pytest

from licbot.domain import errors
from licbot.domain.errors import LicbotError, OfferRefused, Refused, SurplusRemains

CLASSES = [
    thing
    for thing in vars(errors).values()
    if isinstance(thing, type) and issubclass(thing, LicbotError)
]


def first_paragraph(error: type[LicbotError]) -> str:
    """What people are to read: the first paragraph of the docstring, on one line."""
    return " ".join((error.__doc__ or "").split("\n\n")[0].split())


def drawn_tree() -> list[tuple[str, str]]:
    """Each class of the drawing with the one it hangs from."""
    above: dict[int, str] = {}
    pairs = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│├└─ ]*)([A-Z]\w+)( {2,}\S.*)?$", line)
        if match:
            depth = len(match[1]) // 4
            above[depth] = match[2]
            pairs.append((match[2], above[depth - 1] if depth else "Exception"))
    return pairs


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    assert drawn_tree() == [(error.__name__, error.__bases__[0].__name__) for error in CLASSES]


@pytest.mark.parametrize("error", CLASSES)
def test_the_docstring_says_what_is_wrong_and_then_the_cure(error: type[LicbotError]) -> None:
    sentences = re.split(r"(?<=\.) ", first_paragraph(error))

    assert len(sentences) >= 2
    assert all(re.fullmatch(r"[A-Zl][^.]{8,}\.", sentence) for sentence in sentences)


@pytest.mark.parametrize("error", [error for error in CLASSES if error is not OfferRefused])
def test_an_error_without_words_says_its_docstring(error: type[LicbotError]) -> None:
    assert error().message == first_paragraph(error)
    assert str(error()) == first_paragraph(error)


def test_an_error_with_words_says_those() -> None:
    assert SurplusRemains("Three more people have to go.").message == (
        "Three more people have to go."
    )
    assert isinstance(SurplusRemains(), Refused)


def test_a_refused_offer_knows_the_check_it_failed() -> None:
    error = OfferRefused("The signature does not hold. Ask the issuer for a new file.", check=3)

    assert error.check == 3
    assert error.message == "The signature does not hold. Ask the issuer for a new file."
    assert OfferRefused("This file is not a licence. Ask the issuer for one.").check == 0


def test_only_a_fault_of_the_clock_may_pass_by_itself() -> None:
    may_pass = [check for check in range(9) if OfferRefused("Wait a while.", check=check).may_pass]

    assert may_pass == [5]
