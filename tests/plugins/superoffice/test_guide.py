"""What people are to do by hand is said in SuperOffice's own labels."""

from pathlib import Path

import pytest

from licbot.domain.licenses import LicenseSet, ModuleLicense
from licbot.domain.removals import Removal
from licbot.testing import license_set, module_license
from licbot_superoffice.guide import tasks
from licbot_superoffice.words import one_line, quoted, said, web_address
from tests.plugins.superoffice.data_support import ADA, CLEO, removal, world


def plan(name: str) -> ModuleLicense:
    return module_license(name, comes_with=("user", "web"))


SETS: list[LicenseSet] = [
    license_set(
        plan("sales"),
        plan("service"),
        module_license("visible-for"),
        module_license("travel"),
        module_license("chat"),
        module_license("user", hidden=True),
        module_license("web", hidden=True),
    )
]
NO_PLAN = "choose the user plan “(No Selection)”"


@pytest.mark.parametrize(
    ("modules", "steps"),
    [
        (["sales", "user", "web"], NO_PLAN),
        (["travel"], "clear Travel under Licences"),
        (["travel", "chat"], "clear Chat and Travel under Licences"),
        (["chat", "travel", "visible-for"], "clear Chat, Travel and Visible For under Licences"),
        (["sales", "travel"], f"{NO_PLAN} and clear Travel under Licences"),
        (["web"], NO_PLAN),
        (["unknown"], NO_PLAN),
    ],
)
def test_each_user_has_one_task(modules: list[str], steps: str) -> None:
    """Whatever they are to lose; hidden licences have no box of their own."""
    removals = [removal("1", each) for each in modules]

    assert tasks(removals, SETS, ()) == {
        "1": f"In Settings and maintenance › Users, {steps}, then save"
    }


def test_where_seats_are_logins_the_login_is_switched_off() -> None:
    """What comes with the seat goes with it; other licences are cleared as always."""
    removals = [
        removal("1", "chat"),
        removal("1", "user"),
        removal("2", "chat"),
        removal("2", "travel"),
    ]

    found = tasks(removals, SETS, {"chat"})

    assert "switch “Can log in” off, then save" in found["1"]
    assert "switch “Can log in” off and clear Travel under Licences" in found["2"]


def test_what_is_done_is_no_task() -> None:
    """Nobody is sent to do it again."""
    done = Removal(user="1", module="sales", picked=True, done=True)

    assert tasks([done], SETS, ()) == {}


async def test_online_people_are_guided_to_the_tenants_own_page(tmp_path: Path) -> None:
    """Unless the settings name another one."""
    async with world(tmp_path, online=True) as made:
        guidance = await made.system.guidance([removal(ADA), removal(CLEO, "visible-for")])
        quick = await made.system.guidance(())

    assert guidance
    assert (guidance.product, set(guidance.tasks)) == ("SuperOffice", {ADA, CLEO})
    assert guidance.page.endswith("/online2/Cust12345")
    assert quick
    assert (quick.page, quick.tasks) == ("", {})


async def test_the_settings_may_name_the_page(tmp_path: Path) -> None:
    """Onsite there is none that licbot would know."""
    async with world(tmp_path, removal="guided") as made:
        unknown = await made.system.guidance([removal(ADA)])
        assert unknown
        assert unknown.page == ""
    async with world(tmp_path, removal="guided", admin_page="https://crm.example/admin") as made:
        known = await made.system.guidance([removal(ADA)])
        assert known
        assert known.page == "https://crm.example/admin"


# Words


def test_other_peoples_words_end_no_quotation_of_ours() -> None:
    """Nor do they turn lines, or the direction of reading."""
    assert quoted('say “no”, or "yes"\r\nnow\u202e') == "“say ‘no’, or ’yes’ now”"
    assert one_line("a" * 999) == "a" * 299 + "…"
    assert one_line("\x00\ud800 \x1b[31m") == "[31m"
    assert said("No.") == "SuperOffice says: “No.”"
    assert said("No") == "SuperOffice says: “No”."
    assert said(" \n") == "SuperOffice gave no reason."


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.example/b?c=d", "https://a.example/b?c=d"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://good.example@evil.example/", ""),
        ("https://a.example/<script>", ""),
        ("https://a.example/ b", ""),
        ("https://a.example/|x", ""),
        ("https://a.example/\u202e", ""),
        ("https://[::1", ""),
        ("https://a.example/" + "x" * 400, ""),
        ("", ""),
    ],
)
def test_only_what_a_browser_opens_safely_is_an_address(address: str, shown: str) -> None:
    """Whoever wrote it."""
    assert web_address(address) == shown
