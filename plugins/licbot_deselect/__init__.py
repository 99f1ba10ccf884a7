"""The step ``deselect``: remove superfluous licences. It plans; nothing is taken here."""

from collections.abc import Awaitable, Sequence

from licbot.domain.activation import require_open
from licbot.domain.errors import CannotReassign
from licbot.domain.people import Role
from licbot.domain.review import Review
from licbot.flows.card import where_all
from licbot.flows.listing import ask_for_list
from licbot.flows.pick import clear_picks, pick_least_recent, tick_holders
from licbot.hookspecs import Part, hookimpl
from licbot.ports.conversation import (
    Action,
    Done,
    Errors,
    Replace,
    Reply,
    Request,
    Say,
    Show,
    Step,
)
from licbot.ports.ports import Ports
from licbot.ports.texts import clip, count
from licbot_deselect.card import card_parts
from licbot_deselect.guide import ASKED, guide_parts, guide_view
from licbot_deselect.listing import Listing, gather, least_recent_query
from licbot_deselect.spot import Spot, changed_spot, read_spot
from licbot_deselect.view import SEARCH_BLOCK, list_view

HINT = "There you remove superfluous licences: each red licence has a button of its own."
NO_SIGN_INS = (
    "Nobody was picked: of those who are left, nobody's last sign-in is known, so licbot cannot "
    "tell who is least recent. Pick people yourself."
)
NOTHING = "No new licence is waiting, so there is nothing to deselect."


async def open_list(request: Request, ports: Ports) -> Reply:
    """Open the list of a licence's holders."""
    listing = await gather(ports, read_spot(request.value), request.language)
    require_open(listing.review.activation)
    return Show(view=list_view(listing, ports))


async def browse(request: Request, ports: Ports) -> Reply:
    """Another page, search, filter, order or way; what is ticked stays."""
    note = await _keep(request, ports)
    spot = changed_spot(read_spot(request.metadata), request)
    return await _drawn(spot, request, ports, note)


async def tick(request: Request, ports: Ports) -> Reply:
    """A check box in the modal."""
    note = await _keep(request, ports)
    return await _drawn(read_spot(request.metadata), request, ports, note)


async def tick_in_card(request: Request, ports: Ports) -> Reply:
    """A check box in the confirmation message itself."""
    spot = read_spot(request.action.partition(":tick-here:")[2])
    if request.selection:
        module = (await gather(ports, spot, people=False)).change.module.key
        await tick_holders(ports, spot.activation, module, request.user, [request.selection])
    return Done()


async def pick_idle(request: Request, ports: Ports) -> Reply:
    """Pick the least recently signed in of those who are listed, as many as are missing."""
    note = await _keep(request, ports)
    spot = read_spot(request.metadata)
    listing = await gather(ports, spot, people=False)
    query = least_recent_query(listing)
    try:
        if query.limit and not await pick_least_recent(
            ports, spot.activation, query, request.user, listing.instead
        ):
            return Say(text=NO_SIGN_INS)
    except CannotReassign as refused:
        note = refused.message
    return await _drawn(spot, request, ports, note)


async def clear(request: Request, ports: Ports) -> Reply:
    """Take all picks of this licence back."""
    spot = read_spot(request.metadata)
    listing = await gather(ports, spot, people=False)
    await clear_picks(ports, spot.activation, listing.change.module.key, request.user)
    return await _drawn(spot, request, ports)


async def confirm(request: Request, ports: Ports) -> Reply:
    """OK: closes when enough are picked and what they get has room; says why not otherwise."""
    wrong = await _keep(request, ports) or _lacking(
        await gather(ports, read_spot(request.metadata), people=False)
    )
    if not wrong:
        return Done()
    block = request.selections[-1].block_id if request.selections else SEARCH_BLOCK
    return Errors(by_block={block: wrong})


def _lacking(listing: Listing) -> str:
    """What keeps a list from being done, in words; empty where nothing does."""
    change, review = listing.change, listing.review
    if change.surplus and change.remaining:
        more = count(change.remaining, "more person", "more people")
        return f"Too few are picked: pick {more}, then press OK."
    if not review.given(change.module.key):
        return ""
    full = [each for each in review.changes if each.given and each.is_red]
    if not full:
        return ""
    named = ", ".join(
        f"{clip(each.module.label, 60)}: {each.remaining:,} too many" for each in full
    )
    return (
        f"More people get another plan than there are free seats ({named}). Untick some of "
        "them or let them lose the licence, then press OK."
    )


async def _keep(request: Request, ports: Ports) -> str:
    """Store what the check boxes say, whatever was pressed.

    Returns why somebody who was ticked can't get the plan that was chosen; then nobody is picked.
    """
    spot = read_spot(request.metadata)
    groups = list(request.selections)
    if request.selection and request.selection.block_id not in {g.block_id for g in groups}:
        groups.append(request.selection)
    if not groups:
        return ""
    listing = await gather(ports, spot, people=False)
    module = listing.change.module.key
    try:
        await tick_holders(ports, spot.activation, module, request.user, groups, listing.instead)
    except CannotReassign as refused:
        return refused.message
    return ""


async def _drawn(spot: Spot, request: Request, ports: Ports, note: str = "") -> Reply:
    listing: Listing = await gather(ports, spot, request.language)
    return Replace(view=list_view(listing, ports, request.selections, note))


async def show_todo(request: Request, ports: Ports) -> Reply:
    """What people are to do by hand, for each who is picked."""
    return Show(view=await guide_view(ports, request.value))


async def check_again(request: Request, ports: Ports) -> Reply:
    """Read the list of users anew, from the message or from the list."""
    activation = request.value or read_spot(request.metadata).activation
    await ask_for_list(ports, activation)
    return Say(text=ASKED)


async def show_where(request: Request, ports: Ports) -> Reply:
    """Lead to the message, where this is done."""
    return Say(text="\n".join(await where_all(ports, HINT)) or NOTHING)


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step; its buttons stand in the confirmation message."""
    actions = {
        "open": open_list,
        "tick": tick,
        "tick-here": tick_in_card,
        "search": browse,
        "filter": browse,
        "order": browse,
        "way": browse,
        "page": browse,
        "idle": pick_idle,
        "clear": clear,
        "todo": show_todo,
        "recheck": check_again,
    }
    return [
        Step(
            name="deselect",
            command=Action(handler=show_where, role=Role.ADMIN),
            summary="remove superfluous licences",
            actions={
                verb: Action(handler=handler, role=Role.ADMIN, shows=verb in ("open", "todo"))
                for verb, handler in actions.items()
            },
            submissions={"confirm": Action(handler=confirm, role=Role.ADMIN)},
        )
    ]


@hookimpl
def licbot_card(review: Review, ports: Ports) -> Awaitable[Sequence[Part]]:
    """Give each red licence its own button and, where its holders are few, the list itself."""
    return _parts(review, ports)


async def _parts(review: Review, ports: Ports) -> Sequence[Part]:
    return [*await card_parts(review, ports), *await guide_parts(review, ports)]
