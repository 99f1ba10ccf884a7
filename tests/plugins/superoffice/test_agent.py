"""Offers of a tenant: found, judged anew, and put in force exactly as they came."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from licbot.domain.errors import OfferRefused, SystemRefused, SystemUnavailable
from licbot.domain.licenses import Customer
from licbot.domain.people import Person
from licbot.store.database import open_database
from licbot.store.migrate import migrate
from licbot.testing import START
from licbot.testing.clock import FakeClock
from licbot.testing.superoffice import (
    Cut,
    Exchange,
    Failure,
    Message,
    Null,
    SimLicense,
    SimModule,
    Status,
    Tenant,
    Timeout,
    customers,
)
from licbot_superoffice import licbot_migrations
from licbot_superoffice.counting import count_offer
from licbot_superoffice.envelope import unpack
from tests.plugins.superoffice.data_support import (
    PLANS,
    SMALLER,
    World,
    removal,
    scripted,
    world,
)

LARGER = PLANS.with_numbers(sales=9)
ACME = SimLicense(
    owner="ACME", owner_description="Acme AG", modules=(SimModule(name="sync", number=5),)
)
STATUS = "GetLicenseStatusFromLicenseServer"
FETCH = "GetLicenseFromLicenseServer"
FILE = "GetLicenseFromFile"
ACTIVATE = "ActivateLicenseInfo"
VALIDATE = "ValidateLicenseInfo"


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[World]:
    """Four people, and nothing offered."""
    async with world(tmp_path, read_list=False) as made:
        yield made


# Finding


async def test_where_nothing_is_offered_nothing_is_found(tenant: World) -> None:
    """Neither is what the system activated by itself meanwhile."""
    assert await tenant.system.find_offers() == await tenant.system.find_offers()

    tenant.tenant.set_status("NewLicenseActivated")
    found = await tenant.system.find_offers()

    assert (found.offers, found.refused) == ((), ())


async def test_what_is_in_force_is_no_offer(tenant: World) -> None:
    """Though the issuer may call it new."""
    tenant.tenant.set_status("NewLicenseAvailable")

    found = await tenant.system.find_offers()

    assert (found.offers, found.refused) == ((), ())


async def test_an_offer_is_one_offer_however_often_it_is_fetched(tenant: World) -> None:
    """The figures around it change as people come and go."""
    first = await tenant.offer()
    tenant.tenant.unassign(11, "sales")
    tenant.clock.advance(timedelta(hours=1))

    [again] = (await tenant.system.find_offers()).offers

    assert again.raw != first.raw
    assert (again.digest, again.sequence, again.issued) == (first.digest, 1, None)
    assert again.license == first.license
    assert again.source == "the licence server of SuperOffice AS"


async def test_licences_are_counted_as_they_come(tenant: World) -> None:
    """One that comes back has its old number, so that it supersedes nothing."""
    first = await tenant.offer(SMALLER)
    tenant.clock.advance(timedelta(hours=1))
    second = await tenant.offer(LARGER)
    back = await tenant.offer(SMALLER)

    assert [first.sequence, second.sequence, back.sequence] == [1, 2, 1]


@pytest.mark.parametrize(
    ("status", "message", "url", "words"),
    [
        (
            "UseCustomMessage",
            "Call\nus",
            "",
            "Call us",
        ),
        (
            "UseCustomMessageAndUrl",
            "Your plan has a new name.",
            "https://community.example/plans?a=1",
            "Your plan has a new name. See https://community.example/plans?a=1",
        ),
        (
            "UseCustomMessageAndUrl",
            "Look here.",
            "javascript:alert(1)",
            "Look here.",
        ),
        ("UseCustomMessageAndUrl", "", "", "SuperOffice wants you to look at its site."),
        (
            "ProblemWithLicense",
            "Invoice open",
            "",
            "SuperOffice can't hand over a new licence. SuperOffice says: “Invoice open”. "
            "Ask SuperOffice what is to be done.",
        ),
        (
            "UnknownError",
            "",
            "",
            "SuperOffice can't hand over a new licence. SuperOffice gave no reason. "
            "Ask SuperOffice what is to be done.",
        ),
    ],
)
async def test_what_keeps_a_licence_from_coming_is_said(
    tenant: World, status: str, message: str, url: str, words: str
) -> None:
    """With the issuer's own words, and an address only where a browser may open it."""
    tenant.tenant.set_status(status, message, url)

    found = await tenant.system.find_offers()

    assert found.offers == ()
    [refused] = found.refused
    assert (refused.source, refused.reason) == ("SuperOffice AS", words)


