"""Modals that show what changes, and for whom."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, SectionBlock
from slack_sdk.models.views import View

from licbot.domain.activation import ActivationState
from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.domain.review import Review
from licbot.ports.texts import bold, clip, count, escape, mrkdwn, plain
from licbot_review.table import changes_text

MOST_PEOPLE = 900
A_BLOCK = 10
"""People in one block."""


def changes_view(review: Review) -> View:
    """The changes in a modal."""
    blocks = changes_text(review.changes) or [
        SectionBlock(text=mrkdwn("No number changes: dates or details only."))
    ]
    return _view("Changes", [HeaderBlock(text=plain("What the new licence changes")), *blocks])


def people_view(review: Review, removals: Sequence[Removal], people: Mapping[str, Holder]) -> View:
    """Who loses what."""
    done = review.activation.state is ActivationState.VERIFIED
    labels = {change.module.key: change.module.label for change in review.changes}
    by_user = [
        _person(people.get(user), user, list(lost), labels)
        for user, lost in groupby(sorted(removals), key=lambda removal: removal.user)
    ]
    blocks: list[Block] = [
        SectionBlock(text=mrkdwn("\n".join(some)))
        for some in _batches(sorted(by_user, key=str.casefold)[:MOST_PEOPLE])
    ]
    if len(by_user) > MOST_PEOPLE:
        more = count(len(by_user) - MOST_PEOPLE, "more person", "more people")
        blocks.append(ContextBlock(elements=[mrkdwn(f"… and {more}.")]))
    if not blocks:
        blocks.append(SectionBlock(text=mrkdwn("Nobody loses a licence.")))
    return _view("Who lost what" if done else "Who loses what", blocks)


def _person(
    holder: Holder | None, user: str, removals: Iterable[Removal], labels: Mapping[str, str]
) -> str:
    name = clip(holder.name if holder else user, 60)
    lost = ", ".join(labels.get(removal.module, removal.module) for removal in removals)
    return f"{bold(name)}: {escape(clip(lost, 180))}"


def _batches(lines: Sequence[str]) -> Iterable[Sequence[str]]:
    return (lines[start : start + A_BLOCK] for start in range(0, len(lines), A_BLOCK))


def _view(title: str, blocks: Sequence[Block]) -> View:
    return View(type="modal", title=plain(title, 24), close=plain("Close", 24), blocks=list(blocks))
