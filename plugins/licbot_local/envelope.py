"""The envelope of a licence file: what is signed, the signature, and with which key.

Check 1 of the list stands here; no other module sees the file's outer form.
"""

import base64
import json
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from licbot.domain.errors import OfferRefused
from licbot_local.strict_json import NotStrict, parse
from licbot_local.wording import shown

MAX_BYTES = 1024 * 1024
"""The size of the largest licence file."""

ALGORITHM = "base64+ed25519"

_HEADER = b"-----BEGIN LICENSE FILE-----"
_FOOTER = b"-----END LICENSE FILE-----"
_FIELDS = frozenset({"enc", "sig", "alg", "kid"})
_LINE = 76
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""The categories of Unicode that leave no mark: controls, formats and spaces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A licence file before anything of it is believed.

    payload: the bytes that ``enc`` stands for. signed: the bytes that the signature is over.
    """

    payload: bytes
    signed: bytes
    signature: bytes
    algorithm: str
    kid: str


def signed_bytes(enc: str) -> bytes:
    """The bytes that are signed for an encoded payload."""
    return b"license/" + enc.encode("ascii")


def read_envelope(raw: bytes) -> Envelope:
    """Take a licence file apart. Raises OfferRefused with check 1."""
    if len(raw) > MAX_BYTES:
        _refuse("It is larger than 1 MiB.")
    if not raw.strip():
        _refuse("It is empty.")
    if not _is_text(raw):
        _refuse("It is no text: it is encrypted or packed, or a file of another kind.")
    fields = _read_fields(_decode(_body(raw), "The part between its first and last line"))
    return Envelope(
        payload=_decode(_bytes(fields["enc"]), 'The part "enc"'),
        signed=signed_bytes(fields["enc"]),
        signature=_decode(_bytes(fields["sig"]), 'The part "sig"'),
        algorithm=fields["alg"],
        kid=fields["kid"],
    )


def write_envelope(enc: str, signature: bytes, kid: str) -> bytes:
    """Put a licence file together from an encoded payload and the signature over it."""
    sig = base64.b64encode(signature).decode()
    inner = json.dumps({"enc": enc, "sig": sig, "alg": ALGORITHM, "kid": kid})
    body = base64.b64encode(inner.encode())
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    return b"\n".join([_HEADER, *lines, _FOOTER, b""])


def _is_text(raw: bytes) -> bool:
    """Whether an editor could show it; which text it is does not matter yet."""
    try:
        return "\x00" not in raw.decode()
    except UnicodeDecodeError:
        return False


def _body(raw: bytes) -> bytes:
    lines = [line.removesuffix(b"\r") for line in raw.strip(b" \t\r\n").split(b"\n")]
    if len(lines) < 2 or lines[0] != _HEADER or lines[-1] != _FOOTER:
        _refuse_what_is_not_seen(raw.strip(b" \t\r\n"))
        _refuse(f"It must begin with {_HEADER.decode()} and end with {_FOOTER.decode()}.")
    return b"".join(lines[1:-1])


def _refuse_what_is_not_seen(raw: bytes) -> None:
    """Name what editors put before the first line, since the file looks right with it."""
    before, header, _ = raw.decode().partition(_HEADER.decode())
    if before and header and all(unicodedata.category(each) in _INVISIBLE for each in before):
        _refuse(
            f"Invisible characters, such as an editor's byte order mark, stand before its {header}."
        )


def _bytes(text: str) -> bytes:
    # What is not ASCII becomes a question mark, which is not base64 either.
    return text.encode("ascii", "replace")


def _decode(text: bytes, what: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    # Readers disagree on stray bits at the end, so only the one way of writing is read.
    if base64.b64encode(found) != text:
        _refuse(f"{what} is not base64.")
    return found


def _read_fields(inner: bytes) -> dict[str, str]:
    try:
        found = parse(inner)
    except NotStrict as error:
        _refuse(f"Its content cannot be read: {error}.")
    if not isinstance(found, dict) or found.keys() != _FIELDS:
        _refuse("It must hold exactly enc, sig, alg and kid.")
    if not all(isinstance(value, str) for value in found.values()):
        _refuse("Each of enc, sig, alg and kid must be text.")
    return found


def _refuse(why: str) -> NoReturn:
    raise OfferRefused(
        f"This is not a licence file. {shown(why, 200)} "
        "Use the file exactly as its issuer sent it, or ask for it again.",
        check=1,
    )
