"""The words in Slack: sign in by a button of one's own, see as whom, and sign out again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from licbot.domain.people import Role
from licbot.ports.conversation import Request, Say
from licbot.testing import MemorySystem, ports
from licbot.testing.superoffice import PLAIN
from licbot_superoffice.connect import (
    BY_EMAIL,
    FORGOTTEN,
    NO_LONGER,
    NONE,
    NOT_SIGNED_IN,
    ONCE,
    UNREACHED,
    connect,
    disconnect,
    steps,
)
from tests.plugins.superoffice.auth_support import (
    ANNA,
    BERND,
    OnlineBench,
    Told,
    online_bench,
    onsite_bench,
    pem,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[OnlineBench]:
    async with online_bench(tmp_path) as made:
        yield made


async def shown(bench: OnlineBench, user: str = ANNA.id) -> Say:
    reply = await connect(Request(user=user), bench.ports)
    assert isinstance(reply, Say)
    return reply


def words(reply: Say) -> str:
    return f"{reply.text} {[block.to_dict() for block in reply.blocks]}"


def button(reply: Say) -> dict[str, str]:
    found: dict[str, str] = reply.blocks[0].to_dict()["accessory"]
    return found


async def test_who_is_not_signed_in_gets_a_button_of_their_own(bench: OnlineBench) -> None:
    reply = await shown(bench)

    assert ONCE in words(reply)
    assert "Sign in to SuperOffice" in words(reply)
    page = await bench.back(await bench.online.approve(button(reply)["url"], 101))
    assert page.ok


async def test_each_gets_another_one(bench: OnlineBench) -> None:
    annas, bernds = button(await shown(bench))["url"], button(await shown(bench, BERND.id))["url"]

    states = {dict(parse_qsl(urlsplit(url).query))["state"] for url in (annas, bernds)}
    assert len(states) == 2
    page = await bench.back(await bench.online.approve(bernds, 101))
    assert not page.ok, "Bernd's button is for Bernd"


async def test_who_is_signed_in_reads_as_whom(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)

    reply = await shown(bench)

    assert "you are signed in as *Anna Schäfer* (anna.schaefer@nordlicht.example)" in words(reply)
    assert button(reply)["value"] == "superoffice"
    assert "url" not in button(reply)


async def test_a_name_is_shown_and_not_interpreted(bench: OnlineBench) -> None:
    bench.tenant.change_user(101, full_name="*Anna* <!channel>")
    await bench.sign_in(ANNA)

    assert "<!channel>" not in words(await shown(bench))
    assert "&lt;!channel&gt;" in words(await shown(bench))


async def test_who_is_no_administrator_any_more_reads_that(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    bench.tenant.change_user(101, role=PLAIN)
    bench.clock.advance(timedelta(hours=2))
    await bench.administrators.is_administrator(ANNA)

    assert NO_LONGER in words(await shown(bench))
    assert "administrator_right" in NO_LONGER


async def test_who_signs_out_is_forgotten(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)
    await bench.sign_in(BERND)

    reply = await disconnect(Request(user=ANNA.id, value="superoffice"), bench.ports)

    assert isinstance(reply, Say)
    assert FORGOTTEN in reply.text
    assert UNREACHED not in reply.text
    assert list(bench.vault.secrets) == [f"grant/{BERND.id}"]


async def test_the_last_one_is_told_that_licbot_depended_on_them(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)

    reply = await disconnect(Request(user=ANNA.id), bench.ports)

    assert isinstance(reply, Say)
    assert UNREACHED in reply.text
    assert bench.vault.secrets == {}


async def test_with_a_system_user_licbot_depends_on_nobody(tmp_path: Path) -> None:
    async with online_bench(tmp_path, private_key_pem=pem(), system_token="App-1") as bench:
        await bench.sign_in(ANNA)

        reply = await disconnect(Request(user=ANNA.id), bench.ports)

        assert isinstance(reply, Say)
        assert UNREACHED not in reply.text


@pytest.mark.parametrize("value", ["", "superoffice", "another"])
async def test_who_was_not_signed_in_is_told(bench: OnlineBench, value: str) -> None:
    await bench.sign_in(BERND)

    reply = await disconnect(Request(user=ANNA.id, value=value), bench.ports)

    assert reply == Say(text=NOT_SIGNED_IN)
    assert list(bench.vault.secrets) == [f"grant/{BERND.id}"]


async def test_a_button_of_one_system_leaves_the_others_alone(bench: OnlineBench) -> None:
    await bench.sign_in(ANNA)

    assert await disconnect(Request(user=ANNA.id, value="another"), bench.ports) == Say(
        text=NOT_SIGNED_IN
    )
    assert bench.vault.secrets


async def test_onsite_nobody_has_to_sign_in(tmp_path: Path) -> None:
    async with onsite_bench(tmp_path) as bench:
        reply = await shown(bench)

        assert BY_EMAIL in words(reply)
        assert "accessory" not in reply.blocks[0].to_dict()
        assert await disconnect(Request(user=ANNA.id), bench.ports) == Say(text=NOT_SIGNED_IN)
        assert not [step for step in steps() if step.is_offered(bench.ports)]


async def test_each_system_has_a_button(bench: OnlineBench, tmp_path: Path) -> None:
    other = Told(bench.administrators)
    other.name = "other"
    both = replace(bench.ports, systems={**bench.ports.systems, "other": other})

    reply = await connect(Request(user=ANNA.id), both)

    assert isinstance(reply, Say)
    urls = [block.to_dict().get("accessory", {}).get("url") for block in reply.blocks]
    assert len({url for url in urls if url}) == 2


async def test_without_such_a_system_there_is_nothing_to_sign_in_to() -> None:
    outside = ports(MemorySystem())

    assert await connect(Request(user=ANNA.id), outside) == Say(text=NONE)
    assert await disconnect(Request(user=ANNA.id), outside) == Say(text=NOT_SIGNED_IN)
    assert not [step for step in steps() if step.is_offered(outside)]


def test_the_help_names_the_steps_where_somebody_signs_in(bench: OnlineBench) -> None:
    assert all(step.is_offered(bench.ports) for step in steps())


def test_everybody_may_sign_in_and_out() -> None:
    found = {step.name: step for step in steps()}

    assert list(found) == ["connect", "disconnect"]
    assert list(found["connect"].actions) == ["leave"], "a button with an address needs no answer"
    assert tuple(found["connect"].aliases) == ("signin", "login")
    for step in found.values():
        actions = [step.command, *step.actions.values()]
        assert {action.role for action in actions if action} == {Role.ANYONE}
