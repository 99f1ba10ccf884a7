"""Signed licence files: issued, and verified in the fixed order of eight checks.

Everything here is pure: what a check needs to know comes in as an ``Acceptance``.
"""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licbot.domain.errors import LicbotError, OfferRefused
from licbot.domain.licenses import Customer, LicenseDates, Offer, is_past
from licbot.ports.texts import day
from licbot_local.envelope import (
    ALGORITHM,
    MAX_BYTES,
    Envelope,
    read_envelope,
    signed_bytes,
    write_envelope,
)
from licbot_local.keys import PinnedKey
from licbot_local.payload import Payload, PayloadRefused, check_payload, read_payload
from licbot_local.values import as_time
from licbot_local.wording import shown

AHEAD = timedelta(minutes=5)
"""How far an issuer's clock may be ahead."""

LARGEST_JUMP = 1_000_000
"""By how much the sequence number may grow at once."""

Highest = Mapping[tuple[str, str], int]
"""The highest accepted sequence number by the owner's key and the key id."""


class IssueRefused(LicbotError):
    """This licence cannot be issued. Mend its payload."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """What a licence file is checked against.

    keys: the pinned keys by their id. latest: the latest moment recorded.
    customer: to whom the installed licence is issued; ``None`` where none is installed.
    after: the highest accepted sequence of owners and keys that ``highest`` does not name.
    """

    keys: Mapping[str, PinnedKey]
    now: datetime
    latest: datetime | None = None
    customer: Customer | None = None
    highest: Highest = field(default_factory=dict)
    after: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenseFile:
    """A licence file that was read.

    kid: the id of the key it says it is signed with.
    """

    offer: Offer
    kid: str


def digest_of(raw: bytes) -> str:
    """SHA-256 of the bytes of a licence file, in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def verify(raw: bytes, acceptance: Acceptance, source: str = "") -> LicenseFile:
    """Read a licence file that passes every check.

    source: where it was found, for people. Raises OfferRefused for the first check that fails.
    """
    envelope = read_envelope(raw)
    _check_algorithm(envelope)
    _check_signature(envelope, acceptance)
    payload = _check_payload(envelope)
    read = _license_file(raw, payload, source)
    _check_clock(read.offer, acceptance)
    _check_customer(read.offer, acceptance)
    _check_sequence(read, acceptance)
    _check_grace(read.offer.license.dates, acceptance)
    return read


def read_unverified(raw: bytes, source: str = "") -> LicenseFile:
    """Read a licence file without believing it: for one verified before, or to be looked at.

    Raises OfferRefused where it is not a licence file or its payload is not valid.
    """
    return _license_file(raw, _check_payload(read_envelope(raw)), source)


def issue(payload: object, key: Ed25519PrivateKey, kid: str | None = None) -> bytes:
    """Sign a payload, given as the value of its JSON.

    kid: what the key is called, by default what the payload says. Raises IssueRefused.
    """
    try:
        checked = check_payload(payload, exact=True)
    except PayloadRefused as error:
        raise IssueRefused(f"This payload is not valid. {error} Mend it and try again.") from None
    if kid not in (None, checked.meta.kid):
        raise IssueRefused(
            f"The payload says meta.kid is {shown(checked.meta.kid)}, but the key is called "
            f"{shown(str(kid))}. Give both the same name."
        )
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    enc = base64.b64encode(text.encode()).decode()
    raw = write_envelope(enc, key.sign(signed_bytes(enc)), checked.meta.kid)
    if len(raw) > MAX_BYTES:
        raise IssueRefused("The licence file would be larger than 1 MiB. Shorten its texts.")
    return raw


def _license_file(raw: bytes, payload: Payload, source: str) -> LicenseFile:
    meta = payload.meta
    offer = Offer(
        raw=raw,
        digest=digest_of(raw),
        license=payload.license_set(),
        sequence=meta.sequence,
        issued=as_time(meta.issued),
        not_before=meta.not_before,
        source=source,
    )
    return LicenseFile(offer=offer, kid=meta.kid)


