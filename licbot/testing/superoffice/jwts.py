"""Signed tokens: what the login host vouches for."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

KID = "stand-in-1"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """The key of the login host, the same as long as the process lives."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(claims: Mapping[str, Any]) -> str:
    """A JWT with these claims, RS256."""
    header = {"typ": "JWT", "alg": "RS256", "kid": KID}
    content = f"{_json(header)}.{_json(claims)}"
    signature = signing_key().sign(content.encode(), padding.PKCS1v15(), SHA256())
    return f"{content}.{encode(signature)}"


def key_set() -> Mapping[str, Any]:
    """The public key, as a JWKS."""
    numbers = signing_key().public_key().public_numbers()
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID}
    return {"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]}


def encode(content: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(value: Mapping[str, Any]) -> str:
    return encode(json.dumps(value, ensure_ascii=False).encode())


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
