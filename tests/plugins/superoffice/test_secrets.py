"""No token, ticket, code, key or password is in a log line or an error, at any level."""

import base64
import json
import logging
import traceback
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
import stamina

from licbot.domain.errors import LicbotError
from licbot.hookspecs import Shown
from licbot.ports.conversation import Request
from licbot.testing.superoffice import Busy, Cut, Garbage, Message, Null, Status
from licbot.testing.vault import MemoryVault
from licbot_superoffice.connect import connect, disconnect
from licbot_superoffice.settings import read
from licbot_superoffice.speakers import OwnGrant
from licbot_superoffice.tickets import TICKET
from licbot_superoffice.transport import TRIES
from tests.plugins.superoffice.auth_support import (
    ANNA,
    BERND,
    CLIENT_SECRET,
    DIETER,
    REDIRECT,
    OnlineBench,
    online_bench,
    onsite_bench,
    pem,
)

PRINCIPAL = "User/currentPrincipal"
PASSWORD = "the password, and a wrong one"


class WatchedVault(MemoryVault):
    """Remembers all that was ever kept in it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, str]] = []

    async def write(self, name: str, secret: str) -> None:
        self.kept.append((name, secret))
        await super().write(name, secret)


@dataclass
class Course:
    """What is done to look at it afterwards.

    secrets: what must not show. told: what was raised and shown.
    """

    secrets: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    errors: int = 0

    async def fails(self, work: Awaitable[object]) -> None:
        """Something that goes wrong."""
        with pytest.raises(LicbotError) as caught:
            await work
        self.errors += 1
        error: BaseException | None = caught.value
        self.told += traceback.format_exception(caught.value)
        while error is not None:
            self.told += [str(error), repr(error), repr(vars(error)), repr(error.args)]
            error = error.__cause__ or error.__context__

    def shows(self, shown: Shown, *, ok: bool) -> None:
        """A page."""
        assert shown.ok is ok, shown
        self.told += [shown.title, *shown.text, repr(shown)]

    def hides(self, address: str) -> None:
        """An address with secrets in its query."""
        query = dict(parse_qsl(urlsplit(address).query))
        self.secrets |= {query[name] for name in ("state", "code", "nonce") if name in query}

    def learns(self, vault: WatchedVault) -> None:
        """All that was kept in the vault."""
        # What is lost leaves an empty place.
        for name, secret in filter(lambda each: each[1], vault.kept):
            parts = json.loads(secret) if secret.startswith("{") else {"": secret}
            hidden = ("", "refresh_token", "access_token", "verifier", "nonce")
            self.secrets |= {parts[part] for part in hidden if part in parts}
            assert name


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "stamina", "asyncio", "aiosqlite", "sqlalchemy"):
        caplog.set_level(logging.DEBUG, logger=name)
    with stamina.set_testing(True, attempts=TRIES):
        yield


def assert_hidden(
    course: Course, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    out, err = capfd.readouterr()
    records = [f"{vars(record)} {record.getMessage()}" for record in caplog.records]
    everything = "\n".join([caplog.text, out, err, *records, *course.told])
    assert "HTTP Request" in everything, "httpx's own lines are looked at"
    assert len(everything) > 1000
    for secret in course.secrets:
        assert len(secret) > 4
        for form in (secret, quote(secret, safe=""), repr(secret)[1:-1]):
            assert form not in everything, f"a secret of {len(secret)} characters shows"


async def _signs_in_and_fails(bench: OnlineBench, course: Course) -> None:
    address = await bench.address(ANNA)
    back = await bench.online.approve(address, 101)
    course.hides(address)
    course.hides(back)
    course.shows(await bench.back(back), ok=True)
    course.shows(await bench.back(back), ok=False)
    course.shows(await bench.sign_in(DIETER), ok=False)
    course.shows(await bench.sign_in(DIETER, user=102), ok=False)
    for how in (Status(500, CLIENT_SECRET), Cut(), Garbage(), Null()):
        bench.tenant.fail("/oauth/tokens", how)
        course.shows(await bench.sign_in(BERND), ok=False)
    bench.tenant.fail("jwks", Garbage())
    await bench.sign_in(BERND)
    wrong = {"state": dict(parse_qsl(urlsplit(back).query))["state"], "code": "x"}
    course.shows(await bench.back(f"{REDIRECT}?{urlencode(wrong)}"), ok=False)


async def _speaks_and_fails(bench: OnlineBench, course: Course, actor: str) -> None:
    api = bench.line.api
    await api.get(PRINCIPAL, actor=actor)
    bench.tenant.expire_tokens()
    await api.get(PRINCIPAL, actor=actor)
    bench.clock.advance(timedelta(hours=8))
    await api.get(PRINCIPAL, actor=actor)
    bench.tenant.move("online5")
    await api.get(PRINCIPAL, actor=actor)
    for how in (Status(502), Cut(), Busy(status=503, retry_after="900"), Status(401)):
        bench.tenant.fail(PRINCIPAL, how, times=9)
        await course.fails(api.get(PRINCIPAL, actor=actor))
        bench.tenant.plans.failures.clear()
    bench.tenant.fail(PRINCIPAL, Garbage())
    answer = await api.get(PRINCIPAL, actor=actor)
    course.told.append(repr(answer))
    with pytest.raises(LicbotError) as caught:
        answer.json()
    course.told += traceback.format_exception(caught.value)
    bench.tenant.fail("Agents", Message(CLIENT_SECRET))
    await api.post("Agents/License/GetLicenseFromDB", b'{"a": 1}', actor=actor)


async def test_an_administrators_tokens_do_not_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    vault, course = WatchedVault(), Course(secrets={CLIENT_SECRET})
    async with online_bench(tmp_path, vault=vault) as bench:
        await course.fails(bench.line.api.get(PRINCIPAL))
        await _signs_in_and_fails(bench, course)
        await _speaks_and_fails(bench, course, ANNA.id)
        await bench.administrators.confirm(ANNA)
        await course.fails(bench.administrators.confirm(DIETER))
        await connect(Request(user=ANNA.id), bench.ports)
        signed_in = bench.line.access.signed_in
        assert signed_in
        course.told += [repr(await signed_in.grants.latest()), repr(bench.line)]
        course.told.append(repr(await OwnGrant(signed_in.grants, ANNA.id).proof()))
        bench.tenant.fail("/oauth/tokens", Status(500), times=9)
        bench.tenant.expire_tokens()
        await course.fails(bench.line.api.get(PRINCIPAL, actor=ANNA.id))
        bench.tenant.plans.failures.clear()
        bench.tenant.revoke(101)
        await course.fails(bench.line.api.get(PRINCIPAL, actor=ANNA.id))
        await bench.administrators.is_administrator(ANNA)
        await disconnect(Request(user=ANNA.id), bench.ports)

    course.learns(vault)
    assert course.errors >= 7
    assert len(course.secrets) > 20
    assert_hidden(course, caplog, capfd)


async def test_the_system_users_tickets_do_not_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    vault, course = WatchedVault(), Course(secrets={CLIENT_SECRET, "App-the-token"})
    course.secrets |= set(pem().splitlines()[1:-1])
    settings = {"private_key_pem": pem(), "system_token": "App-the-token"}
    async with online_bench(tmp_path, vault=vault, **settings) as bench:
        bench.tenant.system_token = "App-the-token"
        course.told += [repr(read(bench.settings, ".")), repr(bench.line)]
        await _speaks_and_fails(bench, course, "")
        for how in (Status(500), Cut(), Garbage(), Null()):
            bench.tenant.fail("Authenticate", how, times=9)
            bench.tenant.expire_tokens()
            await course.fails(bench.line.api.get(PRINCIPAL))
            bench.tenant.plans.failures.clear()
        bench.tenant.system_token = "App-another"
        bench.tenant.expire_tokens()
        await course.fails(bench.line.api.get(PRINCIPAL))

    course.learns(vault)
    assert {name for name, _ in vault.kept} == {TICKET}
    assert_hidden(course, caplog, capfd)


async def test_a_password_does_not_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    course = Course(secrets={PASSWORD})
    async with onsite_bench(tmp_path, password=PASSWORD) as bench:
        login = bench.tenant.users[101].login
        course.secrets.add(base64.b64encode(f"{login}:{PASSWORD}".encode()).decode())
        await course.fails(bench.line.api.get(PRINCIPAL))
        bench.tenant.fail(PRINCIPAL, Cut(), times=9)
        await course.fails(bench.line.api.get(PRINCIPAL))
        await course.fails(bench.administrators.confirm(ANNA))
        course.told += [
            repr(bench.line),
            repr(read(bench.settings, ".")),
            *await bench.line.api.about(),
        ]

    assert_hidden(course, caplog, capfd)
