"""Licence files that cannot be accepted: each check of the list, in its order, said in words."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licbot.sandbox.person import Person
from tests.scenarios.customers import KID, Json, licence, tenant
from tests.scenarios.world import KEY, OTHER_KEY, World, world

HEADER, FOOTER = b"-----BEGIN LICENSE FILE-----", b"-----END LICENSE FILE-----"


def wrapped(inner: bytes) -> bytes:
    """A licence file around the bytes of an envelope."""
    return b"\n".join([HEADER, base64.encodebytes(inner).strip(), FOOTER, b""])


def written(
    payload: Json | bytes,
    *,
    key: Ed25519PrivateKey = KEY,
    replace: Mapping[str, str] | None = None,
    signed: bytes | None = None,
) -> bytes:
    """A licence file by hand.

    replace: fields of the envelope that say something else. signed: the payload that the
    signature is over, where it is another one.
    """
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    enc = base64.b64encode(body).decode()
    over = base64.b64encode(signed).decode() if signed else enc
    signature = key.sign(b"license/" + over.encode())
    envelope = {
        "enc": enc,
        "sig": base64.b64encode(signature).decode(),
        "alg": "base64+ed25519",
        "kid": KID,
        **(replace or {}),
    }
    return wrapped(json.dumps(envelope).encode())


def good(**changes: Any) -> Json:
    """The payload of a licence that would be accepted, but for these changes."""
    return licence(2, {"sales": 4}, **changes)


def without(payload: Json, part: str) -> Json:
    """A payload that lacks a part."""
    return {key: value for key, value in payload.items() if key != part}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file that fails a check, what is said of it, and the cure that is named."""

    check: int
    raw: bytes
    why: str
    cure: str


ASK_AGAIN = "Use the file exactly as its issuer sent it, or ask for it again."
A_NEW_ONE = "Ask its issuer for a new one."
PLAIN = json.dumps(good()).encode()

CASES: Mapping[str, Case] = {
    "too-large.lic": Case(
        check=1, raw=b"-" * (1024 * 1024 + 1), why="It is larger than 1 MiB.", cure=ASK_AGAIN
    ),
    "no-header.lic": Case(
        check=1,
        raw=b"\n".join(written(good()).splitlines()[1:]),
        why="It must begin with -----BEGIN LICENSE FILE-----",
        cure=ASK_AGAIN,
    ),
    "no-footer.lic": Case(
        check=1,
        raw=b"\n".join(written(good()).splitlines()[:-1]),
        why="and end with -----END LICENSE FILE-----",
        cure=ASK_AGAIN,
    ),
    "not-base64.lic": Case(
        check=1,
        raw=b"\n".join([HEADER, b"%%%%", FOOTER]),
        why="is not base64.",
        cure=ASK_AGAIN,
    ),
    "key-twice.lic": Case(
        check=1,
        raw=wrapped(b'{"enc": "", "enc": "", "sig": "", "alg": "", "kid": ""}'),
        why="Its content cannot be read:",
        cure=ASK_AGAIN,
    ),
    "trailing.lic": Case(
        check=1,
        raw=wrapped(b'{"enc": "", "sig": "", "alg": "", "kid": ""} {}'),
        why="Its content cannot be read:",
        cure=ASK_AGAIN,
    ),
    "other-method.lic": Case(
        check=2,
        raw=written(good(), replace={"alg": "aes-256-gcm+ed25519", "kid": "nobody"}),
        why='signed by the method "aes-256-gcm+ed25519", and only "base64+ed25519" is accepted',
        cure="Ask its issuer for one that is signed so.",
    ),
    "unknown-key.lic": Case(
        check=3,
        raw=written(good(), replace={"kid": "nobody"}),
        why="signed with the key nobody, which is not trusted here",
        cure="have the people who run licbot trust the issuer's public key",
    ),
    "tampered.lic": Case(
        check=3,
        raw=written(good(customer={"company": "Thief Ltd"}), signed=PLAIN),
        why=f"The signature with the key {KID} does not hold",
        cure="Ask its issuer to send it again.",
    ),
    "signed-by-another.lic": Case(
        check=3,
        raw=written(b"not even JSON", key=OTHER_KEY),
        why=f"The signature with the key {KID} does not hold",
        cure="Ask its issuer to send it again.",
    ),
    "no-dates.lic": Case(
        check=4, raw=written(without(good(), "dates")), why="dates: is missing.", cure=A_NEW_ONE
    ),
    "later-version.lic": Case(
        check=4,
        raw=written(good(meta={"version": 2})),
        why="meta.version must be 1",
        cure=A_NEW_ONE,
    ),
    "two-key-ids.lic": Case(
        check=4,
        raw=written(good(meta={"kid": "other"})),
        why=f"names the key other inside and {KID} outside",
        cure=A_NEW_ONE,
    ),
    "module-twice.lic": Case(
        check=4,
        raw=written({**good(), "modules": good()["modules"] * 2}),
        why="has the module sales twice",
        cure=A_NEW_ONE,
    ),
    "from-tomorrow.lic": Case(
        check=5,
        raw=written(good(meta={"issued": "2026-11-25T09:00:00Z"}, customer={"serial": "1"})),
        why="was issued at 25 November 2026, 09:00 UTC, which is still to come",
        cure="Check the clock of the computer that licbot runs on.",
    ),
    "other-customer.lic": Case(
        check=6,
        raw=written(good(customer={"company": "Fjordlicht AG"}, meta={"sequence": 1})),
        why="is for Fjordlicht AG (serial number 1234567890), and the installed one is for "
        "Fjordlicht GmbH (serial number 1234567890)",
        cure="Ask its issuer for the right one.",
    ),
    "older.lic": Case(
        check=7,
        raw=written(licence(1, {"sales": 9}, dates={"grace": "2026-01-01"})),
        why="has the number 1, and number 1 of SuperOffice AS was accepted before",
        cure="Use the newest one",
    ),
    "far-ahead.lic": Case(
        check=7,
        raw=written(licence(1_000_002, {"sales": 9})),
        why="The number of this licence, 1000002, is too far ahead of 1",
        cure="Ask its issuer whether the signing key is safe.",
    ),
    "over.lic": Case(
        check=8,
        raw=written(good(dates={"expiry": "2026-10-01", "grace": "2026-11-23"})),
        why="This licence stopped working on 23 November 2026.",
        cure=A_NEW_ONE,
    ),
}


