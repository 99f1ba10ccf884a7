"""The modal *Remove superfluous licences*."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import islice

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    Option,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from licbot.domain.changes import Change
from licbot.domain.people import Holder, HolderFilter, HolderOrder
from licbot.domain.replacements import Replacement
from licbot.ports.conversation import Selection
from licbot.ports.ports import Ports
from licbot.ports.texts import clip, count, escape, moment, mrkdwn, plain
from licbot_deselect.boxes import check_boxes, groups
from licbot_deselect.listing import PAGE, Listing
from licbot_deselect.spot import LOSE, PICKED, SEARCH_LENGTH, module_ref, write_spot

SEARCH_BLOCK = "search"

MOST_WAYS = 98
"""Slack takes 100 options in a select."""

FILTERS = {
    HolderFilter.ALL: "All holders",
    HolderFilter.ASSOCIATES: "Associates",
    HolderFilter.OTHERS: "Other users",
    HolderFilter.NO_LOGIN: "May not sign in",
    HolderFilter.UNKNOWN: "Last sign-in unknown",
    PICKED: "Picked",
}
ORDERS = {
    HolderOrder.LEAST_RECENT: "Least recently signed in first",
    HolderOrder.MOST_RECENT: "Most recently signed in first",
    HolderOrder.NAME: "By name",
}


def list_view(
    listing: Listing, ports: Ports, shown: Sequence[Selection] = (), note: str = ""
) -> View:
    """The modal.

    note: what did not come about, in words.
    shown: the groups as the client has them; one that already shows what is stored keeps its
    block, so that nothing jumps under the person's hands.
    """
    return View(
        type="modal",
        callback_id="deselect:confirm",
        title=plain("Superfluous licences", 24),
        submit=plain("OK", 24),
        close=plain("Close", 24),
        private_metadata=write_spot(listing.spot),
        blocks=[
            *_counts(listing),
            *_controls(listing),
            *_way(listing),
            DividerBlock(),
            *_note(note),
            *_people(listing, ports, shown),
            *_pager(listing),
            *_age(listing),
        ],
    )


def _counts(listing: Listing) -> list[Block]:
    change = listing.change
    missing = change.remaining
    left = f":red_circle: *{missing:,}*" if missing else ":white_check_mark: *0*: enough are picked"
    return [
        HeaderBlock(text=plain(f"Remove superfluous licences: {change.module.label}", 150)),
        SectionBlock(
            fields=[
                mrkdwn(f"*In use*\n{change.in_use:,}"),
                mrkdwn(f"*Available*\n{change.new_total:,}"),
                mrkdwn(f"*To remove*\n{change.surplus:,}"),
                mrkdwn(f"*Still to remove*\n{left}"),
            ],
        ),
        ContextBlock(elements=[mrkdwn(_explained(change))]),
    ]


def _explained(change: Change) -> str:
    words = (
        "Ticks are kept at once, also when you close this. Nobody loses anything before "
        "*Activate* is confirmed."
    )
    over = change.planned - change.surplus
    if over > 0:
        words += f" {count(over, 'seat')} more than needed are planned."
    if change.module.hidden:
        words += " This licence comes with user plans: whoever is picked loses the plan too."
    return words


def _controls(listing: Listing) -> list[Block]:
    spot, missing = listing.spot, listing.pickable
    search = PlainTextInputElement(
        action_id="deselect:search",
        initial_value=spot.search or None,
        max_length=SEARCH_LENGTH,
        placeholder=plain("Name or e-mail address", 150),
        dispatch_action_config={"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]},
    )
    buttons = [
        ButtonElement(
            text=plain(f"Pick the {missing:,} least recent", 75),
            action_id="deselect:idle",
            value=str(missing),
        )
    ]
    clear = ButtonElement(text=plain("Clear all ticks"), action_id="deselect:clear", value="all")
    return [
        InputBlock(
            block_id=SEARCH_BLOCK,
            label=plain("Search"),
            element=search,
            dispatch_action=True,
            optional=True,
        ),
        ActionsBlock(
            block_id="controls",
            elements=[
                _select("deselect:filter", "Filter", FILTERS, spot.filter),
                _select("deselect:order", "Order", ORDERS, spot.order),
                *(buttons if missing and _knows_sign_ins(listing) else []),
                clear,
            ],
        ),
    ]


def _knows_sign_ins(listing: Listing) -> bool:
    """Whether "least recent" can pick anybody: those whose last sign-in is known come first."""
    by_name = listing.spot.order is HolderOrder.NAME
    return by_name or any(holder.last_login for holder in listing.page.holders)


def _way(listing: Listing) -> list[Block]:
    """What becomes of those who are ticked; nothing where there is no choice."""
    chosen = listing.spot.instead
    refs = [(module_ref(each.plan.key), each) for each in listing.replacements]
    ways = {
        ref: _offer(each) for ref, each in refs if each.free is None or each.free or ref == chosen
    }
    if not ways:
        return []
    few = dict(islice(ways.items(), MOST_WAYS)) | {
        ref: ways[ref] for ref in [chosen] if ref in ways
    }
    select = _select("deselect:way", "Those you tick", {LOSE: "lose the licence", **few}, chosen)
    return [SectionBlock(block_id="way", text=mrkdwn("*Those you tick*"), accessory=select)]


def _offer(replacement: Replacement) -> str:
    free = "unrestricted" if replacement.free is None else f"{replacement.free:,} free"
    return f"get {clip(replacement.plan.label, 40)} instead ({free})"


def _note(note: str) -> list[Block]:
    return [SectionBlock(text=mrkdwn(f":warning: {escape(note)}"))] if note else []


def _select(
    action_id: str, label: str, words: Mapping[str, str] | Mapping[HolderOrder, str], chosen: str
) -> StaticSelectElement:
    options = {
        str(value): Option(value=str(value), text=plain(word, 75)) for value, word in words.items()
    }
    return StaticSelectElement(
        action_id=action_id,
        placeholder=plain(label, 150),
        options=list(options.values()),
        initial_option=options.get(str(chosen)) or next(iter(options.values())),
    )


def _people(listing: Listing, ports: Ports, shown: Sequence[Selection]) -> list[Block]:
    if not listing.page.holders:
        return [SectionBlock(text=mrkdwn(_nobody(listing)))]
    first = listing.spot.page * PAGE + 1
    blocks: list[Block] = []
    for number, holders in enumerate(groups(listing.page.holders)):
        start = first + number * 10
        blocks.append(
            InputBlock(
                block_id=_block_id(listing, holders, shown),
                label=plain(f"Users {start:,} to {start + len(holders) - 1:,}"),
                element=check_boxes(f"deselect:tick:{number}", holders, listing.marks, ports),
                dispatch_action=True,
                optional=True,
            )
        )
    return blocks


def _nobody(listing: Listing) -> str:
    if listing.spot.search:
        return f"Nobody matches “{escape(listing.spot.search)}”. Try a shorter search."
    if listing.spot.filter != HolderFilter.ALL:
        return "Nobody matches this filter. Choose another one."
    if listing.change.in_use:
        seats = count(listing.change.in_use, "seat is", "seats are")
        return (
            f"{seats} in use, but the licensed system does not list who holds them. Take them away "
            "there by hand, then read the list anew; the people who run licbot see what is missing "
            "with `licbot check`."
        )
    return "Nobody holds this licence."


def _block_id(listing: Listing, holders: Sequence[Holder], shown: Sequence[Selection]) -> str:
    """A client keeps its own ticks for a block it knows: a new id makes it take the stored ones."""
    users = frozenset(holder.id for holder in holders)
    picked = users & listing.marks.picked
    for group in shown:
        if group.listed == users and group.ticked == picked:
            return group.block_id
    who = hashlib.sha256("\n".join(sorted(users)).encode()).hexdigest()[:12]
    drawn = f"users-{who}-{listing.review.activation.version}"
    # What was refused left no trace by which the id would be another one.
    return f"{drawn}-again" if drawn in {group.block_id for group in shown} else drawn


def _pager(listing: Listing) -> list[Block]:
    page, pages, total = listing.spot.page, listing.pages, listing.page.total
    where = f"{count(total, 'user')} · page {page + 1:,} of {pages:,}"
    buttons = []
    if page > 0:
        buttons.append(_turn("First page", 0, "first"))
        buttons.append(_turn("Previous page", page - 1, "previous"))
    if page + 1 < pages:
        buttons.append(_turn("Next page", page + 1, "next"))
        buttons.append(_turn("Last page", pages - 1, "last"))
    blocks: list[Block] = [ContextBlock(elements=[mrkdwn(where)])]
    return [*blocks, ActionsBlock(block_id="pager", elements=buttons)] if buttons else blocks


def _age(listing: Listing) -> list[Block]:
    """How old the list is, where the licensed system is not asked each time."""
    if listing.page.as_of is None:
        return []
    words = f"Who holds what was read {moment(listing.page.as_of)}."
    button = ButtonElement(
        text=plain("Read anew"),
        action_id="deselect:recheck",
        value=listing.spot.activation,
    )
    return [ContextBlock(elements=[mrkdwn(words)]), ActionsBlock(block_id="age", elements=[button])]


def _turn(label: str, page: int, name: str) -> ButtonElement:
    return ButtonElement(text=plain(label), action_id=f"deselect:page:{name}", value=str(page))
