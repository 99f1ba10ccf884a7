"""Who speaks: the administrator who acts; else who signed in last; and nobody for long in vain."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import stamina

from licbot.domain.errors import SystemUnavailable
from licbot.testing.superoffice import PLAIN, Cut, Null, Status
from licbot.testing.vault import MemoryVault
from licbot_superoffice.credentials import NOT_LET_IN, NOT_SIGNED_IN
from licbot_superoffice.grants import Grants
from licbot_superoffice.oauth import NO_TOKENS, WRONG_CLIENT
from licbot_superoffice.speakers import ALONE, NOBODY, NOT_THEIRS
from licbot_superoffice.transport import TRIES
from licbot_superoffice.wire import SignInLost
from tests.plugins.superoffice.auth_support import (
    ANNA,
    BERND,
    OnlineBench,
    online_bench,
    onsite_bench,
    pem,
)

PRINCIPAL = "User/currentPrincipal"
TOKENS = "/oauth/tokens"
ANNAS, BERNDS = "anna.schaefer@nordlicht.example", "bernd.schaefer@nordlicht.example"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path) as made:
        yield made


def grants(bench: OnlineBench) -> Grants:
    signed_in = bench.line.access.signed_in
    assert signed_in
    return signed_in.grants


def redeemed(bench: OnlineBench) -> int:
    """How often tokens were asked for since the sign-ins."""
    return bench.asked(TOKENS)


async def test_while_nobody_signed_in_it_is_said_how(bench: OnlineBench) -> None:
    for actor in ("", ANNA.id):
        with pytest.raises(SystemUnavailable) as caught:
            await bench.line.api.get(PRINCIPAL, actor=actor)
        assert caught.value.message == NOBODY

    with pytest.raises(SystemUnavailable):
        await bench.line.api.about()


async def test_an_administrator_speaks_for_themselves(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(BERND)
    bench.tenant.requests.clear()

    await bench.line.api.get(PRINCIPAL, actor=ANNA.id)
    await bench.line.api.post("Agents/License/GetLicenseForAllOwnersFromDB", actor=BERND.id)

    assert bench.bearers() == [ANNAS, BERNDS]


async def test_who_signed_in_last_speaks_where_nobody_acts(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(BERND)
    bench.tenant.requests.clear()

    await bench.line.api.get(PRINCIPAL)
    await bench.line.api.get(PRINCIPAL, actor="U9STRANGER")

    assert bench.bearers() == [BERNDS, BERNDS]
    assert "Bernd Schäfer" in (await bench.line.api.about())[-1]


async def test_who_signed_in_before_takes_over_when_that_sign_in_is_lost(
    bench: OnlineBench,
) -> None:
    await bench.sign_in(ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(BERND)
    bench.tenant.revoke(102)
    bench.tenant.requests.clear()

    assert (await bench.line.api.get(PRINCIPAL)).status == 200

    assert bench.bearers() == [None, ANNAS]
    assert await grants(bench).of(BERND.id) is None


async def test_who_signed_in_last_has_already_lost_it_when_the_token_ends(
    bench: OnlineBench,
) -> None:
    await bench.sign_in(ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(BERND)
    bench.tenant.revoke(102)
    bench.clock.advance(timedelta(hours=2))

    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.bearers()[-1] == ANNAS


ACTIVATE, USER = "Agents/License/ActivateLicenseInfo", "User/104"


async def changes(bench: OnlineBench, actor: str) -> None:
    """Both ways in which something is changed."""
    await bench.line.api.post(ACTIVATE, b"{}", actor=actor, again=False)
    await bench.line.api.put(USER, b"{}", actor=actor)


async def refused_changes(bench: OnlineBench, actor: str) -> set[str]:
    """Why neither is done."""
    post = bench.line.api.post(ACTIVATE, b"{}", actor=actor, again=False)
    put = bench.line.api.put(USER, b"{}", actor=actor)
    results = await asyncio.gather(post, put, return_exceptions=True)
    assert {type(result) for result in results} == {SignInLost}
    assert bench.asked(ACTIVATE) + bench.asked(USER) == 0
    return {str(result) for result in results}


@pytest.fixture(params=["system user", "another administrator"])
async def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnlineBench]:
    """Anna is signed in, and there is somebody unattended."""
    key = pem() if "system" in request.param else ""
    async with online_bench(tmp_path, private_key_pem=key) as made:
        made.tenant.system_token = "App-1"
        await made.sign_in(ANNA)
        made.clock.advance(timedelta(minutes=1))
        await made.sign_in(BERND)
        made.tenant.requests.clear()
        yield made


async def test_who_changes_something_does_it_as_themselves(crowded: OnlineBench) -> None:
    await changes(crowded, ANNA.id)

    assert crowded.bearers() == [ANNAS, ANNAS]


async def test_what_licbot_changes_by_itself_it_does_as_the_system_user(
    tmp_path: Path,
) -> None:
    """Whoever is signed in."""
    async with online_bench(tmp_path, private_key_pem=pem(), system_token="App-1") as bench:
        bench.tenant.system_token = "App-1"
        await bench.sign_in(ANNA)
        bench.tenant.requests.clear()

        await changes(bench, "")

        assert ANNAS not in bench.bearers()
        assert len(bench.bearers()) == 2


async def test_without_a_system_user_licbot_changes_nothing_by_itself(bench: OnlineBench) -> None:
    """The newest administrator lends their sign-in for reading, and has no part in changes."""
    await bench.sign_in(ANNA)
    bench.tenant.requests.clear()

    assert await refused_changes(bench, "") == {ALONE}
    assert (await bench.line.api.get(PRINCIPAL)).status == 200
    assert bench.bearers() == [ANNAS]


async def test_what_must_come_back_is_sent_as_whoever_can(bench: OnlineBench) -> None:
    """Their own sign-in first; where there is none, that of the newest administrator."""
    await bench.sign_in(ANNA)
    bench.clock.advance(timedelta(minutes=1))
    await bench.sign_in(BERND)
    bench.tenant.requests.clear()
    api = bench.line.api.by_whoever_can()

    for actor in (ANNA.id, "U9STRANGER", ""):
        await api.put(USER, b"{}", actor=actor)

    assert bench.bearers() == [ANNAS, BERNDS, BERNDS]


async def test_nothing_is_changed_with_the_sign_in_of_another(crowded: OnlineBench) -> None:
    """Whoever signed out, or never was an administrator, borrows nobody's."""
    await grants(crowded).forget(ANNA.id)

    for actor in (ANNA.id, "U9STRANGER"):
        assert await refused_changes(crowded, actor) == {NOT_THEIRS}
        assert (await crowded.line.api.get(PRINCIPAL, actor=actor)).status == 200


