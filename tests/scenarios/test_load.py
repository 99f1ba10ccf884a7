"""A licence file handed over in Slack: checked, refused in words, or shown like any other offer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from licbot.sandbox import payloads
from licbot.sandbox.actions import Outcome
from licbot.sandbox.person import Person
from licbot.sandbox.records import View
from licbot.slack import files
from tests.scenarios.customers import Json, licence, tenant, user
from tests.scenarios.test_hostile_names import NAMES, letters, require_only_our_own_markup
from tests.scenarios.test_refused_files import CASES, good, written
from tests.scenarios.test_who_may import NO
from tests.scenarios.world import ACK_SECONDS, World, modal_of, signed, world

SCOPES = ("chat:write", "commands", "users:read", "users:read.email")
LABEL = "Licence file"
STAFF = tenant({"sales": ["Anna", "Ben"]}, [user("Anna", 1), user("Ben", 2, administrator=True)])


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a file however busy the machine is."""
    monkeypatch.setattr(files, "WHOLE_SECONDS", ACK_SECONDS)


@asynccontextmanager
async def opted_in(folder: Path, **changes: Any) -> AsyncIterator[World]:
    """A customer with two administrators, where licbot may read files."""
    changes = {"tenant": STAFF, "installed": licence(1, {"sales": 5}), **changes}
    async with world(folder, **changes) as here:
        here.workspace.grant(*SCOPES, "files:read")
        yield here


def form_of(person: Person) -> View:
    """The form in front of a person."""
    form = modal_of(person).where
    assert isinstance(form, View)
    return form


async def hands_over(person: Person, content: bytes, name: str = "new.lic") -> Outcome:
    """Open the form, put a file into it, and press OK."""
    await person.command("/license load")
    await person.attach(LABEL, name, content)
    return await person.submit()


async def is_told(person: Person, content: bytes, name: str = "new.lic") -> str:
    """What stands under the field when this file is handed over; the modal is closed then."""
    outcome = await hands_over(person, content, name)
    assert list(outcome.errors) == ["load:file"], outcome
    await person.close()
    return outcome.errors["load:file"]


async def test_a_file_becomes_an_offer_like_any_other(tmp_path: Path) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        await anna.command("/license load")
        assert "Nothing is activated yet." in modal_of(anna).text
        outcome = await anna.submit()
        assert list(outcome.errors) == ["load:file"]
        await anna.attach(LABEL, "more seats.lic", signed(licence(2, {"sales": 7})))
        assert (await anna.submit()).ok

        assert "*more seats.lic* holds a new licence." in modal_of(anna).text
        await anna.close()
        await here.card_says(anna, "Activate new licence", "\nSales\n2\n5\n+2\n7\n5")
        assert await here.rows("SELECT kind, actor FROM event") == [("OfferFound", "UANNA")]

        await anna.press("Activate", confirm=True)
        await here.card_says(anna, "New licence activated")
        words = await is_told(anna, signed(licence(2, {"sales": 7})))
        assert words.startswith("This licence is in force already, so there is nothing to do.")


async def test_a_smaller_licence_from_a_file_asks_for_the_surplus(tmp_path: Path) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        await hands_over(anna, signed(licence(2, {"sales": 1})))
        await anna.close()
        card = await here.card_says(anna, "red: 1 must go")
        assert "Activate" not in card.buttons


async def test_every_file_that_fails_a_check_is_refused_in_words_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        before = await here.decided()
        for name, case in CASES.items():
            words = await is_told(anna, case.raw, name)
            if name == "too-large.lic":
                assert "larger than 1 MiB" in words
                continue
            assert case.why in words, name
            assert case.cure in words, name
        assert await here.decided() == before
        assert here.cards(anna) == []


OTHERS = {
    "is empty": b"",
    "It is empty.": b" \r\n\t",
    "It is no text: it is encrypted or packed, or a file of another kind.": b"\x89PNG\r\n\0",
    "no text: it is encrypted": bytes(range(128, 256)) * 9,
    "It is no text": b"PK\x03\x04\0\0\0\0",
    "It must begin with -----BEGIN LICENSE FILE-----": b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n",
    'This licence is encrypted, and signed by the method "aes-256-gcm+ed25519"': written(
        good(), replace={"alg": "aes-256-gcm+ed25519"}
    ),
    "This licence is in force already": signed(licence(1, {"sales": 5})),
    "larger than 1 MiB, so it is no licence file": b"x" * (20 * 1024 * 1024),
}


async def test_other_files_are_refused_in_words_too(tmp_path: Path) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        before = await here.decided()
        for why, content in OTHERS.items():
            words = await is_told(anna, content)
            assert why in words
            assert "issuer" in words, words
        assert await here.decided() == before


async def test_a_file_too_large_is_not_fetched_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opted_in(tmp_path) as here:
        asked: list[str] = []
        fetch = files.Files.fetch

        async def noted(self: files.Files, file: Any, most: int) -> bytes:
            asked.append(file.name)
            return await fetch(self, file, most)

        monkeypatch.setattr(files.Files, "fetch", noted)
        anna = here.person("anna")
        assert "larger than 1 MiB" in await is_told(anna, b"x" * (1024 * 1024 + 1), "huge.lic")
        assert "not a licence file" in await is_told(anna, b"x" * (1024 * 1024), "full.lic")
        assert asked == ["full.lic"]