@pytest.mark.parametrize(
    ("status", "message"),
    [("UseCustomMessage", True), ("UseCustomMessageAndUrl", True), ("ProblemWithLicense", False)],
)
async def test_what_an_issuer_only_wants_to_say_is_no_licence_that_fails(
    tenant: World, status: str, message: bool
) -> None:
    """There is none, so nothing is called unusable."""
    tenant.tenant.set_status(status, "Your plan has a new name.")

    [refused] = (await tenant.system.find_offers()).refused

    assert refused.message is message


@pytest.mark.parametrize(
    ("number", "offers", "words"),
    [
        (0, 0, ""),
        ("6", 0, ""),
        (1, 1, ""),
        (2, 1, ""),
        ("3", 1, ""),
        (4, 0, "Call us"),
        (5, 0, "Call us"),
        (100, 0, "SuperOffice says: “Call us”."),
        (5000, 0, "SuperOffice says: “Call us”."),
        (77, 0, "SuperOffice says: “Call us”."),
        (None, 0, "SuperOffice says: “Call us”."),
    ],
    ids=repr,
)
async def test_a_status_may_come_by_its_number(
    tmp_path: Path, number: object, offers: int, words: str
) -> None:
    """It means what its name means."""
    mine = {"OwnerName": "SUPEROFFICE", "Signature": "a"}
    answers = {
        "GetLicenseForAllOwnersFromDB": [{"Current": mine}],
        STATUS: {"LicenseStatus": number, "Message": "Call us"},
        FETCH: {"New": {**mine, "Signature": "b"}},
    }

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path.rpartition("/")[2]])

    async with scripted(tmp_path, handle) as made:
        found = await made.system.find_offers()

    assert len(found.offers) == offers
    assert words in "".join(each.reason for each in found.refused)
    assert bool(words) is bool(found.refused)


async def test_why_there_is_no_licence_is_said(tmp_path: Path) -> None:
    """Though the answer looks as if there were one."""
    mine = {"OwnerName": "SUPEROFFICE", "Signature": "a"}
    answers = {
        "GetLicenseForAllOwnersFromDB": [{"Current": mine}],
        STATUS: {"LicenseStatus": "NewLicenseAvailable"},
        FETCH: {"New": None, "Current": mine, "Reason": "The subscription has ended."},
    }

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path.rpartition("/")[2]])

    async with scripted(tmp_path, handle) as made:
        [refused] = (await made.system.find_offers()).refused

    assert "“The subscription has ended.”" in refused.reason
    assert not refused.message


