"""What a list of holders shows: counts, one page of people, and who of them is picked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from licbot.domain.changes import Change
from licbot.domain.errors import UnknownActivation
from licbot.domain.people import HolderFilter, HolderPage, HolderQuery
from licbot.domain.replacements import Replacement, replacements
from licbot.domain.review import Review
from licbot.flows.look import glance
from licbot.ports.ports import Ports
from licbot_deselect.marks import Marks, marks_of
from licbot_deselect.spot import PICKED, Spot, module_ref

PAGE = 30
"""Holders on a page: three groups of ten check boxes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One page of the holders of a licence."""

    spot: Spot
    review: Review
    change: Change
    page: HolderPage
    marks: Marks = field(default_factory=Marks)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.page.total // PAGE))

    @property
    def replacements(self) -> Sequence[Replacement]:
        """The plans that may be given instead."""
        return replacements(self.review, self.change.module.key)

    @property
    def instead(self) -> str:
        """The key of the plan that those get who are ticked now; empty where they get none.

        Something that is no key where there is no such licence any longer.
        """
        keys = (change.module.key for change in self.review.changes)
        chosen = self.spot.instead
        return next((key for key in keys if chosen and module_ref(key) == chosen), chosen)

    @property
    def pickable(self) -> int:
        """How many are still to be picked, as far as there is room for what they get instead."""
        chosen = self.instead
        free = [each.free for each in self.replacements if each.plan.key == chosen]
        room = [places for places in free if places is not None]
        return min([self.change.remaining, *room])


async def gather(ports: Ports, spot: Spot, language: str = "", *, people: bool = True) -> Listing:
    """Look up what a list shows; without ``people`` the counts alone.

    language: in which the licence is named.

    Raises UnknownActivation, SystemUnavailable.
    """
    review = await glance(ports, spot.activation, language)
    change = change_of(review, spot.module)
    empty = Listing(spot=spot, review=review, change=change, page=HolderPage(holders=(), total=0))
    return await _with_people(ports, _without_what_is_gone(empty)) if people else empty


def _without_what_is_gone(listing: Listing) -> Listing:
    """A plan that can't be given any longer is not the way that is shown."""
    if listing.instead in {each.plan.key for each in listing.replacements}:
        return listing
    return replace(listing, spot=replace(listing.spot, instead=""))


def change_of(review: Review, ref: str) -> Change:
    """The change of the licence that a short form names. Raises UnknownActivation."""
    for change in review.changes:
        if module_ref(change.module.key) == ref:
            return change
    raise UnknownActivation


async def _with_people(ports: Ports, listing: Listing) -> Listing:
    system = ports.systems[listing.review.activation.system]
    spot, module = listing.spot, listing.change.module.key
    only = await _picked(ports, spot.activation, module) if spot.filter == PICKED else None
    query = replace(query_of(listing), only=only, offset=spot.page * PAGE, limit=PAGE)
    page = await system.holders(query)
    if not page.holders and page.total:
        # The list got shorter since this page was asked for: show its last one.
        last = (page.total - 1) // PAGE
        spot = replace(spot, page=last)
        page = await system.holders(replace(query, offset=last * PAGE))
    marks = await marks_of(ports, listing.review, module, page.holders)
    return replace(listing, spot=spot, page=page, marks=marks)


async def _picked(ports: Ports, activation: str, module: str) -> frozenset[str]:
    async with ports.store.read() as uow:
        picks = await uow.picks(activation, module)
    return frozenset(user for user, pick in picks.items() if pick.picked)


def query_of(listing: Listing) -> HolderQuery:
    """What is listed, as the licensed system is asked for it."""
    spot = listing.spot
    known = {each.value for each in HolderFilter}
    return HolderQuery(
        module=listing.change.module.key,
        search=spot.search,
        filter=HolderFilter(spot.filter) if spot.filter in known else HolderFilter.ALL,
        order=spot.order,
    )


def least_recent_query(listing: Listing) -> HolderQuery:
    """The least recently signed in of those who are listed, as many as are still missing."""
    return replace(query_of(listing), limit=listing.pickable)
