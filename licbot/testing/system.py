"""A licensed system in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from licbot.domain.changes import compare, red
from licbot.domain.errors import (
    LicbotError,
    NotAllowed,
    OfferRefused,
    SystemRefused,
    SystemUnavailable,
)
from licbot.domain.licenses import (
    Customer,
    LicenseSet,
    LicenseType,
    Offer,
    Owner,
    fold,
    is_past,
    is_reached,
)
from licbot.domain.people import Holder, HolderPage, HolderQuery, Person
from licbot.domain.removals import Held, Removal
from licbot.ports.clock import Clock
from licbot.ports.system import Examination, Found, Guidance, RefusedOffer
from licbot.testing.clock import FakeClock
from licbot.testing.holders import matching, ordered, same_address
from licbot.testing.licenses import offer as make_offer
from licbot.testing.seats import Seats


@dataclass(frozen=True, kw_only=True, slots=True)
class _Failure:
    error: LicbotError
    done: bool


class MemorySystem:
    """A product with seats; see ``licbot.ports.system.LicensedSystem``.

    Fill it with ``put_in_force``, ``add`` and ``leave``; change seats behind licbot's back through
    ``seats``.

    down: every call raises SystemUnavailable.
    guided: people take seats by hand, through ``seats``, and ``take`` only looks.
    against: what it has against every activation, in words. vocabulary: what the module licences
    are called, by language and module key. shops: where licences are bought, by owner's key.
    meanwhile: awaited with the method's name at the start of every call, for what happens at the
    same moment.
    calls: the names of the methods, as they were called.
    """

    def __init__(self, clock: Clock | None = None, *, name: str = "memory") -> None:
        self.name = name
        self.down = False
        self.guided = False
        self.against: list[str] = []
        self.vocabulary: dict[str, dict[str, str]] = {}
        self.shops: dict[str, str] = {}
        self.meanwhile: Callable[[str], Awaitable[None]] | None = None
        self.calls: list[str] = []
        self.seats = Seats()
        self._clock = clock or FakeClock()
        self._users: dict[str, Holder] = {}
        self._in_force: dict[str, Offer] = {}
        self._accepted: dict[str, str] = {}
        self._highest: dict[str, int] = {}
        self._left: dict[bytes, Offer] = {}
        self._rejected: dict[bytes, OfferRefused] = {}
        self._failures: dict[str, list[_Failure]] = {}

    def put_in_force(self, license_set: LicenseSet, sequence: int = 0) -> None:
        """Have a licence set from the beginning, whatever is in use."""
        self._put(make_offer(license_set, sequence))

    def forget(self, owner: Owner) -> None:
        """Have no licence set of this owner any longer."""
        self._in_force.pop(owner.key, None)

    def add(self, user: Holder, *modules: str) -> None:
        """Have a user who holds these module licences."""
        self._users[user.id] = user
        self.seats.give(user.id, *modules)

    def delete(self, user: str) -> None:
        """Mark a user as deleted: their seats count no longer."""
        self.seats.leave(user)

    def leave(self, offer: Offer) -> None:
        """Let the issuer have an offer."""
        self._left[offer.raw] = offer

    def reject(self, offer: Offer, refused: OfferRefused) -> None:
        """Accept this offer no longer."""
        self._rejected[offer.raw] = refused

    def in_force(self) -> Sequence[LicenseSet]:
        """The licence sets in force, by their owners, without asking the system."""
        return [self._in_force[owner].license for owner in sorted(self._in_force)]

    def fail(self, method: str, error: LicbotError, *, times: int = 1, done: bool = False) -> None:
        """Let the next calls of a method raise an error.

        done: it does its work before, as where only the answer is lost.
        """
        planned = self._failures.setdefault(method, [])
        planned += [_Failure(error=error, done=done)] * times

    def mend(self) -> None:
        """Be within reach, and refuse nothing any longer."""
        self.down = False
        self._failures.clear()

    async def installed(self) -> Sequence[LicenseSet]:
        """The licence sets in force, by their owners."""
        async with self._call("installed"):
            return self.in_force()

    async def in_use(self) -> Mapping[str, int]:
        """Seats in use by module key."""
        async with self._call("in_use"):
            return self.seats.in_use()

    async def find_offers(self) -> Found:
        """The newest acceptable offer of each owner, and what cannot be accepted."""
        async with self._call("find_offers"):
            newest: dict[str, Offer] = {}
            refused = []
            for offer in sorted(self._left.values(), key=lambda each: each.sequence):
                if offer.digest in self._accepted:
                    continue
                try:
                    newest[offer.license.owner.key] = self._read(offer.raw)
                except OfferRefused as why:
                    refused.append(RefusedOffer(source=offer.source, reason=why.message))
            return Found(offers=tuple(newest.values()), refused=tuple(refused))

    async def read_offer(self, raw: bytes) -> Offer:
        """Check the bytes of an offer as if they had just come. Raises OfferRefused."""
        async with self._call("read_offer"):
            return self._read(raw)

    async def recall_offer(self, raw: bytes) -> Offer:
        """Read the bytes of an offer that was accepted before."""
        async with self._call("recall_offer"):
            return self._known(raw)

    async def holders(self, query: HolderQuery) -> HolderPage:
        """One page of the users who hold a module licence."""
        async with self._call("holders"):
            found = ordered(self._holders(query), query.order)
            page = found[query.offset : query.offset + query.limit]
            return HolderPage(holders=tuple(page), total=len(found))

    async def least_recent(self, query: HolderQuery, skip: frozenset[str]) -> Sequence[str]:
        """Ids of up to ``query.limit`` holders that match, least recently signed in first."""
        async with self._call("least_recent"):
            known = [
                (holder.last_login, holder.id)
                for holder in self._holders(query)
                if holder.last_login and holder.id not in skip
            ]
            return [user for _, user in sorted(known)[: query.limit]]

    async def held_by(self, users: Sequence[str]) -> Held:
        """What each of these users holds; users without a seat are absent."""
        async with self._call("held_by"):
            return {user: held for user in users if (held := self.seats.of(user))}

    async def people(self, users: Sequence[str]) -> Mapping[str, Holder]:
        """The users with these ids, deleted ones too; unknown ids are absent."""
        async with self._call("people"):
            return {user: self._users[user] for user in users if user in self._users}

    async def refresh(self, since: datetime | None = None) -> None:
        """Nothing but the call: it is asked anew each time."""
        async with self._call("refresh"):
            pass

    async def is_administrator(self, person: Person) -> bool:
        """Whether exactly one user has their e-mail address, administers, and may sign in."""
        async with self._call("is_administrator"):
            return self._administers(person)

    async def confirm_administrator(self, person: Person, *, named: bool) -> None:
        """Let administrators through, and those whom the settings name. Raises NotAllowed."""
        async with self._call("confirm_administrator"):
            if not (named or self._administers(person)):
                raise NotAllowed

    async def objections(self, offer: Offer, removals: Sequence[Removal]) -> Sequence[str]:
        """What it has against every activation."""
        async with self._call("objections"):
            return tuple(self.against)

    async def guidance(self, removals: Sequence[Removal]) -> Guidance | None:
        """What is to be done by hand, where it is."""
        async with self._call("guidance"):
            tasks: dict[str, str] = {}
            for each in removals:
                before = tasks.get(each.user)
                tasks[each.user] = f"{before} {_task(each)}" if before else _task(each)
            page = "https://crm.example/users"
            return Guidance(product="Acme CRM", page=page, tasks=tasks) if self.guided else None

    async def names(self, language: str) -> Mapping[str, str]:
        """What the module licences are called in a language."""
        async with self._call("names"):
            return self.vocabulary.get(language, {})

    async def shop_address(self, owner: str) -> str:
        """Where licences of an owner are bought."""
        async with self._call("shop_address"):
            return self.shops.get(fold(owner), "")

    async def change_customer(self, customer: Customer, actor: str = "") -> None:
        """Let a demo version be this customer's. Raises SystemRefused where there is none."""
        async with self._call("change_customer"):
            demos = {
                owner: offer
                for owner, offer in self._in_force.items()
                if offer.license.customer.is_demo
            }
            if not demos:
                raise SystemRefused("No demo version is installed.")
            for owner, offer in demos.items():
                bought = replace(offer.license, customer=customer)
                self._in_force[owner] = replace(offer, license=bought)

    async def examine(self) -> Examination:
        """How many users there are."""
        async with self._call("examine"):
            return Examination(facts=(f"{len(self._users)} users",))

    async def take(self, removals: Sequence[Removal], run: str, actor: str = "") -> None:
        """Take seats. Doing it again for the same run changes nothing.

        Raises SystemRefused where a plan that is to be given has no room, and, where it is guided,
        as long as somebody holds one of the seats.
        """
        async with self._call("take"):
            if self.guided and (kept := [each for each in removals if self._holds(each)]):
                raise SystemRefused(f"{self._users[kept[0].user].name} still holds a licence.")
            full = self.seats.take(removals, run, self.in_force())
            if full:
                raise SystemRefused(f"No seat is free any longer to be given: {', '.join(full)}.")

    async def give_back(self, run: str, actor: str = "") -> Sequence[Removal]:
        """Give the seats back that a run took, as far as the installed total allows."""
        async with self._call("give_back"):
            return self.seats.give_back(run, self.in_force())

    async def install(self, offer: Offer, actor: str = "") -> None:
        """Put an offer in force. Raises OfferRefused or SystemRefused, with nothing changed."""
        async with self._call("install"):
            owner = offer.license.owner.key
            current = self._in_force.get(owner)
            if current and current.digest == offer.digest:
                return
            read = self._read(offer.raw)
            if read.not_before and not is_reached(read.not_before, self._clock.now()):
                raise SystemRefused("Its day has not come yet. Activate it then.")
            former = current.license if current else None
            short = red(compare(former, read.license, self.seats.in_use()))
            if short:
                names = ", ".join(change.module.label for change in short)
                raise SystemRefused(f"More seats are in use than it grants: {names}.")
            self.seats.drop(_for_users(former) - _for_users(read.license))
            self._put(read)

    @asynccontextmanager
    async def _call(self, method: str) -> AsyncIterator[None]:
        self.calls.append(method)
        if self.meanwhile:
            await self.meanwhile(method)
        if self.down:
            raise SystemUnavailable
        planned = self._failures.get(method)
        failure = planned.pop(0) if planned else None
        if failure and not failure.done:
            raise failure.error
        yield
        if failure:
            raise failure.error

    def _put(self, offer: Offer) -> None:
        owner = offer.license.owner.key
        self._in_force[owner] = offer
        self._accepted[offer.digest] = owner
        self._highest[owner] = max(offer.sequence, self._highest.get(owner, offer.sequence))

    def _known(self, raw: bytes) -> Offer:
        try:
            return self._left[raw]
        except KeyError:
            raise OfferRefused("This is no licence. Ask its issuer for one.", check=1) from None

    def _read(self, raw: bytes) -> Offer:
        offer = self._known(raw)
        if raw in self._rejected:
            raise self._rejected[raw]
        highest = self._highest.get(offer.license.owner.key)
        if highest is not None and offer.sequence <= highest:
            words = "A newer one was accepted before. Ask its issuer for a new one."
            raise OfferRefused(f"This licence has the number {offer.sequence}. {words}", check=7)
        if is_past(offer.license.dates.grace, self._clock.now()):
            raise OfferRefused("This licence no longer works. Ask for a new one.", check=8)
        return offer

    def _holders(self, query: HolderQuery) -> list[Holder]:
        having = (user for user in self._users.values() if self._has(user.id, query.module))
        return [user for user in having if matching(user, query)]

    def _administers(self, person: Person) -> bool:
        same = [
            user
            for user in self._users.values()
            if same_address(user.email, person.email or "") and not self.seats.has_left(user.id)
        ]
        return len(same) == 1 and same[0].administrator and same[0].can_login

    def _holds(self, removal: Removal) -> bool:
        return removal.module in self.seats.of(removal.user)

    def _has(self, user: str, module: str) -> bool:
        return fold(module) in self.seats.of(user)


def _task(removal: Removal) -> str:
    more = f" and give {removal.instead} instead" if removal.instead else ""
    return f"Take {removal.module} away{more}."


def _for_users(license_set: LicenseSet | None) -> frozenset[str]:
    modules = license_set.modules if license_set else ()
    return frozenset(module.key for module in modules if module.type is LicenseType.USER)
