"""What was found where offers are looked for, and which of it is an offer."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from licbot.domain.errors import OfferRefused
from licbot.domain.licenses import Offer
from licbot.ports.system import Found, RefusedOffer
from licbot_local.installing import Standing
from licbot_local.licensefile import LicenseFile, digest_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Bytes that may be an offer. source: where they were found, for people."""

    source: str
    raw: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return digest_of(self.raw)


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """Everything that was found, and what could not even be read."""

    candidates: Sequence[Candidate] = ()
    refused: Sequence[RefusedOffer] = ()


class OfferSource(Protocol):
    """A place where an issuer leaves offers."""

    async def collect(self) -> Collected:
        """Look there. Raises SystemUnavailable."""
        ...


def choose(collected: Collected, stands: Standing, seen: Set[str]) -> Found:
    """The newest acceptable offer of each owner, and what cannot be accepted.

    seen: digests of what was accepted before, which is passed over in silence.
    """
    read: list[LicenseFile] = []
    refused = list(collected.refused)
    for digest, candidate in _distinct(collected.candidates).items():
        if digest in seen:
            continue
        try:
            read.append(stands.verify(candidate.raw, candidate.source))
        except OfferRefused as error:
            refused.append(RefusedOffer(source=candidate.source, reason=error.message))
    return Found(offers=_newest(read), refused=tuple(refused))


def _distinct(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(candidate.digest, candidate)
    return found


def _newest(read: Sequence[LicenseFile]) -> tuple[Offer, ...]:
    newest: dict[str, Offer] = {}
    # The digest settles it where an issuer gave one number twice: the same everywhere.
    for offer in sorted((each.offer for each in read), key=_age):
        newest[offer.license.owner.key] = offer
    return tuple(newest[owner] for owner in sorted(newest))


def _age(offer: Offer) -> tuple[int, float, str]:
    issued = offer.issued.timestamp() if offer.issued else 0.0
    return offer.sequence, issued, offer.digest
