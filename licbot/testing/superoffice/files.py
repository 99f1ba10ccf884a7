"""Licence files: XML texts with a signature that only this process can write."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from licbot.testing.superoffice.licenses import SimLicense, SimModule

_SECRET = secrets.token_bytes(32)
_SIGNATURE = re.compile(r' signature="([0-9a-f]{64})"')
_written: dict[str, SimLicense] = {}


def license_file(license_set: SimLicense) -> str:
    """The text of a licence file; keep it exactly as it is."""
    attributes = {
        "owner": license_set.owner,
        "company": license_set.company,
        "serial": license_set.serial,
        "version": license_set.version,
    }
    head = _attributes(attributes)
    rows = "\n".join(_row(module) for module in license_set.modules)
    unsigned = f'<?xml version="1.0" encoding="utf-8"?>\n<License {head}>\n{rows}\n</License>\n'
    signature = _sign(f"{unsigned}{license_set!r}")
    _written[signature] = license_set
    return unsigned.replace("<License ", f'<License signature="{signature}" ', 1)


def read_file(text: str) -> SimLicense | None:
    """The licence in a file, or None where it was not signed or was changed since."""
    found = _SIGNATURE.search(text)
    license_set = _written.get(found[1]) if found else None
    return license_set if license_set and license_file(license_set) == text else None


def _row(module: SimModule) -> str:
    attributes = {
        "name": module.name,
        "description": module.description,
        "type": module.license_type.value,
        "number": str(module.number),
    }
    return f"  <Module {_attributes(attributes)}/>"


def _attributes(values: Mapping[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in values.items())


def _sign(text: str) -> str:
    return hmac.digest(_SECRET, text.encode(), hashlib.sha256).hex()