@pytest.mark.parametrize("where", [STATUS, FETCH])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, text="null"), "SuperOffice gave no reason"),
        (httpx.Response(200, json={"Message": "No way"}), "“No way”"),
        (httpx.Response(200, json={"Message": "No way", "MessageDetail": "Now"}), "“No way Now”"),
        (httpx.Response(400, json={"Error": True, "ErrorMessage": "Bad day"}), "“Bad day”"),
        (httpx.Response(200, text="<html>"), "licbot can't read"),
        (httpx.Response(500), "went wrong"),
    ],
)
async def test_one_owners_failure_hides_no_other_owners_offer(
    tmp_path: Path, where: str, answer: httpx.Response, words: str
) -> None:
    """Each issuer is asked for its own licence."""
    infos = {
        owner: {"OwnerName": owner, "OwnerDescription": f"{owner} AS", "Signature": "a"}
        for owner in ("SUPEROFFICE", "ACME")
    }

    def handle(request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition("/")[2]
        if method == "GetLicenseForAllOwnersFromDB":
            return httpx.Response(200, json=[{"Current": each} for each in infos.values()])
        owner = json.loads(request.content)["OwnerName"]
        if owner == "SUPEROFFICE" and method == where:
            return answer
        if method == STATUS:
            return httpx.Response(200, json={"LicenseStatus": "NewLicenseAvailable"})
        return httpx.Response(200, json={"New": {**infos[owner], "SerialNr": "2"}})

    async with scripted(tmp_path, handle) as made:
        found = await made.system.find_offers()

    assert [offer.license.owner.name for offer in found.offers] == ["ACME"]
    [refused] = found.refused
    assert refused.source == "SUPEROFFICE AS"
    assert words in refused.reason


async def test_where_no_issuer_can_be_reached_that_is_said(tenant: World) -> None:
    """It is not taken for nothing being offered."""
    tenant.tenant.put_in_force(ACME)
    tenant.tenant.fail(STATUS, Status(502), times=99)

    with pytest.raises(SystemUnavailable):
        await tenant.system.find_offers()


@pytest.mark.parametrize("failure", [Null(), Message("Not today"), Status(403, "Not open")])
async def test_without_the_licences_in_force_nothing_goes_on(
    tenant: World, failure: Failure
) -> None:
    """What they are is asked of the system, never guessed; its words are passed on."""
    tenant.tenant.fail("GetLicenseForAllOwnersFromDB", failure)

    with pytest.raises(SystemUnavailable, match=r"which licences are in force.*") as caught:
        await tenant.system.installed()

    words = {"Message": "Not today", "Status": "Not open"}.get(type(failure).__name__, "may not")
    assert words in caught.value.message


async def test_another_owners_licence_is_no_offer_of_this_one(tmp_path: Path) -> None:
    """Where SuperOffice confuses them, nothing of it is believed."""
    mine = {"OwnerName": "SUPEROFFICE", "ModuleLicenses": [], "Signature": "a"}
    answers = {
        "GetLicenseForAllOwnersFromDB": [{"Current": mine}],
        STATUS: {"LicenseStatus": "NewLicenseAvailable", "Message": None, "Url": None},
        FETCH: {"New": {**mine, "OwnerName": "ACME"}, "CanBeActivated": True},
    }

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path.rpartition("/")[2]])

    async with scripted(tmp_path, handle) as made:
        found = await made.system.find_offers()

    assert found.offers == ()
    assert [refused.source for refused in found.refused] == ["SUPEROFFICE"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_offers_that_are_counted_at_the_same_time_have_numbers_of_their_own(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """As where two processes ask at the same moment; each keeps its own."""
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    await migrate(url, licbot_migrations())
    database = await open_database(url)
    wanted = [*"abcde", *"abcde"]

    counts = await asyncio.gather(
        *(count_offer(database, "crm", "superoffice", each, START) for each in wanted)
    )
    other = await count_offer(database, "crm", "acme", "a", START)
    await database.close()

    numbers = {each: count.number for each, count in zip(wanted, counts, strict=True)}
    assert sorted(numbers.values()) == [1, 2, 3, 4, 5]
    assert [count.number for count in counts] == [numbers[each] for each in wanted]
    assert other.number == 1


# Judging anew


async def test_an_offer_is_as_it_was_as_long_as_it_is_offered(tenant: World) -> None:
    """Byte for byte, with the figures of its day; SuperOffice is asked each time."""
    offer = await tenant.offer()
    tenant.tenant.unassign(11, "sales")

    assert await tenant.system.read_offer(offer.raw) == offer
    assert await tenant.system.recall_offer(offer.raw) == offer
    assert tenant.asked(FETCH) == 2


async def test_what_was_withdrawn_is_refused(tenant: World) -> None:
    """SuperOffice then hands out what is in force."""
    offer = await tenant.offer()
    tenant.tenant.withdraw()

    with pytest.raises(OfferRefused, match="no longer offers"):
        await tenant.system.read_offer(offer.raw)


async def test_what_was_replaced_is_refused(tenant: World) -> None:
    """The other one is an offer of its own."""
    offer = await tenant.offer()
    tenant.tenant.offer(LARGER)

    with pytest.raises(OfferRefused, match="another licence"):
        await tenant.system.read_offer(offer.raw)


async def test_what_was_activated_by_hand_is_refused(tenant: World) -> None:
    """There is nothing left to do."""
    offer = await tenant.offer()
    tenant.tenant.activate(tenant.tenant.issued(SMALLER))

    with pytest.raises(OfferRefused, match="in force already"):
        await tenant.system.read_offer(offer.raw)
    assert (await tenant.system.find_offers()).offers == ()


@pytest.mark.parametrize("failure", [Null(), Message("Try later")])
async def test_no_answer_is_not_taken_for_no_licence(tenant: World, failure: Failure) -> None:
    """Agents answer alike where there is none and where something went wrong: the status tells."""
    offer = await tenant.offer()

    tenant.tenant.fail(FETCH, failure)
    with pytest.raises(SystemUnavailable):
        await tenant.system.read_offer(offer.raw)
    tenant.tenant.fail(FETCH, failure)
    tenant.tenant.fail(STATUS, failure)
    with pytest.raises(SystemUnavailable):
        await tenant.system.read_offer(offer.raw)
    tenant.tenant.fail(FETCH, failure)
    tenant.tenant.set_status("Ok")
    with pytest.raises(OfferRefused, match="no longer offers"):
        await tenant.system.read_offer(offer.raw)


async def test_a_forged_line_helps_nobody(tenant: World) -> None:
    """What licbot wrote itself is what it remembers, not what the bytes say."""
    offer = await tenant.offer()
    line, _, body = offer.raw.partition(b"\n")
    higher = line.replace(b'"number":1', b'"number":99') + b"\n" + body
    other = line + b"\n" + body.replace(b'"NumberOfLicenses":2', b'"NumberOfLicenses":99')

    read = await tenant.system.read_offer(higher)

    assert (read.sequence, read.raw != higher) == (1, True)
    assert other != offer.raw
    with pytest.raises(OfferRefused):
        await tenant.system.read_offer(other)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"grant me everything",
        b'{"licbot":"superoffice/1"}',
        b'{"licbot":"superoffice/9","from":"server","owner":"X","number":1,'
        b'"found":"2026-11-24T09:00:00+00:00"}\n{"New":{"OwnerName":"X"}}',
        b'{"licbot":"superoffice/1","from":"server","owner":"X","number":1,'
        b'"found":"2026-11-24T09:00:00"}\n{"New":{"OwnerName":"X"}}',
        b'{"licbot":"superoffice/1","from":"server","owner":"X","number":"y",'
        b'"found":"2026-11-24T09:00:00+00:00"}\n{"New":{"OwnerName":"X"}}',
        b'{"licbot":"superoffice/1","from":"server","owner":"X","number":1,'
        b'"found":"2026-11-24T09:00:00+00:00"}\n{"New":null}',
        b'{"licbot":"superoffice/1","from":"server","owner":"X","number":1,'
        b'"found":"2026-11-24T09:00:00+00:00"}\nnull',
        b"\xff\xfe\x00",
    ],
)
async def test_what_is_no_offer_is_refused_without_asking(tenant: World, raw: bytes) -> None:
    """Neither judged nor recalled."""
    with pytest.raises(OfferRefused):
        await tenant.system.read_offer(raw)
    with pytest.raises(OfferRefused):
        await tenant.system.recall_offer(raw)
    assert tenant.tenant.requests == []


# Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_a_licence_file_is_an_offer(tenant: World, encoding: str) -> None:
    """It can be judged again and put in force, though the issuer's server has nothing."""
    text = tenant.tenant.license_file(LARGER)

    offer = await tenant.system.read_offer(text.encode(encoding))

    assert (offer.sequence, offer.source) == (1, "a licence file")
    assert offer.license.by_key()["sales"].number == 9
    assert await tenant.system.read_offer(offer.raw) == offer
    assert await tenant.system.recall_offer(offer.raw) == offer
    await tenant.system.install(offer)
    assert tenant.tenant.module("sales") == LARGER.find("sales")
    with pytest.raises(OfferRefused, match="in force already"):
        await tenant.system.read_offer(text.encode(encoding))


async def test_a_file_that_superoffice_does_not_know_is_refused(tenant: World) -> None:
    """With its own words where it says some."""
    text = tenant.tenant.license_file(LARGER)

    with pytest.raises(OfferRefused, match="found no licence") as caught:
        await tenant.system.read_offer(text.replace("Sales", "More Sales").encode())
    assert "Ask SuperOffice" in caught.value.message

    tenant.tenant.fail(FILE, Message("The file is of another version"))
    with pytest.raises(OfferRefused, match="The file is of another version"):
        await tenant.system.read_offer(text.encode())


async def test_a_file_that_is_no_longer_accepted_is_refused(tenant: World) -> None:
    """SuperOffice is asked about it again each time."""
    offer = await tenant.system.read_offer(tenant.tenant.license_file(LARGER).encode())
    tenant.tenant.fail(FILE, Null())

    with pytest.raises(OfferRefused):
        await tenant.system.read_offer(offer.raw)


# Putting in force


