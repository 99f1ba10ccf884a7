"""Lists of any length in modals: many lines in few blocks, and buttons to turn the page."""

from collections.abc import Callable, Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock
from slack_sdk.models.views import View

from licbot.ports.texts import mrkdwn, plain

A_BLOCK = 2900
"""Characters in one block; Slack takes 3,000."""

MOST_BLOCKS = 90
MOST_BYTES = 180_000
"""Of a view Slack takes 100 blocks and 250 kB, with all that is around the text."""


def packed(
    lines: Sequence[str],
    rest: Callable[[int], str],
    *,
    blocks: int = MOST_BLOCKS,
    size: int = MOST_BYTES,
) -> list[Block]:
    """Lines of mrkdwn, each up to 2,900 characters, in as few blocks as they fit into.

    rest: what is said where so many lines are left out. blocks, size: how many blocks and bytes
    of text there may be.
    """
    filled: list[str] = []
    taken = 0
    for line in lines:
        size -= len(line.encode()) + 1
        fits = bool(filled) and len(filled[-1]) + 1 + len(line) <= A_BLOCK
        if size < 0 or not (fits or len(filled) < blocks):
            break
        if fits:
            filled[-1] += f"\n{line}"
        else:
            filled.append(line)
        taken += 1
    made: list[Block] = [SectionBlock(text=mrkdwn(text)) for text in filled]
    if taken < len(lines):
        made.append(ContextBlock(elements=[mrkdwn(rest(len(lines) - taken))]))
    return made


def page_count(total: int, size: int) -> int:
    """How many pages of a size there are; an empty list has one."""
    return max(1, -(-total // size))


def page_number(text: str, pages: int) -> int:
    """A page, from 0, as a button carries it; the nearest there is."""
    return min(int(text), pages - 1) if text.isdecimal() else 0


def pager(action: str, page: int, pages: int, said: str, value: str = "") -> list[Block]:
    """Where someone is, and buttons to the other pages.

    action: what the action_ids begin with. page: from 0. said: what is listed, in words.
    value: what the buttons carry before the page.
    """
    if pages == 1:
        return [ContextBlock(elements=[mrkdwn(said)])]
    turns = [
        ("First page", 0, "first", page > 0),
        ("Previous page", page - 1, "previous", page > 0),
        ("Next page", page + 1, "next", page + 1 < pages),
        ("Last page", pages - 1, "last", page + 1 < pages),
    ]
    buttons = [
        ButtonElement(text=plain(label), action_id=f"{action}:{name}", value=f"{value}{target}")
        for label, target, name, offered in turns
        if offered
    ]
    where = f"{said} · page {page + 1:,} of {pages:,}"
    return [ContextBlock(elements=[mrkdwn(where)]), ActionsBlock(elements=buttons)]


def list_modal(title: str, blocks: Sequence[Block]) -> View:
    """A modal that only shows; its title has up to 24 characters."""
    return View(type="modal", title=plain(title, 24), close=plain("Close", 24), blocks=list(blocks))
