"""The form asks for one file, and for its product where there are several."""

from typing import Any

from licbot.domain.people import Role
from licbot.ports.conversation import Request, Say, Show
from licbot.testing import FakeClock, MemoryMessenger, MemorySystem, ports
from licbot_load import licbot_steps, open_form
from licbot_load.view import FILE, MOST_SYSTEMS, SYSTEM, file_view


def blocks(view: Any) -> dict[str, dict[str, Any]]:
    """The inputs of a view, by their ids."""
    shown = view.to_dict()
    return {each["block_id"]: each for each in shown["blocks"] if each["type"] == "input"}


def test_only_administrators_load_files() -> None:
    [step] = licbot_steps()

    assert [step.name, *step.aliases] == ["load", "upload"]
    assert step.command is not None
    assert step.command.role is Role.ADMIN
    assert {name: each.role for name, each in step.submissions.items()} == {"file": Role.ADMIN}
    assert (step.actions, step.suggestions) == ({}, {})


async def test_the_form_takes_one_file() -> None:
    clock = FakeClock()

    reply = await open_form(Request(user="U1"), ports(MemorySystem(clock, name="crm")))

    assert isinstance(reply, Show)
    inputs = blocks(reply.view)
    assert list(inputs) == [FILE]
    assert inputs[FILE]["element"] == {"type": "file_input", "action_id": FILE, "max_files": 1}
    assert reply.view.callback_id == "load:file"


async def test_the_form_asks_for_the_product_where_there_are_several() -> None:
    clock = FakeClock()
    systems = [MemorySystem(clock, name=name) for name in ("erp", "crm <!here>")]

    reply = await open_form(Request(user="U1"), ports(*systems))

    assert isinstance(reply, Show)
    options = blocks(reply.view)[SYSTEM]["element"]["options"]
    assert [each["value"] for each in options] == ["crm <!here>", "erp"]
    assert all(each["text"]["type"] == "plain_text" for each in options)


def test_no_more_products_are_listed_than_slack_allows() -> None:
    inputs = blocks(file_view([f"system-{number:03}" for number in range(200)]))

    assert len(inputs[SYSTEM]["element"]["options"]) == MOST_SYSTEMS


async def test_without_the_scope_there_is_no_form_but_the_cure() -> None:
    messenger = MemoryMessenger(reads_files=False)
    system = MemorySystem(FakeClock(), name="crm")

    reply = await open_form(Request(user="U1"), ports(system, messenger=messenger))

    assert isinstance(reply, Say)
    assert "give its Slack app the scope `files:read` and install the app again" in reply.text
