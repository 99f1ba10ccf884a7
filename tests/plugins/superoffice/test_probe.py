"""Whether licbot can take seats is tried, remembered and told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from licbot.domain.errors import SystemUnavailable
from licbot.testing.clock import FakeClock
from licbot.testing.superoffice import Failure, Message, Null, SimUser, Status, Tenant, UserKind
from licbot_superoffice.probe import Probe
from tests.plugins.superoffice.data_support import PASSWORD, World, scripted, small_tenant, world

DAY = timedelta(days=1)


def probe(made: World) -> Probe:
    return Probe(made.context, made.config, made.line.api)


async def test_onsite_licbot_takes_the_seats(tmp_path: Path) -> None:
    """Tried without saving anything, and remembered for a day, also by other processes."""
    async with world(tmp_path) as made:
        assert await made.system.guidance(()) is None
        assert await made.anew().guidance(()) is None
        assert made.asked("User/Validate") == 1
        assert made.asked("User/", "PUT") == 0

        made.clock.advance(DAY)
        assert await made.system.guidance(()) is None
        assert made.asked("User/Validate") == 2


async def test_online_people_take_them(tmp_path: Path) -> None:
    """SuperOffice says why."""
    async with world(tmp_path, online=True) as made:
        found = await probe(made).ability()

        assert not found.can
        assert found.why == (
            "SuperOffice does not let users be read. SuperOffice says: “This is not available to "
            "apps.”"
        )
        assert await made.system.guidance(()) is not None


@pytest.mark.parametrize(
    ("where", "failure", "words"),
    [
        ("currentPrincipal", Status(403, "Closed"), "who licbot is signed in as. SuperOffice"),
        ("currentPrincipal", Null(), "who licbot is signed in as"),
        ("User/12", Status(404), "does not let users be read"),
        ("User/12", Message("Not you", "Go"), "“Not you Go”"),
        ("Validate", Status(403, "Read only"), "be saved. SuperOffice says: “Read only”"),
        ("Validate", Message("Restricted", "Online"), "be saved. SuperOffice says: “Restricted"),
        ("Validate", Null(), "be saved. SuperOffice gave no reason"),
    ],
)
async def test_everything_but_a_yes_is_a_no(
    tmp_path: Path, where: str, failure: Failure, words: str
) -> None:
    """And the reason is kept."""
    async with world(tmp_path, read_list=False) as made:
        made.tenant.fail(where, failure)

        found = await probe(made).ability()

        assert not found.can
        assert words in found.why
        assert await probe(made).ability() == found


@pytest.mark.parametrize(
    ("where", "words", "online"),
    [
        ("User/12", "users be read", True),
        ("User/12", "users be read", False),
        ("Validate", "users be saved", False),
    ],
)
async def test_a_refused_sign_in_is_a_no_where_superoffice_just_knew_it(
    tmp_path: Path, where: str, words: str, online: bool
) -> None:
    """Some tenants close users to apps in this way."""
    async with world(tmp_path, online=online, read_list=False) as made:
        who = (await made.line.api.get("User/currentPrincipal")).json()["AssociateId"]
        made.tenant.fail(where.replace("12", str(who)), Status(401), times=99)

        found = await probe(made).ability()

    assert not found.can
    assert f"SuperOffice does not let {words}" in found.why


async def test_a_sign_in_that_is_refused_everywhere_is_no_answer(tmp_path: Path) -> None:
    async with world(tmp_path, read_list=False) as made:
        made.tenant.fail("currentPrincipal", Status(401), times=99)

        with pytest.raises(SystemUnavailable):
            await probe(made).ability()


async def test_a_fault_of_the_user_is_none_of_the_tenant(tmp_path: Path) -> None:
    """The check before saving was made: saving is open."""

    def handle(request: httpx.Request) -> httpx.Response:
        answers: dict[str, Callable[[], httpx.Response]] = {
            "currentPrincipal": lambda: httpx.Response(200, json={"AssociateId": 7}),
            "7": lambda: httpx.Response(200, json={"LicenseOwners": []}),
            "Validate": lambda: httpx.Response(200, json={"UserName": "too long"}),
        }
        return answers[request.url.path.rpartition("/")[2]]()

    async with scripted(tmp_path, handle) as made:
        assert (await probe(made).ability()).can


async def test_a_silent_tenant_is_no_answer(tmp_path: Path) -> None:
    """What was found before holds on; without that there is nothing to say."""
    async with world(tmp_path) as made:
        made.tenant.fail("currentPrincipal", Status(500), times=99)
        with pytest.raises(SystemUnavailable):
            await probe(made).ability()

        made.tenant.plans.failures.clear()
        known = await probe(made).ability()
        made.clock.advance(2 * DAY)
        made.tenant.fail("currentPrincipal", Status(500), times=99)
        assert await probe(made).ability() == known
        with pytest.raises(SystemUnavailable):
            await probe(made).look()


@pytest.mark.parametrize(("removal", "guided"), [("api", False), ("guided", True)])
async def test_the_settings_have_the_last_word(tmp_path: Path, removal: str, guided: bool) -> None:
    """Nothing is tried then."""
    async with world(tmp_path, removal=removal, read_list=False) as made:
        assert (await made.system.guidance(()) is not None) is guided
        examination = await made.system.examine()

        assert made.asked("currentPrincipal") == 0
        assert any(
            f'The settings say `removal = "{removal}"`.' in fact for fact in examination.facts
        )


async def test_examining_tries_it_anew(tmp_path: Path) -> None:
    """An operator may have just opened it."""
    async with world(tmp_path) as made:
        made.tenant.fail("Validate", Status(403, "Not yet"))
        assert await made.system.guidance(()) is not None

        examination = await made.system.examine()

        assert any("licbot takes them" in fact for fact in examination.facts)
        assert await made.system.guidance(()) is None


# What an operator is told


async def test_an_operator_is_told_how_things_are(tmp_path: Path) -> None:
    """Where it is, whose it is, what licbot may do, and how old the list is."""
    async with world(tmp_path) as made:
        examination = await made.system.examine()

    facts = "\n".join(examination.facts)
    assert examination.problems == ()
    assert "/WebApi" in facts
    assert made.tenant.version in facts
    assert "Licence of SuperOffice AS: Nordlicht GmbH, serial number 1234567890" in facts
    assert "Seats: user plans and licences; licbot takes them." in facts
    assert "List of users: 4 users, 24 November 2026, 09:00 UTC." in facts
    assert "Assumed" in facts
    assert PASSWORD not in facts


async def test_what_keeps_it_from_working_is_a_problem(tmp_path: Path) -> None:
    """Nothing is raised, and what is known besides is told."""
    async with world(tmp_path) as made:
        made.clock.advance(1.1 * DAY)
        made.tenant.fail("GetLicenseForAllOwnersFromDB", Status(403, "No right"))
        examination = await made.system.examine()

    silent, old = examination.problems
    assert "“No right”" in silent
    assert "was last read 24 November 2026, 09:00 UTC" in old
    assert any("List of users" in fact for fact in examination.facts)


async def test_a_tenant_without_a_licence_may_be_the_wrong_one(tmp_path: Path) -> None:
    """Before anything is read that is no fault of the list's."""
    async with world(tmp_path, read_list=False) as made:
        made.tenant.installed.clear()
        examination = await made.system.examine()

    [problem] = examination.problems
    assert "No licence is in force" in problem
    assert any("not read yet" in fact for fact in examination.facts)


async def test_a_demo_version_is_called_one(tmp_path: Path) -> None:
    """Its serial number says so."""
    async with world(tmp_path, read_list=False) as made:
        made.tenant.serial = "1010000006"
        made.tenant.put_in_force(made.tenant.installed["superoffice"].without("travel"))
        tenant = made.tenant.installed["superoffice"]
        made.tenant.installed["superoffice"] = type(tenant)(
            company="Demo", serial="1010000006", modules=tenant.modules
        )
        examination = await made.system.examine()

    assert any("serial number 1010000006 (a demo version)" in fact for fact in examination.facts)


async def test_licbots_own_user_may_be_no_associate(tmp_path: Path) -> None:
    """Onsite it may be a system user, who can be read all the same."""

    def fill(clock: FakeClock) -> Tenant:
        made = small_tenant(clock)
        made.add_user(
            SimUser(id=50, login="LICBOT", full_name="licbot", role="System", kind=UserKind.SYSTEM)
        )
        return made

    async with world(tmp_path, fill, username="LICBOT") as made:
        assert await made.system.guidance(()) is None