async def test_a_revoked_sign_in_changes_nothing(crowded: OnlineBench) -> None:
    crowded.tenant.revoke(101)
    crowded.clock.advance(timedelta(hours=2))

    assert "/license connect" in " ".join(await refused_changes(crowded, ANNA.id))


async def test_who_was_demoted_changes_nothing(crowded: OnlineBench) -> None:
    """Also where it is only learnt by the renewal that the change itself needs."""
    crowded.tenant.change_user(101, role=PLAIN)
    crowded.clock.advance(timedelta(hours=2))

    for _ in range(2):
        assert await refused_changes(crowded, ANNA.id) == {NOT_THEIRS}


async def test_a_token_is_renewed_shortly_before_it_ends(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    before = redeemed(bench)
    bench.clock.advance(timedelta(minutes=57))
    await bench.line.api.get(PRINCIPAL, actor=ANNA.id)
    assert redeemed(bench) == before

    bench.clock.advance(timedelta(minutes=2))
    await asyncio.gather(*(bench.line.api.get(PRINCIPAL, actor=ANNA.id) for _ in range(8)))

    assert redeemed(bench) == before + 1, "once for all who waited"
    assert None not in bench.bearers(), "an ended token is not shown"


async def test_a_token_that_ends_in_mid_run_is_renewed_once_for_all(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    before = redeemed(bench)
    bench.tenant.expire_tokens()

    answers = await asyncio.gather(
        *(bench.line.api.get(PRINCIPAL, actor=ANNA.id) for _ in range(8))
    )

    assert {answer.status for answer in answers} == {200}
    assert redeemed(bench) == before + 1


async def test_a_token_that_another_process_renewed_is_taken(
    bench: OnlineBench, tmp_path: Path
) -> None:
    await bench.sign_in(ANNA)
    ours = await grants(bench).of(ANNA.id)
    assert ours
    bench.tenant.expire_tokens()
    theirs = await grants(bench).renewed(ANNA.id, ours.access_token)
    before = redeemed(bench)

    found = await grants(bench).renewed(ANNA.id, ours.access_token)

    assert found.grant.access_token == theirs.grant.access_token
    assert not found.fresh
    assert redeemed(bench) == before


async def test_a_revoked_sign_in_is_forgotten_and_said(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.revoke(101)

    results = await asyncio.gather(
        *(bench.line.api.get(PRINCIPAL, actor=ANNA.id) for _ in range(4)), return_exceptions=True
    )

    assert {type(result) for result in results} == {SignInLost}
    assert "/license connect" in str(results[0])
    assert await grants(bench).of(ANNA.id) is None


async def test_a_sign_in_that_was_renewed_meanwhile_is_not_lost(bench: OnlineBench) -> None:
    """A refresh token is refused while its owner signs in anew: the new one is used."""
    await bench.sign_in(ANNA)
    old = await grants(bench).of(ANNA.id)
    assert old
    bench.clock.advance(timedelta(hours=2))
    bench.tenant.revoke(101)

    async def anew() -> None:
        await bench.sign_in(ANNA)

    bench.tenant.plans.before(TOKENS, anew)

    assert (await bench.line.api.get(PRINCIPAL, actor=ANNA.id)).status == 200
    found = await grants(bench).of(ANNA.id)
    assert found
    assert found.refresh_token != old.refresh_token


async def test_a_sign_out_while_the_token_is_renewed_holds(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.expire_tokens()

    async def leave() -> None:
        await grants(bench).forget(ANNA.id)

    bench.tenant.plans.before(TOKENS, leave)

    with pytest.raises(SignInLost):
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)
    assert await grants(bench).of(ANNA.id) is None


class Meanwhile(MemoryVault):
    """Lets something happen right before the next secret is written."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def _happen(self) -> None:
        work, self.meanwhile = self.meanwhile, None
        if work:
            await work()

    async def write(self, name: str, secret: str) -> None:
        await self._happen()
        await super().write(name, secret)

    async def replace(self, name: str, old: str, new: str) -> bool:
        await self._happen()
        return await super().replace(name, old, new)

    async def forget(self, name: str) -> None:
        await self._happen()
        await super().forget(name)


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[tuple[OnlineBench, Meanwhile]]:
    vault = Meanwhile()
    async with online_bench(tmp_path, vault=vault) as made:
        await made.sign_in(ANNA)
        made.clock.advance(timedelta(hours=2))
        yield made, vault


async def test_a_sign_out_is_not_undone_by_what_a_renewal_keeps(
    busy: tuple[OnlineBench, Meanwhile],
) -> None:
    """It comes in the last moment before the renewed token is written."""
    bench, vault = busy
    vault.meanwhile = partial(grants(bench).forget, ANNA.id)

    with pytest.raises(SignInLost):
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)
    assert vault.secrets == {}


@pytest.mark.parametrize("revoked", [True, False])
async def test_a_new_sign_in_is_not_undone_by_a_renewal(
    busy: tuple[OnlineBench, Meanwhile], revoked: bool
) -> None:
    """Neither by what it keeps nor by what it finds to be revoked."""
    bench, vault = busy
    if revoked:
        bench.tenant.revoke(101)

    async def anew() -> None:
        await bench.sign_in(ANNA)

    vault.meanwhile = anew

    assert (await bench.line.api.get(PRINCIPAL, actor=ANNA.id)).status == 200
    found = await grants(bench).of(ANNA.id)
    assert found
    assert found.signed_in_at == bench.clock.now()


async def test_what_was_said_of_somebody_is_not_noted_of_their_next_sign_in(
    busy: tuple[OnlineBench, Meanwhile],
) -> None:
    bench, vault = busy
    old = await grants(bench).of(ANNA.id)
    assert old

    async def anew() -> None:
        await bench.sign_in(ANNA)

    vault.meanwhile = anew
    await grants(bench).note(old, False)

    found = await grants(bench).of(ANNA.id)
    assert found
    assert found.is_administrator
    await grants(bench).note(found, False)
    assert not (await grants(bench).latest())


async def test_what_was_said_of_somebody_does_not_undo_their_sign_out(
    busy: tuple[OnlineBench, Meanwhile],
) -> None:
    bench, vault = busy
    old = await grants(bench).of(ANNA.id)
    assert old
    vault.meanwhile = partial(grants(bench).forget, ANNA.id)

    with pytest.raises(SignInLost):
        await grants(bench).note(old, False)
    assert vault.secrets == {}


async def test_who_is_no_administrator_any_more_does_not_speak(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.change_user(101, role=PLAIN)
    bench.clock.advance(timedelta(hours=2))
    await bench.line.api.get(PRINCIPAL, actor=ANNA.id)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)

    assert caught.value.message == NOBODY


@pytest.mark.parametrize("how", [Cut(), Status(502)])
async def test_a_lost_renewal_is_tried_again(bench: OnlineBench, how: Cut | Status) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.expire_tokens()
    bench.tenant.fail(TOKENS, how, times=2)

    assert (await bench.line.api.get(PRINCIPAL, actor=ANNA.id)).status == 200


@pytest.mark.parametrize("how", [Status(400), Status(403), Null()])
async def test_a_renewal_that_fails_in_another_way_loses_nothing(
    bench: OnlineBench, how: Status | Null
) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.expire_tokens()
    bench.tenant.fail(TOKENS, how)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)

    assert caught.value.message == NO_TOKENS
    assert (await bench.line.api.get(PRINCIPAL, actor=ANNA.id)).status == 200


async def test_a_client_that_superoffice_does_not_know_is_said(
    bench: OnlineBench, tmp_path: Path
) -> None:
    await bench.sign_in(ANNA)
    async with online_bench(tmp_path, vault=bench.vault, client_secret="wrong") as other:
        other.clock.advance(timedelta(hours=2))

        with pytest.raises(SystemUnavailable) as caught:
            await other.line.api.get(PRINCIPAL, actor=ANNA.id)

    assert caught.value.message == WRONG_CLIENT
    assert await grants(bench).of(ANNA.id), "that is not the fault of the sign-in"


async def test_a_fresh_token_that_is_refused_is_not_renewed_for_ever(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.requests.clear()
    bench.tenant.fail(PRINCIPAL, Status(401), times=9)

    with pytest.raises(SystemUnavailable) as caught:
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)

    assert caught.value.message == NOT_LET_IN
    assert (bench.asked(PRINCIPAL), bench.asked(TOKENS)) == (2, 1)


async def test_the_system_user_goes_before_who_signed_in(tmp_path: Path) -> None:
    async with online_bench(tmp_path, private_key_pem=pem(), system_token="App-1") as bench:
        bench.tenant.system_token = "App-1"
        await bench.sign_in(ANNA)
        bench.tenant.requests.clear()

        await bench.line.api.get(PRINCIPAL)
        await bench.line.api.get(PRINCIPAL, actor=ANNA.id)

        assert bench.bearers() == ["SYSTEM", ANNAS]


async def test_onsite_one_user_speaks_for_all(tmp_path: Path) -> None:
    async with onsite_bench(tmp_path) as bench:
        await bench.line.api.get(PRINCIPAL)
        await bench.line.api.get(PRINCIPAL, actor=BERND.id)

        assert bench.bearers() == [ANNAS, ANNAS]
        await bench.line.api.put("User/104", b"{}", actor=BERND.id)
        assert bench.bearers()[-1] == ANNAS
        where, who = await bench.line.api.about()
        assert bench.tenant.version in where
        assert ANNAS in who
        assert await bench.line.api.page() == ""


async def test_a_wrong_password_is_tried_once_and_said(tmp_path: Path) -> None:
    async with onsite_bench(tmp_path, password="wrong") as bench:
        with pytest.raises(SystemUnavailable) as caught:
            await bench.line.api.get(PRINCIPAL)

        assert caught.value.message == NOT_SIGNED_IN
        assert bench.asked(PRINCIPAL) == 1, "a user must not be locked out by trying"
