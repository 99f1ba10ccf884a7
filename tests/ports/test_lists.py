"""Lists of any length fit into what Slack takes."""

import pytest

from licbot.ports.lists import A_BLOCK, list_modal, packed, page_count, page_number, pager
from licbot.sandbox.rules import view_bytes


def rest(left: int) -> str:
    return f"… and {left} more."


def test_nothing_is_no_block() -> None:
    assert packed([], rest) == []


def test_lines_share_blocks_and_none_is_cut() -> None:
    lines = [f"{number:04} " + "x" * 995 for number in range(9)]
    blocks = [block.to_dict() for block in packed(lines, rest)]
    assert [block["type"] for block in blocks] == ["section"] * 5
    assert "\n".join(block["text"]["text"] for block in blocks).split("\n") == lines


def test_what_does_not_fit_is_counted() -> None:
    *kept, last = packed(["x" * A_BLOCK] * 9, rest, blocks=3)
    assert len(kept) == 3
    assert last.to_dict()["elements"][0]["text"] == "… and 6 more."
    *kept, last = packed(["é" * 10] * 9, rest, size=50)
    assert kept[0].to_dict()["text"]["text"].count("\n") == 1
    assert last.to_dict()["elements"][0]["text"] == "… and 7 more."


@pytest.mark.parametrize("line", ["𝔚" * A_BLOCK, "&amp;" * 580, "short"])
def test_the_fullest_modal_is_small_enough_for_slack(line: str) -> None:
    view = list_modal("Many", packed([line] * 50_000, rest)).to_dict()
    assert len(view["blocks"]) <= 100
    assert view_bytes(view) < 250_000


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (10, 1), (11, 2), (1000, 100)])
def test_pages_are_counted(total: int, pages: int) -> None:
    assert page_count(total, 10) == pages


@pytest.mark.parametrize(("text", "page"), [("0", 0), ("2", 2), ("3", 2), ("-1", 0), ("x", 0)])
def test_a_page_that_is_not_there_is_the_nearest_or_the_first(text: str, page: int) -> None:
    assert page_number(text, 3) == page


def test_a_single_page_has_no_buttons() -> None:
    assert [block.type for block in pager("a:page", 0, 1, "3 things")] == ["context"]


def test_the_buttons_lead_where_there_are_pages() -> None:
    [said, buttons] = [block.to_dict() for block in pager("a:page", 1, 3, "30 things", "x:")]
    assert said["elements"][0]["text"] == "30 things · page 2 of 3"
    assert [button["value"] for button in buttons["elements"]] == ["x:0", "x:0", "x:2", "x:2"]
    assert len({button["action_id"] for button in buttons["elements"]}) == 4
    [_, first] = [block.to_dict() for block in pager("a:page", 0, 3, "30 things")]
    assert [each["text"]["text"] for each in first["elements"]] == ["Next page", "Last page"]
