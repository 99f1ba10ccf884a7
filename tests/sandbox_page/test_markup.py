"""Slack's text formats become the HTML they mean, and never any other."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from licbot.sandbox.markdown import markdown
from licbot.sandbox.markup import Reader, mrkdwn, plain, rich_text, text_object

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
READER = Reader(users={"U1": "Ada <b>"}, channels={"C1": "licences"}, now=NOON)
LINK = 'target="_blank" rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~struck~", "<b>bold</b> <i>italic</i> <s>struck</s>"),
        ("*bold _and italic_*", "<b>bold <i>and italic</i></b>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("* not bold *", "* not bold *"),
        ("`*as is* &lt;b&gt;`", "<code>*as is* &lt;b&gt;</code>"),
        ("*`code`*", "<b><code>code</code></b>"),
        ("a &amp;lt; b", "a &amp;lt; b"),
        ("one\ntwo", "one<br>two"),
        ("before\n```\nx = *1*\n```\nafter", "before<pre>x = *1*</pre>after"),
        ("&gt; said\n&gt; twice\nend", "<blockquote>said<br>twice</blockquote>end"),
        ("<https://a.example/x_y|a *b*>", f'<a href="https://a.example/x_y" {LINK}>a <b>b</b></a>'),
        (
            "see https://a.example/b.",
            f'see <a href="https://a.example/b" {LINK}>https://a.example/b</a>.',
        ),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<https://[bad|x>", "&lt;https://[bad|x&gt;"),
        ("<@U1>", '<span class="mention">@Ada &lt;b&gt;</span>'),
        ("<@U9>", '<span class="mention">@U9</span>'),
        ("<#C1|old>", '<span class="mention">#licences</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        ("<!subteam^S1|@admins>", '<span class="mention">@admins</span>'),
        (":unknown: 10:30:00", ":unknown: 10:30:00"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_mrkdwn_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert str(mrkdwn(text, READER)) == html


def test_emoji_have_a_name_for_those_who_do_not_see_them() -> None:
    for text in (":red_circle:", "🔴", "⚠️"):
        assert 'role="img" aria-label="' in mrkdwn(text, READER)
        assert 'role="img" aria-label="' in plain(text)
    assert plain(":bulb: :green_circle:").startswith("💡 <svg")
    kept = {"type": "plain_text", "text": ":red_circle:", "emoji": False}
    assert text_object(kept, READER) == ":red_circle:"


def test_list_items_keep_their_marks_and_depth() -> None:
    html = mrkdwn("• one\n    ◦ two\n1. three", READER)
    assert html.count('class="item depth-0"') == 2
    assert html.count('class="item depth-2"') == 1
    assert '<span class="mark">1.</span> three' in html


@pytest.mark.parametrize(
    ("back", "layout", "shown"),
    [
        (timedelta(0), "{date_num} {time}", "2026-11-24 12:00"),
        (timedelta(0), "{date_pretty} at {time_secs}", "today at 12:00:00"),
        (timedelta(days=1), "{date_short_pretty}", "yesterday"),
        (timedelta(days=-1), "{date_long_pretty}", "tomorrow"),
        (
            timedelta(days=3),
            "{date_short} {date} {date_long}",
            "21 Nov 2026 21 November 2026 Saturday, 21 November 2026",
        ),
        (timedelta(days=3), "{date_pretty}", "21 November 2026"),
        (timedelta(days=3), "{ago}", "3 days ago"),
        (timedelta(hours=1), "{ago}", "1 hour ago"),
        (timedelta(minutes=-5), "{ago}", "in 5 minutes"),
        (timedelta(seconds=5), "{ago}", "just now"),
        (timedelta(0), "{unknown}", "{unknown}"),
    ],
)
def test_dates_are_told_in_the_readers_time(back: timedelta, layout: str, shown: str) -> None:
    seconds = int((NOON - back).timestamp())
    html = mrkdwn(f"<!date^{seconds}^{layout}|then>", READER)
    assert f">{shown}</time>" in html


def test_a_date_can_be_a_link_and_falls_back_to_its_words() -> None:
    assert "<a href=" in mrkdwn("<!date^0^{date}^https://a.example|then>", READER)
    assert mrkdwn("<!date^soon^{date}|then>", READER) == "then"


def test_permalinks_stay_in_the_page() -> None:
    def inside(url: str) -> str:
        return url.removeprefix("http://127.0.0.1")

    reader = Reader(address=inside)
    html = mrkdwn("<http://127.0.0.1/archives/C1/p1|here>", reader)
    assert html == '<a href="/archives/C1/p1" data-inside>here</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## Head ##", '<p class="heading level-4">Head</p>'),
        ("**b** *i* _i_ ~~s~~ `c`", "<p><b>b</b> <i>i</i> <i>i</i> <s>s</s> <code>c</code></p>"),
        ("- a\n- b\n\n1. c", "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"),
        ("> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"),
        ("```py\n<x>\n```\nend", "<pre>&lt;x&gt;</pre><p>end</p>"),
        ("---", "<hr>"),
        (r"\*as is\*", "<p>*as is*</p>"),
        ("[a](https://a.example)", f'<p><a href="https://a.example" {LINK}>a</a></p>'),
        ("[a](javascript:x)", "<p>a</p>"),
        ("para\nmore\n# Head", '<p>para<br>more</p><p class="heading level-3">Head</p>'),
    ],
)
def test_markdown_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert str(markdown(text, READER)) == html


def test_a_table_in_markdown_lines_up_its_figures() -> None:
    html = markdown("| Module | Seats |\n|:--|--:|\n| Sales | 1,200 |\n| Portal | 7 |", READER)
    assert '<th class="">Module</th><th class="num">Seats</th>' in html
    assert '<td class="num">1,200</td>' in html


def test_rich_text_shows_every_kind_of_part() -> None:
    words: list[dict[str, Any]] = [
        {"type": "text", "text": "<x>\n", "style": {"bold": True, "code": True}},
        {"type": "text", "text": "y", "style": {"italic": True, "strike": True, "underline": True}},
        {"type": "link", "url": "https://a.example"},
        {"type": "user", "user_id": "U1"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "emoji", "name": "unknown"},
        {"type": "date", "timestamp": 0, "format": "{date_num}"},
        {"type": "broadcast", "range": "here"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "color", "value": "#fff"},
    ]
    section = {"type": "rich_text_section", "elements": words}
    html = rich_text(
        {
            "elements": [
                section,
                {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section]},
                {"type": "rich_text_quote", "elements": words[:1]},
                {"type": "rich_text_preformatted", "elements": words[:1]},
            ]
        },
        READER,
    )
    assert "<code><b>&lt;x&gt;<br></b></code><u><s><i>y</i></s></u>" in html
    assert ":unknown:" in html
    assert "@Ada &lt;b&gt;" in html
    assert "#fff" in html
    assert '<ul class="depth-1"><li>' in html
    assert "<blockquote>" in html
    assert "<pre>" in html


@pytest.mark.parametrize(
    "piece", ["> ", "&gt;", "*", "_a", "~~", "**a", "[a](", "|", "- ", "<", "`"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (12_000 // len(piece))
    before = time.process_time()
    for render in (mrkdwn, markdown):
        assert render(text, READER)
    assert time.process_time() - before < 1.0


class _Seen(HTMLParser):
    """What a browser would make of a piece of HTML: its elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


