"""The licensed system: the product whose seats are managed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from licbot.domain.licenses import Customer, LicenseSet, Offer
from licbot.domain.people import Holder, HolderPage, HolderQuery, Person
from licbot.domain.removals import Held, Removal


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedOffer:
    """A licence that was found and cannot be accepted.

    source: where it was found. reason: why not and what to do, in words. message: there is no
    licence at all, and the reason is what its issuer wants people to know.
    """

    source: str
    reason: str
    message: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What asking the issuer brought.

    offers: the newest acceptable offer of each license owner; none where all is up to date.
    refused: what was found besides and cannot be accepted.
    """

    offers: tuple[Offer, ...] = ()
    refused: tuple[RefusedOffer, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Guidance:
    """How people take seats by hand, in a system that does not let licbot do it.

    product: what the system is called. page: the address where it is done, where one is known.
    tasks: for each user what is to be done, in words.
    """

    product: str
    page: str = ""
    tasks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Examination:
    """What an operator should know of a system.

    facts: how it is reached and what it lets licbot do, a line each.
    problems: what keeps it from working, with the cure.
    """

    facts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class LicensedSystem(Protocol):
    """A product with seats. Rules are checked against it, never against what a message shows.

    Every method may raise SystemUnavailable. Users and module licences are named by the id and
    the key that the system itself uses. ``actor`` is the Slack user on whose behalf something is
    changed, empty for licbot itself.
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

    async def refresh(self, since: datetime | None = None) -> None:
        """Bring what is stored of users and seats up to date, however long that takes.

        Does nothing where a complete reading began since then, nor in a system that is asked anew
        each time.
        """
        ...

    async def is_administrator(self, person: Person) -> bool:
        """Whether this person administers the system and may sign in, as far as is known."""
        ...

    async def confirm_administrator(self, person: Person, *, named: bool) -> None:
        """Ask the system itself, now, whether this person administers it.

        named: licbot's settings call them an administrator; a system may take their word for it.
        Raises NotAllowed, with what the person can do.
        """
        ...

    async def objections(self, offer: Offer, removals: Sequence[Removal]) -> Sequence[str]:
        """What the system has against carrying this out now, in words; empty where nothing.

        Too many seats in use are not among it, as long as the removals are still to come.
        """
        ...

    async def guidance(self, removals: Sequence[Removal]) -> Guidance | None:
        """What people are to do so that these seats are free.

        ``None`` where the system lets licbot take seats.
        """
        ...

    async def names(self, language: str) -> Mapping[str, str]:
        """What the module licences are called in a language (two letters), by module key.

        Those it has no name for in this language may be absent.
        """
        ...

    async def shop_address(self, owner: str) -> str:
        """Where licences of an owner (by their key) are bought; empty where there is no shop."""
        ...

    async def change_customer(self, customer: Customer, actor: str = "") -> None:
        """Let the licence be another customer's from now on, as when a demo version is bought.

        Raises SystemRefused, with nothing changed.
        """
        ...

    async def examine(self) -> Examination:
        """Look how the system is reached and what it lets licbot do."""
        ...

    async def take(self, removals: Sequence[Removal], run: str, actor: str = "") -> None:
        """Take seats, and give what is to be given in their place. See Removal.

        Doing it again for the same run changes nothing. Nobody gets anything in place of a seat
        that they no longer held. Where people take seats by hand, it only makes sure that they are
        gone. Raises SystemRefused, also where there is no room for what is to be given.
        """
        ...

    async def give_back(self, run: str, actor: str = "") -> Sequence[Removal]:
        """Give the seats back that a run took, as far as the installed total allows.

        What it gave in their place is taken away again, but from those to whom the plan they had
        cannot come back. Returns those that could not be given back. Doing it again changes
        nothing.
        """
        ...

    async def install(self, offer: Offer, actor: str = "") -> None:
        """Put an offer in force. Once it is in force, doing it again changes nothing.

        Raises OfferRefused or SystemRefused, with nothing changed.
        """
        ...
