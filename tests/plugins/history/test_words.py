"""What happened, told in plain words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.changes import Change, compare
from licbot.domain.events import ActivationStarted, Event, OfferFound, RemovalsPlanned
from licbot.flows.history import Entry, Story
from licbot.ports.texts import moment
from licbot.testing import START, license_set, module_license, offer
from licbot_history.views import EVENTS, story_view
from licbot_history.words import (
    STATES,
    change_lines,
    event_lines,
    heading,
    nobody,
    people_line,
    summary,
    told,
)

S = ActivationState
BEFORE = license_set(module_license("sales", 5), module_license("travel", 2))
AFTER = license_set(module_license("sales", 3), module_license("travel", 2))
OFFER = offer(AFTER)
CHANGES = compare(BEFORE, AFTER, {"sales": 4}, {"sales": 1})
MINUTE = timedelta(minutes=1)


def entry(state: S = S.VERIFIED, changes: tuple[Change, ...] = CHANGES, people: int = 1) -> Entry:
    activation = Activation(
        id="a1",
        system="crm",
        owner="acme",
        offer_digest=OFFER.digest,
        sequence=1,
        state=state,
        found_at=START,
        acted_at=START,
    )
    return Entry(activation=activation, offer=OFFER, changes=changes, people=people)


def planned(detail: str, minutes: int, actor: str = "U1") -> tuple[str, Event]:
    at = START + minutes * MINUTE
    return "RemovalsPlanned", RemovalsPlanned(activation="a1", at=at, actor=actor, detail=detail)


@pytest.mark.parametrize("kind", [each.__name__ for each in Event.__subclasses__()])
def test_every_kind_of_event_has_words_of_its_own(kind: str) -> None:
    event = Event(activation="a1", at=START, actor="U1", detail="1 seat of 1 person")
    words = told(kind, event)
    assert words.startswith("<@U1> ")
    assert "no words for" not in words
    assert kind not in words


def test_an_event_of_a_later_licbot_is_told_without_its_name() -> None:
    words = told("SeatsCounted", Event(activation="a1", at=START, detail="{who} *x*"))
    assert words == "licbot did something that this version of licbot has no words for"


def test_details_are_shown_and_never_interpreted() -> None:
    hostile = "<!channel> {who} *x*" + "y" * 900
    words = told("ActivationFailed", Event(activation="a1", at=START, detail=hostile))
    assert words.startswith("licbot could not activate it: &lt;!channel&gt; {who} ∗x∗")
    assert len(words) < 400


@pytest.mark.parametrize(
    ("detail", "actor", "words"),
    [
        ("+2 -0", "U1", "<@U1> planned to take 2 seats"),
        ("+0 -1", "U1", "<@U1> let people keep 1 seat"),
        ("+1 -2", "U1", "<@U1> planned to take 1 seat and let people keep 2 seats"),
        ("+3 -0", "", "licbot took 3 planned seats over from the licence before"),
        ("", "U1", "<@U1> planned to take 0 seats"),
    ],
)
def test_plans_are_told_in_seats(detail: str, actor: str, words: str) -> None:
    assert told(*planned(detail, 0, actor)) == words


def test_an_activation_that_takes_nothing_says_that_nobody_loses() -> None:
    started = ActivationStarted(activation="a1", at=START, detail="0 seats of 0 people")
    assert told("ActivationStarted", started).endswith("nobody loses a licence by it")


def test_picks_of_one_person_in_a_row_are_one_event() -> None:
    found = ("OfferFound", OfferFound(activation="a1", at=START))
    lines = event_lines(
        [
            found,
            planned("+1 -0", 1),
            planned("+1 -0", 2),
            planned("+0 -1", 3),
            planned("+1 -0", 4, "U2"),
            planned("+1 -0", 5),
            planned("+1 -0", 50),
            found,
            found,
        ]
    )
    begin, end = moment(START + MINUTE), moment(START + 3 * MINUTE)
    both = "planned to take 2 seats and let people keep 1 seat"
    assert lines[1] == f"{begin} to {end} · <@U1> {both}"
    assert [line.partition(" · ")[2] for line in lines[2:5]] == [
        "<@U2> planned to take 1 seat",
        "<@U1> planned to take 1 seat",
        "<@U1> planned to take 1 seat",
    ]
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("state", "line", "head", "who"),
    [
        (S.VERIFIED, "Changed: Sales 5 → 3.", "What changed", "1 person lost licences."),
        (S.REVIEW, "Would change: Sales 5 → 3.", "What would change", "1 person loses licences."),
        (
            S.FAILED,
            "Would change: Sales 5 → 3.",
            "What would change",
            "1 person was to lose licences.",
        ),
        (
            S.SUPERSEDED,
            "Would have changed: Sales 5 → 3.",
            "What would have changed",
            "1 person was to lose licences.",
        ),
    ],
)
def test_what_changed_is_told_as_far_as_it_came(state: S, line: str, head: str, who: str) -> None:
    one = entry(state)
    assert (summary(one), heading(one), people_line(one)) == (line, head, who)


def test_what_was_never_started_changed_nothing_and_took_nothing() -> None:
    never = entry(S.SUPERSEDED, ())
    assert summary(never) == "Nothing changed."
    assert heading(never) == "What it would have granted"
    assert change_lines(never) == ["*Sales*: 3", "*Travel*: 2"]
    assert people_line(never) == ""


def test_a_renewal_says_that_no_number_changes() -> None:
    same = compare(AFTER, AFTER, {})
    assert summary(entry(S.VERIFIED, same)).startswith("No number changed")
    assert summary(entry(S.REVIEW, same)) == "No number changes."
    assert people_line(entry(S.REVIEW, same, people=0)) == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.VERIFIED, "5 before, 3 after (−2) · 4 in use then · 1 seat taken"),
        (S.ACTIVATING, "5 before, 3 after (−2) · 4 in use then · 1 seat to be taken"),
        (S.REVIEW, "5 before, 3 after (−2) · 4 in use now · 1 seat to be taken"),
    ],
)
def test_each_change_has_its_numbers(state: S, words: str) -> None:
    assert change_lines(entry(state)) == [f"*Sales*: {words}"]


def test_red_and_unrestricted_licences_say_so() -> None:
    wide = license_set(module_license("sales", 3), module_license("travel", 2, unrestricted=True))
    [sales, travel] = change_lines(entry(S.REVIEW, compare(BEFORE, wide, {"sales": 5})))
    assert sales.endswith("red: 2 seats must go")
    assert travel == "*Travel*: 2 before, unrestricted after · 0 in use now"
    short = compare(AFTER, AFTER, {"sales": 4})
    assert summary(entry(S.REVIEW, short)) == "Would change: Sales stays at 3."


def test_that_nobody_loses_anything_is_said_only_where_it_is_known() -> None:
    short = compare(BEFORE, AFTER, {"sales": 5})
    assert nobody(entry(S.REVIEW, short, people=0)) == "Nobody is picked yet."
    assert nobody(entry(S.REVIEW, CHANGES, people=0)) == "Nobody loses a licence."
    assert nobody(entry(S.SUPERSEDED, (), people=3)) == "Nobody lost a licence."


def test_only_the_first_changes_are_named_in_a_line() -> None:
    many = license_set(*(module_license(f"m{number}", 1) for number in range(9)))
    line = summary(entry(S.VERIFIED, compare(None, many, {})))
    assert line == "Changed: M0 0 → 1, M1 0 → 1, M2 0 → 1, M3 0 → 1 and 5 more licences."


def test_every_state_has_words() -> None:
    assert set(STATES) == set(ActivationState)


def test_a_long_story_has_pages() -> None:
    events = [planned("+1 -0", 0, f"U{number}") for number in range(EVENTS + 1)]
    story = Story(entry=replace(entry(), people=0), events=events)
    first, second = (str(story_view(story, page).to_dict()) for page in ("0", "1"))
    assert "<@U59>" in first
    assert "<@U60>" not in first
    assert "What changed" in first
    assert "<@U60>" in second
    assert "What changed" not in second
    assert str(story_view(story, "99").to_dict()) == second
    assert str(story_view(story, "nonsense").to_dict()) == first


@pytest.mark.parametrize(
    ("state", "reassigned", "words"),
    [
        (S.VERIFIED, 0, "3 people lost licences."),
        (S.VERIFIED, 2, "3 people lost licences. 2 of them got another plan instead."),
        (S.REVIEW, 1, "3 people lose licences. 1 of them gets another plan instead."),
        (S.FAILED, 1, "3 people were to lose licences. 1 of them was to get another plan instead."),
    ],
)
def test_who_gets_another_plan_is_counted(state: S, reassigned: int, words: str) -> None:
    assert people_line(replace(entry(state, people=3), reassigned=reassigned)) == words


def test_seats_that_are_given_stand_beside_those_taken() -> None:
    changes = compare(
        AFTER, AFTER, {"sales": 1, "travel": 1}, {"sales": 1, "travel": -2}, {"travel": 2}
    )

    [travel] = change_lines(entry(S.REVIEW, changes))

    assert "2 seats to be given" in travel
    assert "red: 1 seat too many to be given" in travel
    assert "taken" not in travel


def test_plans_that_were_chosen_are_told_with_the_picks() -> None:
    lines = event_lines([planned("+2 -0 ~1", 0), planned("+1 -0", 1), planned("+1 -1 ~1", 2)])

    assert len(lines) == 1
    assert "planned to take 4 seats and to give another plan for 2 of them" in lines[0]
    assert "let people keep 1 seat" in lines[0]
