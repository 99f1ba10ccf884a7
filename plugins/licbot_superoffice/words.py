"""What SuperOffice and its issuers said, as part of licbot's own sentences."""

import re
from urllib.parse import urlsplit

from licbot.ports.texts import clip

MOST = 300
"""Characters of a message that are repeated."""

# Control characters, marks that turn the direction of text, and half characters.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Somebody else's text without what databases and Slack refuse, or what misleads a reader."""
    return _UNSHOWN.sub(" ", text).strip()


def one_line(text: str, length: int = MOST) -> str:
    """Somebody else's text on one line, without control characters and not too long."""
    return clip(" ".join(_UNSHOWN.sub(" ", text[: 4 * length]).split()), length)


def quoted(text: str) -> str:
    """Somebody else's words in quotation marks; they end no quotation of ours."""
    inner = one_line(text).replace("“", "‘").replace("”", "’").replace('"', "’")
    return f"“{inner}”"


def said(text: str, otherwise: str = "SuperOffice gave no reason.") -> str:
    """A sentence that repeats what SuperOffice said, or says that it said nothing."""
    inner = quoted(text)
    if inner == quoted(""):
        return otherwise
    return f"SuperOffice says: {inner}" if inner[-2] in ".!?…" else f"SuperOffice says: {inner}."


def web_address(text: str) -> str:
    """An address that a browser opens, or nothing: other schemes run or reveal things."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    plain = not _UNSHOWN.search(address) and not any(sign in address for sign in " <>|\"'")
    safe = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    return address if plain and safe and len(address) <= MOST else ""