async def test_each_file_that_fails_a_check_is_named_with_the_cure_and_changes_nothing(
    tmp_path: Path,
) -> None:
    assert {case.check for case in CASES.values()} == set(range(1, 9))
    async with world(
        tmp_path,
        tenant=tenant({"sales": ["Anna", "Ben"]}),
        installed=licence(1, {"sales": 5}),
    ) as here:
        anna = here.person("anna")
        up_to_date = await here.answer(anna, "/license refresh")
        assert up_to_date.text == "No new licence: your licence is up to date."
        before = await here.decided()
        for name, case in CASES.items():
            here.leave(name, case.raw)
            said = await here.answer(anna, "/license refresh")
            assert f"{name}* cannot be used: " in said.text
            assert case.why in said.text, name
            assert case.cure in said.text, name
            (here.stage.offers / name).unlink()
        assert await here.decided() == before
        assert here.cards(anna) == []
        await a_clock_set_back_is_noticed(here, anna)
        await a_good_one_beside_bad_ones_is_taken_up(here, anna)


async def a_clock_set_back_is_noticed(here: World, anna: Person) -> None:
    before = await here.decided()
    here.leave("good.lic", good())
    here.clock.advance(hours=-2)
    said = await here.answer(anna, "/license refresh")
    assert "The clock was set back" in said.text
    assert "Set the clock right and try again." in said.text
    assert await here.decided() == before
    here.clock.advance(hours=2)


async def a_good_one_beside_bad_ones_is_taken_up(here: World, anna: Person) -> None:
    for name, case in CASES.items():
        here.leave(name, case.raw)
    said = await here.answer(anna, "/license refresh")
    assert "A new licence was found." in said.text
    assert said.text.count("* cannot be used: ") == 10
    assert f"… and {len(CASES) - 10} more that cannot be used." in said.text
    await here.card_says(anna, "Activate new licence", "\nSales\n2\n5\n−1\n4\n2")
    await anna.press("Activate", confirm=True)
    await here.card_says(anna, "New licence activated")


async def test_a_licence_that_is_valid_later_waits_for_its_day(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        tenant=tenant({"sales": ["Anna", "Ben"]}),
        installed=licence(1, {"sales": 5}),
        offers=[good(meta={"not_before": "2026-12-01"})],
    ) as here:
        anna = here.person("anna")
        card = await here.card_says(anna, "The new licence is valid from 1 December 2026.")
        assert "Activate" not in card.buttons


async def test_a_demo_version_takes_a_licence_for_another_customer(tmp_path: Path) -> None:
    demo = {"company": "Demo", "serial": "1010000006"}
    async with world(
        tmp_path,
        tenant=tenant({"sales": ["Anna", "Ben"]}),
        installed=licence(1, {"sales": 5}, customer=demo),
        offers=[good()],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence", "Fjordlicht GmbH")
        await anna.press("Activate", confirm=True)
        await here.card_says(anna, "New licence activated")
