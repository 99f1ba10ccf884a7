"""Administrators can do by hand what no app may do Online."""

from html.parser import HTMLParser

import pytest

from licbot.testing.superoffice import SimUser, Tenant, customers
from tests.testing.superoffice.visiting import OnlineSite, Site, online_site

OPEN_REQUESTS = "open requests in Service"


async def press(site: Site, user: int, action: str, **more: str) -> str:
    """Press a button; gives the page that follows."""
    form = {"user": str(user), "action": action, **more}
    answer = await site.http.post(f"{site.endpoint}/admin", data=form, follow_redirects=True)
    return answer.text


async def test_the_page_lists_users_with_their_plans(cloud: OnlineSite) -> None:
    """It needs no sign-in, no script and nothing from elsewhere, and says what it is."""
    answer = await cloud.http.get(f"{cloud.endpoint}/admin")

    assert "stand-in" in answer.text
    assert "Sales Premium 36/40" in answer.text
    assert "Anna Schäfer" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in answer.text
    assert "http" not in answer.text.replace(cloud.endpoint, "")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_the_page_is_whole(cloud: OnlineSite) -> None:
    """Every tag is closed."""
    tags = _Tags()

    tags.feed((await cloud.http.get(f"{cloud.endpoint}/admin")).text)

    assert tags.open == []


async def test_users_are_found_and_paged(cloud: OnlineSite) -> None:
    """By name and login, fifty a page."""
    url = f"{cloud.endpoint}/admin"

    found = (await cloud.http.get(url, params={"q": "OEZLEM"})).text
    second = (await cloud.http.get(url, params={"page": "2"})).text

    assert found.count("<td>Özlem") == 3
    assert "Anna Schäfer" not in found
    assert second.count("<tr>") == 60 + 2 - 50


async def test_what_people_are_called_is_only_text(cloud: OnlineSite) -> None:
    """Neither names nor searches become tags."""
    evil = "<script>alert('1')</script>"
    cloud.tenant.add_user(SimUser(id=7, login=evil, full_name=evil, email=evil))

    page = (await cloud.http.get(f"{cloud.endpoint}/admin", params={"q": evil})).text

    assert "<script" not in page
    assert "<td>&lt;script&gt;" in page


async def test_licences_are_removed_and_given_again(cloud: OnlineSite, tenant: Tenant) -> None:
    """The ledger says that it was done on this page."""
    removed = await press(cloud, 101, "remove")
    assert "Anna Schäfer: the user licences were removed." in removed
    assert tenant.held_by(101) == set()

    given = await press(cloud, 101, "assign", plan="ten-service")

    assert "the user plan was assigned" in given
    assert tenant.held_by(101) == {"ten-service", "user", "web"}
    assert {save.by for save in tenant.saves} == {"admin page"}


async def test_a_plan_is_exchanged(cloud: OnlineSite, tenant: Tenant) -> None:
    """One takes the place of the other."""
    await press(cloud, 102, "assign", plan="ten-marketing")

    assert tenant.held_by(102) == {"ten-marketing", "user", "web"}


async def test_signing_in_is_switched(cloud: OnlineSite, tenant: Tenant) -> None:
    """With plans it is no matter of licences."""
    await press(cloud, 102, "login-off")
    assert tenant.users[102].can_login is False
    await press(cloud, 102, "login-on")
    await press(cloud, 102, "login-on")

    assert [(save.module, save.before, save.after) for save in tenant.saves] == [
        ("canLogin", True, False),
        ("canLogin", False, True),
    ]
    assert tenant.in_use("ten-sales") == 36


async def test_in_crm_suite_it_is_the_seat() -> None:
    """Switching it off frees one."""
    tenant = customers.suite()
    async with online_site(tenant) as cloud:
        page = await press(cloud, 110, "login-off")

    assert "Core 17/20" in page
    assert "Assign" not in page
    assert [(save.module, save.after) for save in tenant.saves] == [
        ("suite-user", False),
        ("canLogin", False),
    ]


@pytest.mark.parametrize(
    ("user", "action", "words"),
    [
        (105, "remove", OPEN_REQUESTS),
        (999, "remove", "There is no such user."),
        (102, "explode", "There is no such button."),
        (102, "assign", "There is no such user plan."),
    ],
)
async def test_refusals_are_shown(
    cloud: OnlineSite, tenant: Tenant, user: int, action: str, words: str
) -> None:
    """In words, and nothing is changed."""
    page = await press(cloud, user, action, plan="nothing", q="a", page="1")

    assert words in page
    assert "said bad" in page
    assert tenant.saves == []


async def test_other_sites_cannot_press_buttons(cloud: OnlineSite, tenant: Tenant) -> None:
    """Neither by a form of theirs nor by a name that leads to this machine."""
    url = f"{cloud.endpoint}/admin"
    form = {"user": "102", "action": "remove"}

    foreign = await cloud.http.post(url, data=form, headers={"Origin": "http://evil.example"})
    renamed = await cloud.http.post(url, data=form, headers={"Host": "evil.example"})

    assert (foreign.status_code, renamed.status_code) == (403, 403)
    assert tenant.saves == []


async def test_the_page_is_there_onsite_too(house: Site) -> None:
    """Below the same address as the API."""
    assert "Nordlicht" in (await house.http.get(f"{house.endpoint}/admin")).text
