"""What becomes of a file that was handed over, and the words for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from licbot.domain.activation import ActivationState
from licbot.domain.errors import OfferRefused, SystemRefused, SystemUnavailable
from licbot.domain.licenses import Offer
from licbot.flows.decide import decide_course
from licbot.flows.decline import decline_offer
from licbot.flows.find import find_offers
from licbot.flows.look import look
from licbot.flows.publish import publish_card
from licbot.flows.start import start_activation
from licbot.ports.conversation import Errors, Replace, Reply, Request
from licbot.ports.messenger import SentFile
from licbot.ports.ports import Policy, Ports
from licbot.testing import (
    CHANNEL,
    FakeClock,
    MemoryMessenger,
    MemoryStore,
    MemorySystem,
    license_set,
    module_license,
    offer,
    ports,
)
from licbot_load import MOST_BYTES, take_file
from licbot_load.view import FILE, SYSTEM


def licence(sequence: int, number: int = 5) -> Offer:
    """An offer that grants so many seats."""
    return offer(license_set(module_license("sales", number)), sequence)


class Place:
    """A system whose issuer sends licences by mail, and an administrator with the files."""

    def __init__(self, *names: str) -> None:
        clock = FakeClock()
        self.systems = [MemorySystem(clock, name=name) for name in names or ("crm",)]
        self.system = self.systems[0]
        self.messenger = MemoryMessenger()
        self.store = MemoryStore()
        for system in self.systems:
            system.put_in_force(license_set(module_license("sales", 5)))
        self.ports: Ports = ports(
            *self.systems,
            store=self.store,
            messenger=self.messenger,
            clock=clock,
            policy=Policy(channel=CHANNEL, administrators=frozenset({"U2"})),
        )

    def sent(
        self, offered: Offer | bytes, *, known: bool = True, name: str = "new.lic"
    ) -> SentFile:
        """A file in Slack. known: whether its issuer really signed it."""
        raw = offered if isinstance(offered, bytes) else offered.raw
        if isinstance(offered, Offer) and known:
            for system in self.systems:
                system.leave(offered)
        self.messenger.files["F1"] = raw
        return SentFile(id="F1", name=name, size=len(raw), address="https://files.slack.com/F1")

    async def take(self, *files: SentFile, system: str = "") -> Reply:
        """Press OK with these files."""
        request = Request(
            user="U1", files={FILE: files}, values={SYSTEM: system} if system else {}, modal=True
        )
        return await take_file(request, self.ports)

    async def states(self, system: str = "crm") -> Sequence[tuple[int, ActivationState]]:
        """What waits, by its number."""
        async with self.store.read() as uow:
            opened = await uow.open_activations(system)
        return [(each.sequence, each.state) for each in opened]

    async def reviewed(self, offered: Offer) -> str:
        """Take an offer to where people review it; gives the activation's id."""
        await self.take(self.sent(offered))
        async with self.store.read() as uow:
            [activation] = await uow.open_activations("crm")
        await decide_course(self.ports, activation.id, "")
        return activation.id


def under_field(reply: Reply, block: str = FILE) -> str:
    """What stands under a field of the modal that stays open."""
    assert isinstance(reply, Errors)
    assert list(reply.by_block) == [block]
    return reply.by_block[block]


def shown(reply: Reply) -> str:
    """What the modal says that took the form's place."""
    assert isinstance(reply, Replace)
    [block] = reply.view.to_dict()["blocks"]
    text: str = block["text"]["text"]
    return text


async def test_a_good_file_begins_an_activation() -> None:
    place = Place()

    reply = await place.take(place.sent(licence(2)))

    assert shown(reply) == (
        f"*new.lic* holds a new licence. Its message is about to appear in <#{CHANNEL}>."
    )
    assert await place.states() == [(2, ActivationState.FOUND)]
    assert [job.kind for job in place.store.jobs] == ["decide"]


async def test_who_brought_it_is_kept() -> None:
    place = Place()
    await place.take(place.sent(licence(2)))

    async with place.store.read() as uow:
        [activation] = await uow.open_activations("crm")
        [(kind, event)] = await uow.events(activation.id)

    assert (kind, event.actor) == ("OfferFound", "U1")
    assert activation.actor == ""


async def test_a_hostile_name_is_shown_and_never_interpreted() -> None:
    place = Place()

    reply = await place.take(place.sent(licence(2), name="<!channel> *x* :tada: " + "y" * 300))

    assert shown(reply).startswith("*&lt;!channel&gt; ∗x∗ :\u200btada: yyy")
    assert len(shown(reply)) < 250


async def test_the_same_file_again_leads_to_its_message() -> None:
    place = Place()
    offered = licence(2)
    activation = await place.reviewed(offered)

    reply = await place.take(place.sent(offered))
    assert "is waiting already. Look at its message in the licence channel to go on." in shown(
        reply
    )
    await publish_card(place.ports, activation)
    reply = await place.take(place.sent(offered))
    assert "is waiting already. <https://slack.example/" in shown(reply)
    assert await place.states() == [(2, ActivationState.REVIEW)]


