"""Offers of a tenant: looking for them, judging them anew, and putting one in force.

How a licence is offered is asked each time: nobody but SuperOffice can confirm it.
"""

import asyncio
from collections.abc import Sequence

from licbot.domain.changes import compare, red
from licbot.domain.errors import OfferRefused, OfferReplaced, SystemRefused, SystemUnavailable
from licbot.domain.licenses import Offer, Owner
from licbot.hookspecs import SystemContext
from licbot.ports.system import Found, RefusedOffer
from licbot_superoffice.agent import LicenseAgent, LicenseStatus, NotDone
from licbot_superoffice.counting import count_offer
from licbot_superoffice.envelope import Envelope, file_text, is_kept, unpack
from licbot_superoffice.licences import Fetched
from licbot_superoffice.standings import Standings
from licbot_superoffice.words import one_line, said, web_address

_NOTHING_NEW = frozenset({"Ok", "NewLicenseActivated"})
_NEW = frozenset({"NewLicenseAvailable", "NewCompanyNameAvailable", "NewSerialAvailable"})

_Answer = Offer | RefusedOffer | SystemUnavailable | None


class Offers:
    """The licences that issuers offer a tenant."""

    def __init__(self, context: SystemContext, agent: LicenseAgent, standings: Standings) -> None:
        self._context = context
        self._agent = agent
        self._standings = standings

    async def find(self) -> Found:
        """Ask the issuer of each owner. Raises SystemUnavailable where none can be reached."""
        standings = await self._standings.fresh()
        owners = [each.in_force.owner for each in standings if each.in_force]
        answers = await asyncio.gather(*(self._ask(owner) for owner in owners))
        failures = [each for each in answers if isinstance(each, SystemUnavailable)]
        if failures and len(failures) == len(answers):
            raise failures[0]
        return Found(
            offers=tuple(each for each in answers if isinstance(each, Offer)),
            refused=tuple(
                found
                for owner, each in zip(owners, answers, strict=True)
                if (found := _refused(owner, each))
            ),
        )

    async def read(self, raw: bytes) -> Offer:
        """Have an offer or a licence file judged now. Raises OfferRefused, SystemUnavailable."""
        if not is_kept(raw):
            return await self._read_file(file_text(raw))
        kept = unpack(raw)
        fetched = await self._again(kept)
        _require_not_in_force(fetched)
        envelope = await self._counted(fetched, kept.file)
        # Believed as it was kept where all of it is confirmed: its figures are those of its day.
        confirmed = envelope.number == kept.number and envelope.found == kept.found
        same = fetched.offered.same_as(kept.fetched.offered) and envelope.owner == kept.owner
        return kept.offer() if confirmed and same else envelope.offer()

    async def objections(self, offer: Offer) -> Sequence[str]:
        """What SuperOffice has against an offer that grants enough, in words."""
        try:
            standing = (await self._again(unpack(offer.raw))).standing
        except (OfferRefused, SystemUnavailable) as refused:
            return [refused.message]
        over = red(compare(standing.current, offer.license, standing.in_use))
        if standing.can_be_activated or over:
            return []
        return [_not_now(standing.reason)]

    async def install(self, offer: Offer, actor: str) -> None:
        """Put an offer in force, with the sign-in of the actor where there is one.

        Raises OfferRefused, SystemRefused, SystemUnavailable; the last leaves open whether it is
        in force.
        """
        kept = unpack(offer.raw)
        if await self._is_in_force(kept.fetched):
            return
        fetched = await self._again(kept)
        if not fetched.standing.can_be_activated:
            raise SystemRefused(_not_now(fetched.standing.reason))
        await self._agent.validate(fetched.raw)
        await self._agent.activate(fetched.raw, actor)

    async def _ask(self, owner: Owner) -> _Answer:
        try:
            status = await self._agent.status(owner.name)
            if status.status in _NOTHING_NEW:
                return None
            if status.status not in _NEW:
                return RefusedOffer(
                    source=owner.label, reason=_status_words(status), message=_is_message(status)
                )
            fetched = await self._agent.fetch(owner.name)
        except NotDone as not_done:
            return RefusedOffer(source=owner.label, reason=not_done.message)
        except SystemUnavailable as unavailable:
            return unavailable
        if fetched.offered.owner.key != owner.key:
            return RefusedOffer(source=owner.label, reason=_OTHER_OWNER)
        if fetched.is_in_force:
            return None
        return (await self._counted(fetched)).offer()

    async def _read_file(self, text: str) -> Offer:
        try:
            fetched = await self._agent.load(text)
        except NotDone as not_done:
            raise OfferRefused(f"{not_done.message} {_ASK_SUPEROFFICE}") from None
        _require_not_in_force(fetched)
        return (await self._counted(fetched, text)).offer()

    async def _again(self, kept: Envelope) -> Fetched:
        """The licence of an offer, fetched anew from where it came from.

        Raises OfferRefused where there is none any longer, or another one; SystemUnavailable.
        """
        try:
            if kept.file is not None:
                fetched = await self._agent.load(kept.file)
            else:
                fetched = await self._agent.fetch(kept.owner)
        except NotDone as not_done:
            raise await self._why_not(kept, not_done) from None
        if fetched.digest != kept.fetched.digest:
            # Without an offer the issuer hands out what is in force.
            raise OfferRefused(_NO_LONGER) if fetched.is_in_force else OfferReplaced
        return fetched

    async def _why_not(self, kept: Envelope, not_done: NotDone) -> OfferRefused | SystemUnavailable:
        """Agents answer ``null`` where there is no licence and where something went wrong."""
        if kept.file is not None:
            return OfferRefused(f"{not_done.message} {_ASK_SUPEROFFICE}")
        try:
            status = await self._agent.status(kept.owner)
        except NotDone:
            return SystemUnavailable(not_done.message)
        if status.status in _NOTHING_NEW:
            return OfferRefused(_NO_LONGER)
        return SystemUnavailable(not_done.message)

    async def _is_in_force(self, fetched: Fetched) -> bool:
        offered, signature = fetched.offered, fetched.standing.offered_signature
        standings = await self._standings.fresh()
        return any(standing.has_in_force(offered, signature) for standing in standings)

    async def _counted(self, fetched: Fetched, file: str | None = None) -> Envelope:
        owner = fetched.offered.owner
        context = self._context
        now = context.clock.now()
        count = await count_offer(context.database, context.name, owner.key, fetched.digest, now)
        return Envelope(
            owner=owner.name, number=count.number, found=count.found, file=file, fetched=fetched
        )


