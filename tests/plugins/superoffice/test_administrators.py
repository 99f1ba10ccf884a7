"""Who administers: known quickly and without harm, and asked anew before anything is changed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from licbot.domain.errors import NotAllowed, SystemUnavailable
from licbot.domain.people import Person
from licbot.testing.superoffice import ADMINISTRATOR, PLAIN, Status, Timeout
from licbot_superoffice import administrators
from licbot_superoffice.administrators import (
    NO_ADMINISTRATOR,
    NO_ADMINISTRATOR_HERE,
    NO_EMAIL,
    SIGN_IN,
)
from tests.plugins.superoffice.auth_support import (
    ANNA,
    BERND,
    DIETER,
    OnlineBench,
    online_bench,
    onsite_bench,
)

TOKENS, PRINCIPAL = "/oauth/tokens", "currentPrincipal"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path) as made:
        yield made


async def is_one(bench: OnlineBench, person: Person = ANNA) -> bool:
    return await bench.administrators.is_administrator(person)


async def words(bench: OnlineBench, person: Person = ANNA) -> str:
    """Why somebody is not confirmed; nothing where they are."""
    try:
        await bench.administrators.confirm(person)
    except NotAllowed as error:
        return error.message
    return ""


async def test_who_signed_in_as_an_administrator_is_one(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)

    assert await is_one(bench)
    assert not await is_one(bench, BERND)


async def test_it_is_asked_again_after_five_minutes_and_not_before(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    await is_one(bench)
    before = bench.asked(TOKENS)
    bench.tenant.change_user(101, role=PLAIN)

    bench.clock.advance(timedelta(minutes=4, seconds=59))
    assert await is_one(bench)
    assert bench.asked(TOKENS) == before

    bench.clock.advance(timedelta(seconds=1))
    assert not await is_one(bench)
    assert bench.asked(TOKENS) == before + 1


async def test_all_who_ask_at_once_ask_once(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    before = bench.asked(TOKENS)

    assert await asyncio.gather(*(is_one(bench) for _ in range(8))) == [True] * 8
    assert bench.asked(TOKENS) == before + 1


async def test_a_new_sign_in_is_looked_at_anew(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.change_user(101, role=PLAIN)
    assert not await is_one(bench)

    bench.tenant.change_user(101, role=ADMINISTRATOR)
    bench.clock.advance(timedelta(seconds=1))
    await bench.sign_in(ANNA)

    assert await is_one(bench)


async def test_who_signed_out_is_none_at_once(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    assert await is_one(bench)

    signed_in = bench.line.access.signed_in
    assert signed_in
    await signed_in.grants.forget(ANNA.id)

    assert not await is_one(bench)


async def test_online_nobody_is_taken_at_their_address(bench: OnlineBench) -> None:
    bench.known.administrators.add(BERND.email or "")

    assert not await is_one(bench, BERND)
    assert (bench.known.asked, bench.now.asked) == ([], [])


async def test_a_tenant_that_does_not_answer_takes_nobody_their_role(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.fail(TOKENS, Status(500), times=100)

    assert await is_one(bench)
    before = bench.asked(TOKENS)
    assert await is_one(bench)
    assert bench.asked(TOKENS) == before, "it is spared for a while"

    bench.clock.advance(timedelta(seconds=30))
    await is_one(bench)
    assert bench.asked(TOKENS) > before


async def test_a_tenant_that_takes_long_is_not_waited_for(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.fail(TOKENS, Timeout())
    quick = administrators.Administrators(
        access=bench.line.access,
        clock=bench.clock,
        right="admin-all",
        by_email=bench.known,
        ask_by_email=bench.now,
        quick_seconds=0.05,
    )

    async with asyncio.timeout(5):
        assert await quick.is_administrator(ANNA)


async def test_a_sign_in_that_cannot_be_read_makes_nobody_an_administrator(
    bench: OnlineBench,
) -> None:
    """Every request asks this, so it must not fail where a key for secrets is missing."""
    await bench.sign_in(ANNA)
    bench.vault.locked.add(f"grant/{ANNA.id}")

    assert not await is_one(bench)


async def test_a_revoked_sign_in_makes_nobody_an_administrator(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.revoke(101)

    assert not await is_one(bench)


async def test_an_administrator_is_confirmed_by_asking_now(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    await is_one(bench)
    before = bench.asked(TOKENS)

    assert await words(bench) == ""
    assert bench.asked(TOKENS) == before + 1

    bench.tenant.change_user(101, role=PLAIN)
    assert await words(bench) == NO_ADMINISTRATOR.format(right="admin-all")
    assert not await is_one(bench), "what was heard last counts"

    bench.tenant.change_user(101, role=ADMINISTRATOR)
    assert await words(bench) == ""
    assert await is_one(bench)


async def test_who_is_not_signed_in_reads_how(bench: OnlineBench) -> None:
    bench.now.administrators.add(ANNA.email or "")

    assert await words(bench) == SIGN_IN
    assert bench.now.asked == [], "Online nobody is taken at their address"


async def test_who_lost_their_sign_in_reads_how(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.revoke(101)

    assert await words(bench) == SIGN_IN


async def test_a_tenant_that_does_not_answer_confirms_nobody(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.fail(TOKENS, Status(500), times=100)

    with pytest.raises(SystemUnavailable):
        await bench.administrators.confirm(ANNA)


async def test_where_the_renewal_does_not_say_it_the_rights_do(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    before = bench.asked(PRINCIPAL)

    # Without the keys, the id token of the renewal cannot be relied on.
    bench.tenant.fail("jwks", Status(500), times=100)
    restarted = bench.restarted()

    await restarted.confirm(ANNA)
    assert bench.asked(PRINCIPAL) == before + 1

    bench.tenant.change_user(101, role=PLAIN)
    with pytest.raises(NotAllowed):
        await restarted.confirm(ANNA)
    signed_in = bench.line.access.signed_in
    assert signed_in
    grant = await signed_in.grants.of(ANNA.id)
    assert grant
    assert not grant.is_administrator, "so they speak for nobody"
    assert "administrator_right" in NO_ADMINISTRATOR, "the setting may be what is wrong"


async def test_onsite_the_address_decides(tmp_path: Path) -> None:
    async with onsite_bench(tmp_path) as bench:
        bench.known.administrators.add(ANNA.email or "")
        assert await is_one(bench)
        assert not await is_one(bench, DIETER)
        assert not await is_one(bench, replace(ANNA, email=None))
        assert bench.known.asked == [ANNA.email, DIETER.email]
        assert bench.now.asked == []

        assert await words(bench) == NO_ADMINISTRATOR_HERE
        bench.now.administrators.add(ANNA.email or "")
        assert await words(bench) == ""
        assert await words(bench, replace(ANNA, email=None)) == NO_EMAIL
        assert await bench.administrators.associates() == frozenset()


async def test_associates_who_signed_in_are_known_as_administrators(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    await bench.sign_in(BERND)

    assert await bench.administrators.associates() == {"101", "102"}
