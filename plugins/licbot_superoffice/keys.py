"""The private key of the app, which signs for its system user."""

import base64
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class KeyUnusable(Exception):
    """The private key cannot be used; the message says why, and nothing of the key."""


def private_key_pem(given: Mapping[str, str], folder: Path) -> str:
    """The PEM that the settings hold or name; empty where they do neither.

    Raises KeyUnusable where the file cannot be read.
    """
    if pem := given.get("private_key_pem"):
        # Where an environment takes single lines only, line ends are written as \n.
        return pem.replace("\\n", "\n")
    name = given.get("private_key")
    return _read(folder / Path(name).expanduser()) if name else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyUnusable("names a file that is not there. Mend the name") from None
    except OSError:
        raise KeyUnusable("names a file that can't be read. Give licbot leave to") from None
    except UnicodeDecodeError:
        raise KeyUnusable(_NO_PEM) from None


def load(pem: str) -> RSAPrivateKey:
    """The key in a PEM. Raises KeyUnusable."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise KeyUnusable("is locked with a password. Store it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable(_NO_PEM) from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyUnusable("is no RSA key. Use the one that SuperOffice gave with the app")
    return key


def sign(key: RSAPrivateKey, text: str) -> str:
    """A signature (RSA, PKCS #1 v1.5, SHA-256) in base64."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


_NO_PEM = (
    "is no private key in PEM, which begins with -----BEGIN. Turn what begins with <RSAKeyValue> "
    "into one first"
)