_ASK_SUPEROFFICE = "Ask SuperOffice for a licence file for this company and serial number."
_NO_LONGER = (
    "SuperOffice no longer offers this licence: it was withdrawn, or another one was activated. "
    "Type `/license` to see what is in force."
)
_OTHER_OWNER = "SuperOffice handed over a licence of another owner. Ask SuperOffice what is wrong."


def _require_not_in_force(fetched: Fetched) -> None:
    if fetched.is_in_force:
        raise OfferRefused(
            "This licence is in force already, so there is nothing to do. If you expected a newer "
            "one, ask SuperOffice for it.",
        )


def _refused(owner: Owner, answer: _Answer) -> RefusedOffer | None:
    if isinstance(answer, SystemUnavailable):
        return RefusedOffer(source=owner.label, reason=answer.message)
    return answer if isinstance(answer, RefusedOffer) else None


def _not_now(reason: str) -> str:
    return f"SuperOffice does not let this licence be activated now. {said(reason)}"


def _is_message(status: LicenseStatus) -> bool:
    """Whether the issuer only has something to say."""
    return status.status.startswith("UseCustomMessage")


def _status_words(status: LicenseStatus) -> str:
    """What the issuer wants people to know, with its address where a browser may open it."""
    if _is_message(status):
        words = [one_line(status.message) or "SuperOffice wants you to look at its site."]
    else:
        words = ["SuperOffice can't hand over a new licence.", said(status.message)]
        words.append("Ask SuperOffice what is to be done.")
    if address := web_address(status.url):
        words.append(f"See {address}")
    return " ".join(words)