async def test_after_a_wrong_file_the_right_one_goes_into_the_same_form(tmp_path: Path) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        outcome = await hands_over(anna, b"wrong", "wrong.lic")
        assert "not a licence file" in outcome.errors["load:file"]
        again = await anna.submit()
        assert again.errors == outcome.errors
        form = form_of(anna)
        await here.actions.choose(
            anna.user,
            block_id="load:file",
            action_id="load:file",
            values=[],
            view_id=form.id,
        )
        await anna.attach(LABEL, "right.lic", signed(licence(2, {"sales": 7})))
        assert (await anna.submit()).ok
        await anna.close()
        await here.card_says(anna, "Activate new licence")


async def test_without_the_scope_it_says_what_is_missing_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, tenant=STAFF, installed=licence(1, {"sales": 5})) as here:
        anna = here.person("anna")
        said = await here.answer(anna, "/license load")
        assert "licbot may not read files in this workspace." in said.text
        assert "the scope `files:read` and install the app again" in said.text
        assert anna.modal is None

        here.workspace.grant(*SCOPES, "files:read")
        await anna.command("/license load")
        assert anna.modal is not None


async def test_a_scope_that_is_taken_away_meanwhile_is_said_under_the_field(
    tmp_path: Path,
) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        await anna.command("/license load")
        await anna.attach(LABEL, "new.lic", signed(licence(2, {"sales": 7})))
        here.workspace.grant(*SCOPES)
        outcome = await anna.submit()
        assert "licbot may not read files in this workspace." in outcome.errors["load:file"]

        here.workspace.grant(*SCOPES, "files:read")
        assert (await anna.submit()).ok


async def test_two_administrators_hand_over_files_at_once(tmp_path: Path) -> None:
    async with opted_in(tmp_path) as here:
        anna, ben = here.person("anna"), here.person("ben")
        same = signed(licence(2, {"sales": 7}))
        outcomes = await asyncio.gather(hands_over(anna, same), hands_over(ben, same))
        assert all(outcome.ok for outcome in outcomes)
        said = sorted([modal_of(anna).text, modal_of(ben).text])
        assert ["is waiting already." in each for each in said].count(True) == 1
        assert ["holds a new licence." in each for each in said].count(True) == 1
        await here.card_says(anna, "Activate new licence")
        assert len(here.cards(anna)) == 1


async def test_what_waits_or_runs_decides_what_a_file_may_do(tmp_path: Path) -> None:
    async with opted_in(tmp_path, offers=[licence(5, {"sales": 7})]) as here:
        anna, ben = here.person("anna"), here.person("ben")
        await here.card_says(anna, "Activate new licence")
        words = await is_told(ben, signed(licence(4, {"sales": 9})))
        assert "waiting already: number 5, and this one has the number 4." in words
        words = await is_told(ben, signed(licence(5, {"sales": 9})))
        assert "number 5, and this one has the number 5." in words

        await hands_over(ben, signed(licence(5, {"sales": 7})), "the same.lic")
        assert "The licence in *the same.lic* is waiting already." in modal_of(ben).text
        assert "Open its message" in modal_of(ben).text
        await ben.close()

        await anna.press("The numbers are wrong", confirm=True)
        await here.card_says(anna, "New licence set aside")
        await hands_over(ben, signed(licence(5, {"sales": 7})))
        assert "it was set aside" in modal_of(ben).text
        await ben.close()

        await hands_over(ben, signed(licence(6, {"sales": 8})))
        await ben.close()
        await here.card_says(anna, "Activate new licence", "\nSales\n2\n5\n+3\n8\n6")


async def test_whoever_is_no_administrator_hands_over_nothing(tmp_path: Path) -> None:
    """Given a member who sends what an administrator's form would."""
    async with opted_in(tmp_path) as here:
        clara, anna = here.person("clara"), here.person("anna")
        assert (await here.answer(clara, "/license load")).text == NO
        assert clara.modal is None

        await anna.command("/license load")
        await anna.attach(LABEL, "new.lic", signed(licence(2, {"sales": 7})))
        before = await here.decided()
        someone = here.workspace.users[clara.user]
        delivery = payloads.view_submission(here.workspace, someone, form_of(anna))
        answer = await here.actions.repeat(delivery)
        assert NO in str(answer.body)
        assert await here.decided() == before


async def test_hostile_names_of_files_and_customers_are_shown_and_never_interpreted(
    tmp_path: Path,
) -> None:
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        await here.answer(anna, "/license")
        other: Json = {"company": NAMES["broadcast"], "serial": NAMES["marks"]}
        words = await is_told(anna, signed(licence(2, {"sales": 7}, customer=other)))
        assert letters(NAMES["broadcast"]) in letters(words)

        raw = signed(licence(2, {"sales": 7}))
        for name in (*NAMES.values(), "../../etc/passwd", "a?b#c%2F.lic", "x" * 300 + ".lic"):
            outcome = await hands_over(anna, raw, name)
            assert outcome.ok, name
            assert letters(name)[:20] in letters(modal_of(anna).text)
            await anna.close()
        require_only_our_own_markup(here.workspace)


async def test_a_forged_address_is_not_followed(tmp_path: Path) -> None:
    """Given a request, signed as Slack's, that names a file somewhere else."""
    async with opted_in(tmp_path) as here:
        anna = here.person("anna")
        await anna.command("/license load")
        await anna.attach(LABEL, "new.lic", signed(licence(2, {"sales": 7})))
        [file] = form_of(anna).state["load:file"]["load:file"]["files"]
        for address in ("http://127.0.0.1:9/new.lic", "https://evil.example/new.lic", ""):
            file["url_private_download"] = file["url_private"] = address
            outcome = await anna.submit()
            assert "Slack did not hand the file over." in outcome.errors["load:file"]
        assert here.cards(anna) == []
