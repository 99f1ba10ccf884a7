"""How an offer is kept: a line of licbot's own, then the licence byte for byte as it came.

The line says where it came from, so that it can be fetched again from there, and how licbot
numbered it. It is believed only as far as SuperOffice confirms the licence below it.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from licbot.domain.errors import OfferRefused, SystemUnavailable
from licbot.domain.licenses import Offer
from licbot_superoffice.exact import NotJson, text_of, value_of
from licbot_superoffice.licences import Fetched, read_one

FORMAT = "superoffice/1"
_START = b'{"licbot":'


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """An offer as it is kept.

    owner: the name of its owner. number: licbot's count of the offers of this owner. found: when
    it was first found. file: the text of the licence file it came in; ``None`` where the issuer
    gave it. fetched: the licence.
    """

    owner: str
    number: int
    found: datetime
    file: str | None = field(default=None, repr=False)
    fetched: Fetched

    def offer(self) -> Offer:
        """The offer, with its bytes."""
        owner = self.fetched.offered.owner.label
        return Offer(
            raw=_line(self) + b"\n" + self.fetched.raw,
            digest=self.fetched.digest,
            license=self.fetched.offered,
            sequence=self.number,
            issued=None,
            source=f"the licence server of {owner}" if self.file is None else "a licence file",
        )


def is_kept(raw: bytes) -> bool:
    """Whether these are the bytes of an offer as licbot keeps it."""
    return raw.startswith(_START)


def unpack(raw: bytes) -> Envelope:
    """Read the bytes of an offer. Raises OfferRefused where they are none."""
    line, _, body = raw.partition(b"\n")
    try:
        said = value_of(text_of(line))
        fetched = read_one(body)
        if fetched is not None and isinstance(said, dict):
            return _envelope(said, fetched)
    except (NotJson, SystemUnavailable, KeyError, ValueError, TypeError):
        # Whatever it is that does not fit, it was not licbot that wrote these bytes.
        pass
    raise OfferRefused("This is no licence that licbot has kept. Load the licence file again.")


def _envelope(said: dict[str, Any], fetched: Fetched) -> Envelope:
    if said["licbot"] != FORMAT:
        raise ValueError("another format")
    found = datetime.fromisoformat(said["found"])
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return Envelope(
        owner=str(said["owner"]),
        number=int(said["number"]),
        found=found,
        file=str(said["file"]) if said["from"] == "file" else None,
        fetched=fetched,
    )


def _line(envelope: Envelope) -> bytes:
    said = {
        "licbot": FORMAT,
        "from": "server" if envelope.file is None else "file",
        "owner": envelope.owner,
        "number": envelope.number,
        "found": envelope.found.isoformat(),
    }
    if envelope.file is not None:
        said["file"] = envelope.file
    return json.dumps(said, separators=(",", ":")).encode("ascii")


def file_text(raw: bytes) -> str:
    """The text of a licence file that a person handed over. Raises OfferRefused."""
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not text.lstrip().startswith("<"):
        raise OfferRefused(
            "This is no licence file of SuperOffice: those are text in XML. "
            "Choose the file that SuperOffice sent.",
        )
    return text
