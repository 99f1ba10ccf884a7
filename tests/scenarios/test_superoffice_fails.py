"""SuperOffice fails in the middle of it: nothing is lost, nothing is done twice, and it is said."""

from collections import Counter
from pathlib import Path

import pytest

from licbot.flows.listing import refresh_list
from licbot.testing.superoffice import (
    Busy,
    Cut,
    Failure,
    Garbage,
    Message,
    Null,
    Status,
    Timeout,
)
from licbot_superoffice import transport
from tests.scenarios.tenants import ANNA, Place, online, onsite
from tests.scenarios.test_superoffice import (
    PICKED,
    she_picks,
    she_signs_in,
    she_takes_them_by_hand,
)

ACTIVATE, FETCH = "ActivateLicenseInfo", "GetLicenseFromLicenseServer"
SAVE, STATUS = f"/User/{PICKED[1]}", "GetLicenseForAllOwnersFromDB"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is never answered is given up soon."""
    monkeypatch.setattr(transport, "_WHOLE_SECONDS", 0.5)


async def pressed(place: Place) -> None:
    """Four people are picked, and Activate is pressed."""
    await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
    await she_picks(place)
    card = await place.here.card_says(place.anna, "4 of 4 picked")
    await place.anna.press("Activate", in_=card, confirm=True)


def holders(place: Place) -> set[int]:
    return {user for user in PICKED if "ten-sales" in place.tenant.held_by(user)}


def twice(place: Place) -> list[object]:
    """Changes of one seat that were saved more than once in one direction."""
    saved = Counter((save.user, save.module, save.after) for save in place.tenant.saves)
    return [seat for seat, times in saved.items() if times > 1]


async def it_is_verified(place: Place) -> None:
    await place.here.card_says(place.anna, "New licence activated", "read back", within=60.0)
    assert len(place.tenant.activations) == 1
    assert holders(place) == set()
    assert twice(place) == []


PASSING = [
    pytest.param(ACTIVATE, Status(500), id="activate: 500"),
    pytest.param(ACTIVATE, Status(502, after_work=True), id="activate: 502 though done"),
    pytest.param(ACTIVATE, Cut(), id="activate: cut before"),
    pytest.param(ACTIVATE, Cut(after_work=True), id="activate: cut after"),
    pytest.param(ACTIVATE, Timeout(after_work=True), id="activate: no answer though done"),
    pytest.param(ACTIVATE, Null(after_work=True), id="activate: null though done"),
    pytest.param(ACTIVATE, Message("Oops", after_work=True), id="activate: message though done"),
    pytest.param(ACTIVATE, Garbage(after_work=True), id="activate: garbage though done"),
    pytest.param(ACTIVATE, Busy(status=429, retry_after="1"), id="activate: 429"),
    pytest.param(ACTIVATE, Busy(status=503, retry_after="1"), id="activate: 503"),
    pytest.param(SAVE, Status(500, after_work=True), id="save: 500 though done"),
    pytest.param(SAVE, Cut(after_work=True), id="save: cut after"),
    pytest.param(SAVE, Busy(status=503, retry_after="1"), id="save: 503"),
    pytest.param(FETCH, Timeout(), id="fetch: no answer"),
    pytest.param(STATUS, Cut(), id="status: cut"),
]


@pytest.mark.parametrize(("where", "how"), PASSING)
async def test_what_passes_is_overcome(tmp_path: Path, where: str, how: Failure) -> None:
    """It is settled by reading back, never by guessing."""
    async with onsite(tmp_path) as place:
        await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
        await she_picks(place)
        card = await place.here.card_says(place.anna, "4 of 4 picked")
        place.tenant.fail(where, how)

        await place.anna.press("Activate", in_=card, confirm=True)

        await it_is_verified(place)


REFUSALS = [
    pytest.param(Null(), "SuperOffice gave no reason.", id="null"),
    pytest.param(Message("The licence is locked."), "The licence is locked.", id="message"),
]


@pytest.mark.parametrize(("how", "words"), REFUSALS)
async def test_what_is_refused_gives_every_seat_back(
    tmp_path: Path, how: Failure, words: str
) -> None:
    """The reason is told in words, and the review can be taken up again."""
    async with onsite(tmp_path) as place:
        place.tenant.fail(ACTIVATE, how)

        await pressed(place)

        card = await place.here.card_says(place.anna, "New licence not activated", within=60.0)
        assert words in card.text
        assert place.tenant.activations == []
        assert holders(place) == set(PICKED)
        assert twice(place) == []
        assert "Try again" in card.buttons


async def test_who_has_open_requests_keeps_their_licence_and_it_is_said(tmp_path: Path) -> None:
    """Before anything is taken: SuperOffice would refuse it."""
    async with onsite(tmp_path) as place:
        place.tenant.open_request(PICKED[0], 2)

        await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
        await refresh_list(place.here.licbot.ports, "superoffice")
        await she_picks(place)

        card = await place.here.card_says(place.anna, "open request")
        name = place.tenant.users[PICKED[0]].full_name
        assert name in card.text
        assert "Activate" not in card.buttons
        assert place.tenant.saves == []


async def test_what_the_licence_server_has_to_say_is_passed_on(tmp_path: Path) -> None:
    """It is no licence that cannot be used."""
    async with onsite(tmp_path) as place:
        place.tenant.set_status("UseCustomMessage", "Your plan has a new name.")

        said = await place.here.answer(place.anna, "/license refresh")

        assert "SuperOffice AS*: Your plan has a new name." in said.text
        assert "cannot be used" not in said.text


async def test_requests_that_come_in_the_last_moment_stop_it(tmp_path: Path) -> None:
    """SuperOffice refuses the one, and the others get theirs back."""
    async with onsite(tmp_path) as place:
        place.tenant.before(f"/User/{PICKED[2]}", lambda: place.tenant.open_request(PICKED[2], 1))

        await pressed(place)

        card = await place.here.card_says(place.anna, "New licence not activated", within=60.0)
        assert place.tenant.users[PICKED[2]].full_name in card.text
        assert "given to somebody else" in card.text
        assert holders(place) == set(PICKED)
        assert place.tenant.activations == []


async def by_hand(place: Place) -> None:
    """Online, everything is done but the press."""
    await she_signs_in(place)
    await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
    await she_picks(place)
    await she_takes_them_by_hand(place)


@pytest.mark.parametrize("what", ["moves", "expires"])
async def test_a_tenant_that_moves_and_a_sign_in_that_expires_are_followed(
    tmp_path: Path, what: str
) -> None:
    """In the middle of the run, and nobody notices."""
    async with online(tmp_path) as place:
        await by_hand(place)
        tenant = place.tenant
        happens = {"moves": lambda: tenant.move("online3"), "expires": tenant.expire_tokens}[what]
        tenant.before(ACTIVATE, happens)

        await place.anna.press("Activate", in_=place.here.card(place.anna), confirm=True)

        await place.here.card_says(place.anna, "New licence activated", within=60.0)
        [activation] = tenant.activations
        assert activation.by == tenant.users[ANNA].login


async def test_a_sign_in_that_is_revoked_stops_it_with_the_cure(tmp_path: Path) -> None:
    """Nobody else's is used in its place for an activation that she pressed."""
    async with online(tmp_path) as place:
        await by_hand(place)
        place.tenant.before(ACTIVATE, lambda: place.tenant.revoke(ANNA))

        await place.anna.press("Activate", in_=place.here.card(place.anna), confirm=True)

        card = await place.here.card_says(place.anna, "New licence not activated", within=60.0)
        assert "/license connect" in card.text
        assert place.tenant.activations == []
        said = await place.here.answer(place.anna, "/license")
        assert "/license connect" in said.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("OfflineMaintenance", "maintain"),
        ("Suspended", "suspended"),
        ("Deleted", "deleted"),
    ],
)
async def test_every_state_of_the_tenant_has_its_words(
    tmp_path: Path, state: str, words: str
) -> None:
    """Once it runs again, all goes on by itself."""
    async with online(tmp_path) as place:
        await she_signs_in(place)
        await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
        place.tenant.state = state
        place.here.clock.advance(hours=1)

        said = await place.here.answer(place.anna, "/license")

        assert words in said.text.lower()
        place.tenant.state = "Running"
        place.here.clock.advance(hours=1)
        said = await place.here.answer(place.anna, "/license")
        assert "one is waiting" in said.text


@pytest.mark.parametrize("how", [Null(), Message("Closed for today."), Garbage()])
async def test_what_cannot_be_asked_at_the_press_is_said_to_her_who_pressed(
    tmp_path: Path, how: Failure
) -> None:
    """Nothing begins, and the next press does it."""
    async with onsite(tmp_path) as place:
        await place.here.card_says(place.anna, "Activate new licence", "Still to remove: ")
        await she_picks(place)
        place.tenant.fail(FETCH, how)
        before = len(place.here.whispers(place.anna))

        await place.anna.press("Activate", in_=place.here.card(place.anna), confirm=True)

        assert len(place.here.whispers(place.anna)) == before + 1
        assert "SuperOffice" in place.here.whispers(place.anna)[-1].text
        assert place.tenant.saves == []
        await place.anna.press("Activate", in_=place.here.card(place.anna), confirm=True)
        await it_is_verified(place)
