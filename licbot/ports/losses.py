"""Who loses, or lost, which licences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from slack_sdk.models.blocks import SectionBlock
from slack_sdk.models.views import View

from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.ports.lists import list_modal, packed
from licbot.ports.texts import bold, clip, count, escape, mrkdwn


@dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """The seats that an activation takes.

    people: the users concerned, as far as the system still knows them. labels: what people read,
    by module key. done: whether the seats are taken.
    """

    removals: Sequence[Removal]
    people: Mapping[str, Holder]
    labels: Mapping[str, str]
    done: bool


def losses_view(losses: Losses) -> View:
    """The people with what each of them loses, by their names."""
    people = [
        _person(losses, user, lost)
        for user, lost in groupby(sorted(losses.removals), key=lambda removal: removal.user)
    ]
    blocks = packed(
        sorted(people, key=str.casefold),
        lambda left: f"… and {count(left, 'more person', 'more people')}.",
    )
    title = "Who lost what" if losses.done else "Who loses what"
    nobody = SectionBlock(text=mrkdwn("Nobody loses a licence."))
    return list_modal(title, blocks or [nobody])


def _person(losses: Losses, user: str, removals: Iterable[Removal]) -> str:
    holder = losses.people.get(user)
    name = clip(holder.name if holder else user, 60)
    mine = list(removals)
    lost = ", ".join(losses.labels.get(each.module, each.module) for each in mine)
    plans = [losses.labels.get(each.instead, each.instead) for each in mine if each.instead]
    got = "got" if losses.done else "gets"
    more = f"; {got} {clip(' and '.join(plans), 80)} instead" if plans else ""
    return f"{bold(name)}: {escape(clip(lost, 180) + more)}"