async def test_a_file_that_was_set_aside_can_be_taken_up_again_in_its_message() -> None:
    place = Place()
    offered = licence(2)
    await decline_offer(place.ports, await place.reviewed(offered), "U2")

    reply = await place.take(place.sent(offered))

    assert "is known: it was set aside." in shown(reply)
    assert "to take it up again." in shown(reply)
    assert await place.states() == [(2, ActivationState.DECLINED)]


@pytest.mark.parametrize("waiting", [licence(3), licence(2, 7)])
async def test_a_file_that_is_no_newer_than_what_waits_is_refused(waiting: Offer) -> None:
    place = Place()
    place.system.leave(waiting)
    await find_offers(place.ports, "crm")

    words = under_field(await place.take(place.sent(licence(2))))

    assert f"waiting already: number {waiting.sequence}, and this one has the number 2." in words
    assert await place.states() == [(waiting.sequence, ActivationState.FOUND)]


async def test_a_newer_file_takes_the_place_of_what_waits() -> None:
    place = Place()
    place.system.leave(licence(2))
    await find_offers(place.ports, "crm")

    reply = await place.take(place.sent(licence(3)))

    assert "holds a new licence" in shown(reply)
    assert await place.states() == [(3, ActivationState.FOUND)]


async def test_nothing_is_loaded_while_a_licence_is_being_activated() -> None:
    place = Place()
    activation = await place.reviewed(licence(2))
    digest = (await look(place.ports, activation)).digest
    await start_activation(place.ports, activation, "U2", confirmed=digest)

    words = under_field(await place.take(place.sent(licence(3))))

    assert "is being activated right now. Wait for its result" in words
    assert await place.states() == [(2, ActivationState.ACTIVATING)]


async def test_a_file_too_large_is_refused_before_it_is_fetched() -> None:
    place = Place()
    file = place.sent(licence(2))
    place.messenger.failing = AssertionError("fetched")

    words = under_field(await place.take(replace(file, size=MOST_BYTES + 1)))

    assert "larger than 1 MiB" in words
    assert await place.states() == []


@pytest.mark.parametrize("size", [None, 3])
async def test_a_file_that_is_larger_than_slack_says_is_refused_too(size: int | None) -> None:
    place = Place()
    file = place.sent(b"x" * (MOST_BYTES + 1))

    assert "larger than 1 MiB" in under_field(await place.take(replace(file, size=size)))


async def test_an_empty_file_is_called_empty() -> None:
    place = Place()

    assert "This file is empty." in under_field(await place.take(place.sent(b"")))


async def test_a_file_that_the_system_refuses_says_why() -> None:
    place = Place()
    bad = licence(2)
    file = place.sent(bad)
    why = "It is for <!channel> *x*.\n\u202eAsk its issuer for the right one."
    place.system.reject(bad, OfferRefused(why))

    words = under_field(await place.take(file))

    assert (
        words
        == "It is for <!channel> *x*. \N{REPLACEMENT CHARACTER}Ask its issuer for the right one."
    )
    assert await place.states() == []


async def test_other_refusals_of_the_system_are_told_too() -> None:
    place = Place()
    place.system.fail("read_offer", SystemRefused("Not on Sundays. Come on Monday."))

    words = under_field(await place.take(place.sent(licence(2))))

    assert words == "Not on Sundays. Come on Monday."


async def test_a_system_out_of_reach_is_said_and_the_form_stays() -> None:
    place = Place()
    place.system.fail("read_offer", SystemUnavailable("tcp 10.0.0.1 refused"))

    words = under_field(await place.take(place.sent(licence(2))))

    assert "can't be reached, so the licence could not be checked" in words
    assert "10.0.0.1" not in words


async def test_a_file_that_slack_does_not_give_is_said() -> None:
    place = Place()
    file = place.sent(licence(2))
    place.messenger.files.clear()
    assert "Slack did not hand the file over." in under_field(await place.take(file))

    place.messenger.reads_files = False
    assert "the scope `files:read`" in under_field(await place.take(file))


async def test_it_takes_exactly_one_file() -> None:
    place = Place()
    file = place.sent(licence(2))

    for files in ([], [file, file]):
        assert "Choose one licence file" in under_field(await place.take(*files))
    assert await place.states() == []


async def test_of_several_products_the_chosen_one_takes_it() -> None:
    place = Place("crm", "erp")
    file = place.sent(licence(2))

    for system in ("", "gone"):
        assert "Choose the product" in under_field(await place.take(file, system=system), SYSTEM)
    assert "holds a new licence" in shown(await place.take(file, system="erp"))

    assert await place.states("crm") == []
    assert await place.states("erp") == [(2, ActivationState.FOUND)]
