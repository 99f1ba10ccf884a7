"""The changes as a table, with the columns of SuperOffice's own dialog."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, SectionBlock, TableBlock

from licbot.domain.changes import Change, carried_out, shown
from licbot.domain.licenses import LicenseType
from licbot.ports.texts import bold, cell, clip, count, mrkdwn

COLUMNS = ("Licence", "In use", "Total", "+/−", "New total", "New free")
MOST_ROWS = 98
"""Slack takes 100 rows; the heading and the line on what is left out are two of them."""

LABEL = 44
"""Characters of a name: Slack takes 10,000 in a table."""


def changes_table(changes: Sequence[Change], *, done: bool = False) -> Block:
    """A table of the changes that people see; for messages, since modals take none.

    done: whether they are carried out, so that the figures are those after it.
    """
    rows = [[cell(word) for word in COLUMNS]]
    visible = [carried_out(change) if done else change for change in shown(changes)]
    if len(visible) > MOST_ROWS:
        visible.sort(key=lambda change: not change.is_red)
    rows += [_row(change) for change in visible[:MOST_ROWS]]
    if len(visible) > MOST_ROWS:
        left_out = count(len(visible) - MOST_ROWS, "more licence")
        rows.append([cell(f"… and {left_out}"), *(cell("") for _ in COLUMNS[1:])])
    right = [{"align": "right"} for _ in COLUMNS[1:]]
    return TableBlock(rows=rows, column_settings=[{"is_wrapped": True}, *right])


def _row(change: Change) -> list[dict[str, str]]:
    return [cell(_name(change)), *(cell(figure) for figure in figures(change))]


def _name(change: Change) -> str:
    label = clip(change.module.label, LABEL)
    if change.is_red and change.surplus:
        return f"🔴 {label} (red: {change.remaining:,} must go)"
    if change.is_red:
        return f"🔴 {label} (red: {change.remaining:,} too many are to get it)"
    if change.surplus:
        return f"{label} (picked: {change.surplus:,})"
    return f"{label} (to be given: {change.given:,})" if change.given else label


def figures(change: Change) -> tuple[str, str, str, str, str]:
    """In use, total, difference, new total, new free, as they are shown."""
    in_use = "–" if change.module.type is LicenseType.SYSTEM else f"{change.in_use:,}"
    if not change.restricted:
        return in_use, f"{change.total:,}", "–", "unrestricted", "–"
    return (
        in_use,
        f"{change.total:,}",
        signed(change.added),
        f"{change.new_total:,}",
        signed(change.new_free, plus=False),
    )


def signed(number: int, *, plus: bool = True) -> str:
    """A number with a real minus sign, and a plus where it is wanted."""
    if number < 0:
        return f"−{-number:,}"
    return f"+{number:,}" if plus and number else f"{number:,}"


def changes_text(changes: Sequence[Change]) -> Sequence[Block]:
    """The changes in words, for modals."""
    return [
        SectionBlock(text=mrkdwn(f"{bold(change.module.label)}\n{_sentence(change)}"))
        for change in shown(changes)[:90]
    ]


def _sentence(change: Change) -> str:
    words = zip(COLUMNS[1:], figures(change), strict=True)
    line = " · ".join(f"{word} {figure}" for word, figure in words)
    if change.given:
        line = f"{line} · {count(change.given, 'seat')} to be given"
    if change.is_red and change.surplus:
        return f"{line}\n:red_circle: red: {count(change.remaining, 'seat')} must go"
    if change.is_red:
        return f"{line}\n:red_circle: red: {count(change.remaining, 'seat')} too many"
    return line