async def test_it_is_posted_back_exactly_as_it_came(tenant: World) -> None:
    """Number formats, escapes, unknown fields and their order, and no header that could move
    a date.
    """
    offer = await tenant.offer(LARGER)
    exchanges: list[Exchange] = []
    tenant.tenant.observers.append(exchanges.append)

    await tenant.system.install(offer)

    by_method = {each.served.path.rpartition("/")[2]: each for each in exchanges}
    answer = by_method[FETCH].answer
    assert by_method[VALIDATE].body == b'{"LicenseInfo":' + answer + b"}"
    assert by_method[ACTIVATE].body == b'{"NewLicense":' + answer + b"}"
    names = {name for each in exchanges for name in each.served.headers}
    assert not names & {"so-language", "accept-language", "so-culture", "so-timezone"}
    assert [each.license for each in tenant.tenant.activations] == [tenant.tenant.issued(LARGER)]
    [installed] = await tenant.system.installed()
    assert installed.same_as(offer.license)


async def test_once_in_force_nothing_is_done_again(tenant: World) -> None:
    """Whoever put it there."""
    offer = await tenant.offer(LARGER)
    await tenant.system.install(offer)
    await tenant.system.install(offer)

    assert len(tenant.tenant.activations) == 1
    other = await tenant.offer(PLANS.with_numbers(sales=8))
    tenant.tenant.activate(tenant.tenant.issued(PLANS.with_numbers(sales=8)))
    await tenant.system.install(other)
    assert len(tenant.tenant.activations) == 1


async def test_what_is_offered_instead_is_not_activated(tenant: World) -> None:
    """People confirmed another licence."""
    offer = await tenant.offer(LARGER)
    tenant.tenant.before(FETCH, lambda: tenant.tenant.offer(PLANS.with_numbers(sales=8)))

    with pytest.raises(OfferRefused):
        await tenant.system.install(offer)

    assert tenant.tenant.activations == []
    assert tenant.asked(ACTIVATE) == 0


async def test_superoffice_itself_decides_whether_it_can_be_activated(tenant: World) -> None:
    """Its reason is quoted, and nothing is posted."""
    offer = await tenant.offer(SMALLER)

    with pytest.raises(SystemRefused) as caught:
        await tenant.system.install(offer)

    assert "“Licence 'Sales Premium': 3 in use, 2 in the new licence.”" in caught.value.message
    assert tenant.asked(ACTIVATE) == tenant.asked(VALIDATE) == 0


@pytest.mark.parametrize("where", [VALIDATE, ACTIVATE])
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Null(), "gave no reason"),
        (Message("The serial number is wrong", "Really"), "The serial number is wrong Really"),
        (Status(400, "No such thing"), "No such thing"),
        (Status(403, ""), "not allowed"),
    ],
)
async def test_a_failure_of_the_agent_is_a_refusal(
    tenant: World, where: str, failure: Failure, words: str
) -> None:
    """Whatever form it has; with SuperOffice's own words where there are any."""
    offer = await tenant.offer(LARGER)
    tenant.tenant.fail(where, failure)

    with pytest.raises(SystemRefused) as caught:
        await tenant.system.install(offer)

    assert words in caught.value.message
    assert tenant.tenant.activations == []


@pytest.mark.parametrize("how", [Status(500, after_work=True), Cut(after_work=True)])
async def test_a_lost_answer_is_settled_by_looking(tenant: World, how: Failure) -> None:
    """It is never sent a second time blindly, and once it is seen in force not at all."""
    offer = await tenant.offer(LARGER)
    tenant.tenant.fail(ACTIVATE, how)

    with pytest.raises(SystemUnavailable):
        await tenant.system.install(offer)
    [installed] = await tenant.system.installed()
    await tenant.system.install(offer)

    assert installed.same_as(offer.license)
    assert tenant.asked(ACTIVATE) == 1
    assert len(tenant.tenant.activations) == 1


async def test_an_answer_that_never_came_because_nothing_was_done(tenant: World) -> None:
    """Looking shows that, and it is done the next time."""
    offer = await tenant.offer(LARGER)
    tenant.tenant.fail(ACTIVATE, Cut())

    with pytest.raises(SystemUnavailable):
        await tenant.system.install(offer)
    assert tenant.tenant.activations == []

    await tenant.system.install(offer)
    assert len(tenant.tenant.activations) == 1