TAGS = {"a", "b", "i", "s", "u", "code", "pre", "br", "hr", "p", "ul", "ol", "li", "blockquote"}
TAGS |= {"span", "time", "svg", "use", "div", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"href", "target", "rel", "class", "role", "datetime", "tabindex", "data-inside"}
ATTRIBUTES |= {"aria-label"}
PIECES = [
    "<", ">", "&", "&lt;", '"', "'", "*", "_", "~", "`", "```", "|", "\n", " ", ":", "/", "!",
    "<script>", "</a>", "javascript:", "https://a.example", "onerror=", "<@U1", "<!date^0^{date}",
    "^", "[", "]", "(", ")", "#", "-", "- ", "> ", ":x:", "🔴", "a", "\\", "|--|", "data:text/html",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=30).map("".join)


@given(TEXTS)
@example("\nhttps://a.example")
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    rich = {"elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": text}, {"type": "link", "url": text, "text": text},
        {"type": "emoji", "name": text}, {"type": "user", "user_id": text},
    ]}]}  # fmt: skip
    for html in (
        mrkdwn(text, READER),
        plain(text),
        markdown(text, READER),
        rich_text(rich, READER),
    ):
        seen = _Seen()
        seen.feed(str(html))
        seen.close()
        assert seen.tags <= TAGS
        assert seen.attributes <= ATTRIBUTES
        assert all(a.startswith(("http", "/static/emoji.svg#")) for a in seen.addresses)
