"""What people or files brought is shown as it is, and never becomes part of the message."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from licbot.ports.texts import (
    bold,
    cell,
    clip,
    count,
    day,
    escape,
    mention,
    moment,
    mrkdwn,
    plain,
)

QUICK = settings(deadline=None)  # a busy machine is no failure

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ENTITY = re.compile(r"&(?:amp|lt|gt);")
SPAN = re.compile(r"(?<!\w)([*_~])(?=\S).*?(?<=\S)\1(?!\w)")
CODE = re.compile(r"`[^`]+`")
EMOJI = re.compile(r":[a-z0-9_+'-]+:")
QUOTE = re.compile(r"\s*(?:>|&gt;)")

pieces = st.one_of(
    st.sampled_from(
        (
            "<!channel>",
            "<@U1>",
            "<https://example.com|here>",
            "&lt;!here&gt;",
            "&",
            "*bold*",
            "_italic_",
            "~struck~",
            "`code`",
            "```fence```",
            ":fire:",
            "> quoted",
            "\n",
            "\r\n",
            "a",
            " ",
        )
    ),
    st.text(max_size=4),
)
texts = st.lists(pieces, max_size=6).map("".join)


@QUICK
@given(text=texts)
def test_no_control_sequence_survives(text: str) -> None:
    shown = escape(text)

    assert "<" not in shown
    assert ">" not in shown
    assert "&" not in ENTITY.sub("", shown)


@QUICK
@given(text=texts)
def test_text_stays_on_its_line(text: str) -> None:
    """A new line could begin a quotation or a list, or pass for a line of licbot's own."""
    assert not set(escape(text)) & {"\r", "\n"}


def as_read(shown: str) -> str:
    """What stands on the screen for Slack's three entities."""
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@QUICK
@given(text=st.text(alphabet=st.characters(exclude_characters="*_~`:\r\n" + TURNS)))
@example(text="&amp; is not &, nor is <b> bold")
def test_text_without_marks_is_read_exactly_as_written(text: str) -> None:
    assert as_read(escape(f"Oslo {text}")) == f"Oslo {text}"


@QUICK
@given(text=texts)
def test_no_letter_is_lost(text: str) -> None:
    def letters(shown: str) -> list[str]:
        return [character for character in shown if character.isalnum()]

    assert letters(as_read(escape(text))) == letters(text)


@QUICK
@given(text=texts)
@example(text="*bold*")
@example(text="`code`")
def test_no_formatting_survives(text: str) -> None:
    assert not SPAN.search(escape(text))
    assert not CODE.search(escape(text))


@QUICK
@given(text=texts.map(str.strip).filter(bool))
@example(text="5* hotel")
def test_bold_text_is_bold_from_end_to_end(text: str) -> None:
    shown = bold(text)
    match = SPAN.match(shown)

    assert match
    assert match[0] == shown


@pytest.mark.parametrize("turn", TURNS)
def test_no_text_turns_the_direction_of_ours(turn: str) -> None:
    name = f"{turn}elpmaxe {turn}רינה"

    for shown in (escape(name), plain(name).text, cell(name)["text"]):
        assert turn not in shown
        assert shown.endswith("רינה"), "what is written from right to left stays as it is"


def test_bold_text_is_escaped() -> None:
    assert bold("R&D <Oslo>") == "*R&amp;D &lt;Oslo&gt;*"


@QUICK
@given(text=texts)
@example(text=":fire:")
def test_no_emoji_is_made_of_a_name(text: str) -> None:
    assert not EMOJI.search(escape(text))


@QUICK
@given(text=texts)
@example(text="> quoted")
def test_no_quotation_begins(text: str) -> None:
    assert not QUOTE.match(escape(text))


@QUICK
@given(text=st.text(), length=st.integers(min_value=1, max_value=30))
def test_a_clipped_text_is_never_too_long_and_says_that_it_was_cut(text: str, length: int) -> None:
    clipped = clip(text, length)

    assert len(clipped) <= length
    if len(text) <= length:
        assert clipped == text
    else:
        assert clipped.endswith("…")
        assert text.startswith(clipped[:-1])


def test_a_cut_leaves_no_blank_before_the_ellipsis() -> None:
    assert clip("Sales Premium", 7) == "Sales…"
    assert clip("Sales Premium", 13) == "Sales Premium"
    assert clip("Sales", 1) == "…"


@QUICK
@given(text=st.text(), length=st.integers(min_value=1, max_value=75))
def test_plain_text_is_one_line_that_fits_and_is_never_empty(text: str, length: int) -> None:
    shown = plain(text, length)

    assert 1 <= len(shown.text) <= length
    assert " ".join(shown.text.split()) == shown.text
    assert shown.to_dict() == {"type": "plain_text", "text": shown.text, "emoji": False}


def test_plain_text_is_not_escaped() -> None:
    assert plain(" R&D\n <Oslo> ").text == "R&D <Oslo>"
    assert plain(" \n").text == "–"


@QUICK
@given(text=st.text(min_size=1, max_size=3100))
@example(text="x" * 3001)
def test_marked_up_text_is_cut_to_fit_and_left_alone_otherwise(text: str) -> None:
    shown = mrkdwn(text)

    assert shown.to_dict() == {"type": "mrkdwn", "text": clip(text, 3000), "verbatim": True}


def test_a_person_is_named_by_mention_and_licbot_by_name() -> None:
    assert mention("U1") == "<@U1>"
    assert mention("") == "licbot"


@QUICK
@given(number=st.integers(min_value=0, max_value=10**9))
def test_a_number_agrees_with_its_noun(number: int) -> None:
    shown, noun = count(number, "person", "people").split(" ")

    assert int(shown.replace(",", "")) == number
    assert noun == ("person" if number == 1 else "people")
    assert re.fullmatch(r"\d{1,3}(,\d{3})*", shown)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 seats"), (1, "1 seat"), (2, "2 seats"), (12_000, "12,000 seats")],
)
def test_most_nouns_take_an_s(number: int, shown: str) -> None:
    assert count(number, "seat") == shown


def test_a_day_is_written_out() -> None:
    assert day(date(2027, 3, 7)) == "7 March 2027"
    assert day(datetime(2026, 11, 24, 23, 59, tzinfo=UTC)) == "24 November 2026"
    assert day(None) == "never"


@QUICK
@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_shown_as_its_day(moment: datetime) -> None:
    assert day(moment) == day(moment.date())


@QUICK
@given(text=st.text())
def test_a_cell_is_one_line_that_fits_and_is_never_empty(text: str) -> None:
    shown = cell(text)

    assert shown["type"] == "raw_text"
    assert 1 <= len(shown["text"]) <= 300
    assert " ".join(shown["text"].split()) == shown["text"]


def test_a_moment_is_shown_in_the_readers_time_and_in_utc_where_that_fails() -> None:
    at = datetime(2026, 11, 24, 9, 5, 59, 999_999, tzinfo=UTC)

    assert moment(at) == (
        "<!date^1795511159^{date_short_pretty} {time}|24 November 2026, 09:05 UTC>"
    )
