"""Licence files that no honest issuer would write."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.plugins.local.samples import KEY, KID, payload

HEADER = "-----BEGIN LICENSE FILE-----"
FOOTER = "-----END LICENSE FILE-----"


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def wrap(inner: bytes, *, ending: str = "\n", width: int = 64) -> bytes:
    """Header, the bytes in base64 with line breaks, footer."""
    body = encode(inner)
    lines = [body[start : start + width] for start in range(0, len(body), width)]
    return ending.join([HEADER, *lines, FOOTER, ""]).encode()


def envelope(
    content: bytes | None = None, key: Ed25519PrivateKey = KEY, **changes: Any
) -> dict[str, Any]:
    """The fields of an envelope, signed for whatever bytes; keywords change them afterwards."""
    enc = encode(json.dumps(payload()).encode() if content is None else content)
    sig = encode(key.sign(b"license/" + enc.encode()))
    return {"enc": enc, "sig": sig, "alg": "base64+ed25519", "kid": KID} | changes


def forge(content: object = None, key: Ed25519PrivateKey = KEY, **changes: Any) -> bytes:
    """A licence file with any payload: bytes, or the value of its JSON."""
    if content is not None and not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return wrap(json.dumps(envelope(content, key, **changes)).encode())
