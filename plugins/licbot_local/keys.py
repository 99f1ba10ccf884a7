"""Keys of issuers: Ed25519, in PEM."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licbot.domain.errors import LicbotError


class KeyRefused(LicbotError):
    """This is not an Ed25519 key in PEM. Make a pair with `licbot license new-key`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PinnedKey:
    """A public key whose signatures are believed.

    not_before, not_after: the first and the last moment of that, in UTC; ``None`` is no limit.
    """

    kid: str
    public: Ed25519PublicKey
    not_before: datetime | None = None
    not_after: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether its signatures are believed at this moment."""
        begun = self.not_before is None or self.not_before <= now
        return begun and (self.not_after is None or now <= self.not_after)

    def holds(self, signature: bytes, signed: bytes) -> bool:
        """Whether this key made the signature over these bytes."""
        try:
            self.public.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    @property
    def pem(self) -> str:
        """The key as text."""
        return public_pem(self.public).decode()


def generate() -> Ed25519PrivateKey:
    """Make a new key for an issuer."""
    return Ed25519PrivateKey.generate()


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """A private key as text, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as text."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read a public key. Raises KeyRefused."""
    if b"PRIVATE KEY" in pem:
        raise KeyRefused(
            "This is a private key, which only its issuer may have. Use the public key."
        )
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused(
            "This is not a public key in PEM. Use the file that begins with "
            "-----BEGIN PUBLIC KEY-----."
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused("This key is of another kind. Use an Ed25519 public key.")
    return key


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """Read a private key that no password protects. Raises KeyRefused."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise KeyRefused(
            "A password protects this key. Use one without, in a file only you can read."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused(
            "This is not a private key in PEM. Use the file that begins with "
            "-----BEGIN PRIVATE KEY-----."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused("This key is of another kind. Use an Ed25519 private key.")
    return key
