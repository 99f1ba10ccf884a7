"""Keys: Ed25519 in PEM, and a clear word for anything else."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448

from licbot_local.keys import (
    KeyRefused,
    generate,
    private_pem,
    public_pem,
    read_private_key,
    read_public_key,
)

PRIVATE = private_pem(generate())
PUBLIC = public_pem(generate().public_key())
CURVE = ec.generate_private_key(ec.SECP256R1())
CURVE_PUBLIC = CURVE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
CURVE_PRIVATE = ed448.Ed448PrivateKey.generate().private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
LOCKED = generate().private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"secret"),
)


def test_a_new_key_is_read_back_from_its_text() -> None:
    key = generate()

    assert private_pem(read_private_key(private_pem(key))) == private_pem(key)
    public = public_pem(key.public_key())
    assert public_pem(read_public_key(public)) == public


@pytest.mark.parametrize(
    ("read", "pem", "words"),
    [
        (read_public_key, b"", "not a public key"),
        (read_public_key, b"\xff\xfe", "not a public key"),
        (read_public_key, PRIVATE, "a private key"),
        (read_public_key, CURVE_PUBLIC, "another kind"),
        (read_private_key, b"hello", "not a private key"),
        (read_private_key, PUBLIC, "not a private key"),
        (read_private_key, CURVE_PRIVATE, "another kind"),
        (read_private_key, LOCKED, "password"),
    ],
)
def test_other_keys_are_refused_in_words(
    read: Callable[[bytes], object], pem: bytes, words: str
) -> None:
    with pytest.raises(KeyRefused) as caught:
        read(pem)

    assert words in caught.value.message
