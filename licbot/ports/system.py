"""The licensed system: the product whose seats are managed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.people import Holder, HolderPage, HolderQuery
from licbot.domain.removals import Held, Removal


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedOffer:
    """A licence that was found and cannot be accepted.

    source: where it was found. reason: why not and what to do, in words.
    """

    source: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What asking the issuer brought.

    offers: the newest acceptable offer of each license owner; none where all is up to date.
    refused: what was found besides and cannot be accepted.
    """

    offers: tuple[Offer, ...] = ()
    refused: tuple[RefusedOffer, ...] = ()


class LicensedSystem(Protocol):
    """A product with seats. Rules are checked against it, never against what a message shows.

    Every method may raise SystemUnavailable. Users and module licences are named by the id and
    the key that the system itself uses.
    """

    name: str

    async def installed(self) -> Sequence[LicenseSet]:
        """The licence sets in force, one for each license owner."""
        ...

    async def in_use(self) -> Mapping[str, int]:
        """Seats in use by module key; deleted users are not counted."""
        ...

    async def find_offers(self) -> Found:
        """Ask the issuer for licences that are not active yet."""
        ...

    async def read_offer(self, raw: bytes) -> Offer:
        """Check the bytes of an offer as if they had just come. Raises OfferRefused."""
        ...

    async def recall_offer(self, raw: bytes) -> Offer:
        """Read the bytes of an offer that was accepted before, without judging it again."""
        ...

    async def holders(self, query: HolderQuery) -> HolderPage:
        """One page of the users who hold a module licence."""
        ...

    async def least_recent(self, query: HolderQuery, skip: frozenset[str]) -> Sequence[str]:
        """Ids of up to ``query.limit`` holders that match, least recently signed in first.

        Users of ``skip`` and users whose last sign-in is unknown are left out.
        """
        ...

    async def held_by(self, users: Sequence[str]) -> Held:
        """What each of these users holds; users without a seat may be absent."""
        ...

    async def people(self, users: Sequence[str]) -> Mapping[str, Holder]:
        """The users with these ids; unknown ids are absent."""
        ...

    async def is_administrator(self, email: str) -> bool:
        """Whether the user with this e-mail address is an administrator who may sign in."""
        ...

    async def take(self, removals: Sequence[Removal], run: str) -> None:
        """Take seats. Doing it again for the same run changes nothing. Raises SystemRefused."""
        ...

    async def give_back(self, run: str) -> Sequence[Removal]:
        """Give the seats back that a run took, as far as the installed total allows.

        Returns those that could not be given back. Doing it again changes nothing.
        """
        ...

    async def install(self, offer: Offer) -> None:
        """Put an offer in force. Once it is in force, doing it again changes nothing.

        Raises OfferRefused or SystemRefused, with nothing changed.
        """
        ...
