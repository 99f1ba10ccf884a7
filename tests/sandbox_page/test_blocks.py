"""Every block and element has a face, also those that licbot does not use."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from licbot.sandbox.elements import with_ids
from licbot.sandbox.markup import Reader
from licbot.sandbox.rendering import Surface, environment
from tests.sandbox_page.gallery import (
    HOME,
    MESSAGE,
    PEOPLE,
    WORDS,
    Json,
    actions,
    context,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    table,
    text_input,
)

READER = Reader(
    users={"U1": "Ada", "U2": "Gone"}, people={"U1": "Ada"}, channels={"C1": "licences"}
)


def drawn(*blocks: Json, **facts: Any) -> str:
    """The HTML of blocks on a modal."""
    numbers = iter(range(1000))
    filled = with_ids(blocks, lambda prefix: f"{prefix}{next(numbers)}")
    surface = Surface(kind="modal", key="V1", reader=READER, **facts)
    template: Any = environment().get_template("blocks.html").module
    return str(template.blocks(surface, filled))


class _Nesting(HTMLParser):
    """Checks that what is opened is closed, in order."""

    VOID = frozenset(("img", "input", "br", "hr"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("blocks", [MESSAGE, WORDS, modal()["blocks"], HOME["blocks"]])
def test_the_gallery_is_well_formed(blocks: list[Json]) -> None:
    html = drawn(*blocks)
    seen = _Nesting()
    seen.feed(html)
    seen.close()
    assert seen.open == []
    assert len(seen.ids) == len(set(seen.ids))
    assert "This page does not show" not in html


def test_what_is_not_known_is_named_rather_than_left_out() -> None:
    assert "blocks of the type video" in drawn({"type": "video"})
    unknown = drawn(actions({"type": "<future>"}))
    assert "elements of the type &lt;future&gt;" in unknown


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        ({"type": "users_select", "initial_user": "U1"}, '<option value="U1" selected>Ada'),
        (
            {"type": "conversations_select", "initial_conversation": "C1"},
            '<option value="C1" selected>licences',
        ),
        ({"type": "channels_select", "initial_channel": "C1"}, '<option value="C1" selected>'),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, 'data-chip="U1"'),
        ({"type": "multi_channels_select", "initial_channels": ["C1"]}, 'data-chip="C1"'),
        ({"type": "multi_external_select", "initial_options": PEOPLE[:1]}, 'data-chip="p1"'),
        ({"type": "external_select", "initial_option": PEOPLE[0]}, 'data-chip="p1"'),
        ({"type": "datepicker", "initial_date": "2027-01-31"}, 'value="2027-01-31"'),
        ({"type": "datetimepicker"}, 'type="datetime-local"'),
        ({"type": "email_text_input", "initial_value": "a@b.example"}, 'type="email"'),
        ({"type": "url_text_input", "initial_value": "https://b.example"}, 'type="url"'),
        ({"type": "plain_text_input", "initial_value": '"><b>'}, 'value="&#34;&gt;&lt;b&gt;"'),
    ],
)
def test_an_element_shows_what_it_starts_with(element: Json, shown: str) -> None:
    html = drawn(text_input("Label", element))
    assert shown in html
    assert "Gone" not in html


def test_what_was_entered_counts_more_than_what_was_given_at_first() -> None:
    element = {"type": "checkboxes", "action_id": "a", "options": PEOPLE[:2]}
    block = actions(element | {"initial_options": PEOPLE[:1]}, block_id="b")
    assert 'value="p1" checked' in drawn(block)

    state = {"b": {"a": {"type": "checkboxes", "selected_options": PEOPLE[1:2]}}}
    html = drawn(block, state=state)
    assert 'value="p2" checked' in html
    assert 'value="p1" checked' not in html


def test_options_stand_under_the_heading_of_their_group() -> None:
    groups = [
        {"label": plain("First"), "options": [option("A", "a", "about A")]},
        {"label": plain("Second"), "options": [option("B", "b")]},
    ]
    single = drawn(actions({"type": "static_select", "option_groups": groups}))
    assert single.index("First") < single.index("about A") < single.index("Second")
    many = drawn(actions({"type": "multi_static_select", "option_groups": groups}))
    assert many.count('role="presentation" class="group"') == 2


def test_an_error_stands_with_its_block() -> None:
    field = text_input("Why", {"type": "plain_text_input"}, block_id="why", hint=plain("Say it"))
    html = drawn(field, section("Other", block_id="other"), errors={"why": "<Missing>"})
    assert html.count("&lt;Missing&gt;") == 1
    assert 'aria-invalid="true"' in html
    assert "&lt;Wrong&gt;" in drawn(section("x", block_id="s"), errors={"s": "<Wrong>"})


def test_a_table_follows_its_own_alignment_and_headings() -> None:
    block = table(("A", "B"), ("x", "1"), ("y", "—"))
    aligned = drawn(block | {"column_settings": [{"align": "center"}]})
    assert aligned.count("align-center") == 3
    assert aligned.count("num") == 3
    data = drawn(block | {"type": "data_table", "caption": "Seats", "row_header_column_index": 0})
    assert data.count('scope="row"') == 2
    assert "<caption>Seats</caption>" in data
    assert "<tbody>" not in drawn(table(("only", "heads")))


def test_pictures_from_elsewhere_are_named_and_not_loaded() -> None:
    picture = {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "A chart"}
    html = drawn(picture | {"title": plain("Seats")}, section("x", accessory=picture), context("y"))
    assert "<img" not in html
    assert html.count('aria-label="A chart"') == 2
    script = drawn(picture | {"image_url": "javascript:alert(1)"})
    assert "javascript" not in script


@pytest.mark.parametrize("level", ["default", "info", "warning", "error", "success", "odd"])
def test_alerts_are_told_apart(level: str) -> None:
    html = drawn({"type": "alert", "level": level, "text": mrkdwn("*Mind*")})
    known = "default" if level == "odd" else level
    assert f"icons.svg#{known}" in html
    assert (' role="alert"' in html) == (level == "error")


def test_a_link_button_opens_beside_the_page_only_where_it_leads_elsewhere() -> None:
    button = {"type": "button", "action_id": "a", "text": plain("Go")}
    assert 'target="_blank" rel="noopener noreferrer"' in drawn(
        actions(button | {"url": "https://a.example"})
    )
    assert "<a" not in drawn(actions(button | {"url": "javascript:alert(1)"}))