def _check_algorithm(envelope: Envelope) -> None:
    if envelope.algorithm != ALGORITHM:
        how = "encrypted, and signed" if envelope.algorithm.startswith("aes-") else "signed"
        raise OfferRefused(
            f'This licence is {how} by the method "{shown(envelope.algorithm)}", and only '
            f'"{ALGORITHM}" is accepted. Ask its issuer for one that is signed so.',
            check=2,
        )


def _check_signature(envelope: Envelope, acceptance: Acceptance) -> None:
    kid = shown(envelope.kid)
    key = acceptance.keys.get(envelope.kid)
    if key is None:
        raise OfferRefused(
            f"This licence is signed with the key {kid}, which is not trusted here. If it comes "
            "from your issuer, have the people who run licbot trust the issuer's public key.",
            check=3,
        )
    if not key.is_valid(acceptance.now):
        raise OfferRefused(
            f"This licence is signed with the key {kid}, which is not valid today. "
            "Ask its issuer for one that is signed with the current key.",
            check=3,
        )
    if not key.holds(envelope.signature, envelope.signed):
        raise OfferRefused(
            f"The signature with the key {kid} does not hold: the file was changed after it was "
            "signed, or somebody else signed it. Ask its issuer to send it again.",
            check=3,
        )


def _check_payload(envelope: Envelope) -> Payload:
    try:
        payload = read_payload(envelope.payload)
    except PayloadRefused as error:
        raise OfferRefused(
            f"The content of this licence is not valid. {shown(str(error), 400)} "
            "Ask its issuer for a new one.",
            check=4,
        ) from None
    if payload.meta.kid != envelope.kid:
        raise OfferRefused(
            f"This licence names the key {shown(payload.meta.kid)} inside and "
            f"{shown(envelope.kid)} outside. Ask its issuer for a new one.",
            check=4,
        )
    return payload


def _check_clock(offer: Offer, acceptance: Acceptance) -> None:
    if offer.issued and offer.issued > acceptance.now + AHEAD:
        raise OfferRefused(
            f"This licence was issued at {_time(offer.issued)}, which is still to come. "
            "Check the clock of the computer that licbot runs on.",
            check=5,
        )
    if acceptance.latest is not None and acceptance.now < acceptance.latest:
        raise OfferRefused(
            f"The clock was set back: it says {_time(acceptance.now)}, and licbot has already "
            f"seen {_time(acceptance.latest)}. Set the clock right and try again.",
            check=5,
        )


def _check_customer(offer: Offer, acceptance: Acceptance) -> None:
    installed = acceptance.customer
    offered = offer.license.customer
    if installed is None or installed.is_demo or _same(offered, installed):
        return
    raise OfferRefused(
        f"This licence is for {_customer(offered)}, and the installed one is for "
        f"{_customer(installed)}. Ask its issuer for the right one.",
        check=6,
    )


def _check_sequence(read: LicenseFile, acceptance: Acceptance) -> None:
    owner = read.offer.license.owner
    highest = acceptance.highest.get((owner.key, read.kid), acceptance.after)
    sequence = read.offer.sequence
    if highest is None or highest < sequence <= highest + LARGEST_JUMP:
        return
    if sequence <= highest:
        raise OfferRefused(
            f"This licence has the number {sequence}, and number {highest} of "
            f"{shown(owner.label)} was accepted before. Use the newest one, or ask its issuer "
            "for a new one.",
            check=7,
        )
    raise OfferRefused(
        f"The number of this licence, {sequence}, is too far ahead of {highest}, the last one "
        f"accepted of {shown(owner.label)}. Ask its issuer whether the signing key is safe.",
        check=7,
    )


def _check_grace(dates: LicenseDates, acceptance: Acceptance) -> None:
    if is_past(dates.grace, acceptance.now):
        raise OfferRefused(
            f"This licence stopped working on {day(dates.grace)}. Ask its issuer for a new one.",
            check=8,
        )


def _same(offered: Customer, installed: Customer) -> bool:
    # Programs differ in whether a letter and its accent are one character or two.
    names = (unicodedata.normalize("NFC", each.company) for each in (offered, installed))
    return offered.serial == installed.serial and len(set(names)) == 1


def _customer(customer: Customer) -> str:
    return f"{shown(customer.company)} (serial number {shown(customer.serial)})"


def _time(moment: datetime) -> str:
    return f"{day(moment)}, {moment:%H:%M} UTC"