async def test_it_is_activated_as_whoever_pressed_the_button(tmp_path: Path) -> None:
    """Where they are signed in; what is fetched is fetched as always."""
    anna = Person(id="U1ANNA", name="anna", email="anna.schaefer@nordlicht.example")
    larger = customers.PLANS_LICENSE.with_numbers(ten_sales=99)

    def fill(clock: FakeClock) -> Tenant:
        return customers.with_plans(clock.now)

    async with world(tmp_path, fill, online=True, read_list=False) as made:
        await made.sign_in(anna, 101)
        await made.system.install(await made.offer(larger), anna.id)
        [by] = [each.by for each in made.tenant.activations]
        fetched_by = {each.who for each in made.tenant.requests if FETCH in each.path}

    assert by == "anna.schaefer@nordlicht.example"
    assert fetched_by == {"SYSTEM"}


# What speaks against it


async def test_nothing_speaks_against_what_grants_enough(tenant: World) -> None:
    """Nor is SuperOffice's word on the surplus repeated: licbot shows that itself."""
    larger = await tenant.offer(LARGER)
    assert await tenant.system.objections(larger, ()) == ()

    smaller = await tenant.offer(SMALLER)
    assert await tenant.system.objections(smaller, ()) == ()


async def test_what_superoffice_has_against_it_is_said(tenant: World) -> None:
    """Where nothing is over by the figures."""
    foreign = LARGER.with_modules()
    offer = await tenant.system.read_offer(
        tenant.tenant.license_file(tenant.tenant.issued(foreign)).encode()
    )
    tenant.tenant.company = "Another GmbH"

    [words] = await tenant.system.objections(offer, ())

    assert "does not let this licence be activated now" in words
    assert "The licence is issued to" in words


async def test_an_offer_that_is_gone_is_said(tenant: World) -> None:
    """So is a licence server that does not answer."""
    offer = await tenant.offer(LARGER)
    tenant.tenant.fail(FETCH, Null())
    [unavailable] = await tenant.system.objections(offer, ())
    tenant.tenant.withdraw()
    [gone] = await tenant.system.objections(offer, ())

    assert "did not hand over" in unavailable
    assert "no longer offers" in gone


async def test_people_with_open_requests_are_named(tenant: World) -> None:
    """As the stored list has them: messages are drawn often, and the list may be very long."""
    offer = await tenant.offer(SMALLER)
    tenant.tenant.open_request(11, 2)
    tenant.tenant.open_request(14)
    await tenant.system.refresh()
    tenant.tenant.requests.clear()

    assert await tenant.system.objections(offer, [removal("12")]) == ()
    [words] = await tenant.system.objections(offer, [removal("11"), removal("12")])

    assert "Ada Berg (2)" in words
    assert "Bo" not in words
    assert "Dev" not in words
    assert tenant.asked("") == 0
    assert await tenant.system.objections(offer, [removal("99")]) == ()


# In force


async def test_one_click_asks_once(tenant: World) -> None:
    """Several questions at a time share an answer, for some seconds."""
    await tenant.system.installed()
    await tenant.system.in_use()
    await tenant.system.installed()
    assert tenant.asked("GetLicenseForAllOwnersFromDB") == 1

    tenant.clock.advance(timedelta(seconds=11))
    await tenant.system.in_use()
    assert tenant.asked("GetLicenseForAllOwnersFromDB") == 2


async def test_an_answer_that_is_on_its_way_is_not_kept_once_something_changed(
    tenant: World,
) -> None:
    """It may say what was in force before."""
    offer = await tenant.offer(LARGER)
    tenant.clock.advance(timedelta(minutes=1))
    came, go_on = asyncio.Event(), asyncio.Event()

    async def hold_up() -> None:
        came.set()
        await go_on.wait()

    tenant.tenant.before("GetLicenseForAllOwnersFromDB", hold_up)
    asking = asyncio.create_task(tenant.system.installed())
    await came.wait()
    await tenant.system.install(offer)
    go_on.set()
    await asking
    before = tenant.asked("GetLicenseForAllOwnersFromDB")

    await tenant.system.installed()

    assert tenant.asked("GetLicenseForAllOwnersFromDB") == before + 1


@pytest.mark.parametrize("failure", [None, Null(), Status(500, after_work=True)])
async def test_an_activation_is_seen_at_once(tenant: World, failure: Failure | None) -> None:
    """Also one that failed, or whose answer was lost."""
    offer = await tenant.offer(LARGER)
    await tenant.system.installed()
    if failure:
        tenant.tenant.fail(ACTIVATE, failure)
    with contextlib.suppress(SystemRefused, SystemUnavailable):
        await tenant.system.install(offer)

    before = tenant.asked("GetLicenseForAllOwnersFromDB")
    [installed] = await tenant.system.installed()
    assert tenant.asked("GetLicenseForAllOwnersFromDB") == before + 1
    in_force = tenant.tenant.module("sales")
    assert in_force
    assert installed.by_key()["sales"].number == in_force.number


async def test_names_come_in_the_readers_language(tenant: World) -> None:
    """Asked for once a day and language, and never where bytes are posted back."""
    assert (await tenant.system.names("de"))["sales"] == "Vertrieb Premium"
    assert (await tenant.system.names("de"))["sales"] == "Vertrieb Premium"
    assert (await tenant.system.names("en"))["sales"] == "Sales Premium"
    assert await tenant.system.names("../x") == {}
    assert await tenant.system.names("nb")
    assert tenant.asked("GetLicenseForAllOwnersFromDB") == 3

    tenant.clock.advance(timedelta(days=1))
    await tenant.system.names("de")
    assert tenant.asked("GetLicenseForAllOwnersFromDB") == 4
    languages = [each.headers.get("so-language") for each in tenant.tenant.requests]
    assert languages == ["de", "en", "no", "de"]


async def test_no_more_languages_are_remembered_than_people_read(tenant: World) -> None:
    """The oldest is asked for again."""
    for number in range(21):
        await tenant.system.names(f"a{chr(97 + number)}")
    before = tenant.asked("GetLicenseForAllOwnersFromDB")

    await tenant.system.names("au")
    await tenant.system.names("aa")

    assert tenant.asked("GetLicenseForAllOwnersFromDB") == before + 1


# Shop and customer


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/buy", "https://shop.example/buy?owner=SUPEROFFICE"),
        ("http://shop.example/buy", ""),
        ("javascript:alert(1)//", ""),
    ],
)
async def test_the_shop_is_only_one_that_is_safe_to_open(
    tenant: World, url: str, shown: str
) -> None:
    """An address that a browser opens without being led astray."""
    tenant.tenant.shop_url = url

    assert await tenant.system.shop_address("superoffice") == shown
    assert await tenant.system.shop_address("nobody") == ""


async def test_a_shop_that_is_not_told_is_none(tenant: World) -> None:
    """In whatever way it is not told."""
    for failure in (Null(), Message("No"), Status(403)):
        tenant.tenant.fail("GetShopUrl", failure)
        assert await tenant.system.shop_address("superoffice") == ""


async def test_a_demo_version_becomes_somebodys(tenant: World) -> None:
    """And that is seen at once."""
    await tenant.system.installed()
    tenant.tenant.serials["Fjord AS", "1234567890"] = None

    await tenant.system.change_customer(Customer(company="Fjord AS", serial="1234567890"))

    [installed] = await tenant.system.installed()
    assert installed.customer.company == "Fjord AS"


async def test_a_serial_number_that_does_not_fit_is_refused(tenant: World) -> None:
    """In SuperOffice's own words; a lost answer is not sent again."""
    with pytest.raises(SystemRefused, match="do not match"):
        await tenant.system.change_customer(Customer(company="X", serial="1"))

    tenant.tenant.fail("ChangeSerialNumber", Status(500), times=3)
    with pytest.raises(SystemUnavailable):
        await tenant.system.change_customer(Customer(company="X", serial="1"))
    assert tenant.asked("ChangeSerialNumber") == 2


async def test_an_offer_can_be_read_without_its_tenant(tenant: World) -> None:
    """What it is, who issued it and what it grants stands in its bytes."""
    offer = await tenant.offer()

    kept = unpack(offer.raw)

    assert kept.offer() == offer
    assert tenant.tenant.license_file(SMALLER) not in repr(kept)
    assert "Signature" not in repr(kept)


async def test_a_tenant_that_does_not_answer_is_said_to_be_silent(tenant: World) -> None:
    """For every question alike."""
    tenant.tenant.fail("License", Cut(), times=99)
    tenant.tenant.fail("User", Timeout(), times=0)

    for question in (tenant.system.installed, tenant.system.in_use, tenant.system.find_offers):
        with pytest.raises(SystemUnavailable):
            await question()
