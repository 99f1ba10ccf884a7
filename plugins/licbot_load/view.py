"""The modals of the step: one that asks for the file, and one that says what comes next."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, Option, SectionBlock, StaticSelectElement
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from licbot.ports.texts import mrkdwn, plain

FILE, SYSTEM = "load:file", "load:system"
"""The fields: each is the only one of its block, which has the same id."""

MOST_SYSTEMS = 100

ASK = (
    "Choose the licence file that your issuer sent you. licbot checks it and shows what it would "
    "change. *Nothing is activated yet.*"
)


def file_view(systems: Sequence[str]) -> View:
    """The modal that asks for the file, and for whose it is where there are several systems."""
    several = [_system_block(systems[:MOST_SYSTEMS])] if len(systems) > 1 else []
    return View(
        type="modal",
        callback_id="load:file",
        title=plain("Load a licence file", 24),
        submit=plain("OK", 24),
        close=plain("Cancel", 24),
        blocks=[SectionBlock(text=mrkdwn(ASK)), *several, _file_block()],
    )


def _file_block() -> Block:
    return InputBlock(
        block_id=FILE,
        label=plain("Licence file"),
        hint=plain("One file of up to 1 MiB, exactly as the issuer sent it."),
        element=FileInputElement(action_id=FILE, max_files=1),
    )


def _system_block(systems: Sequence[str]) -> Block:
    options = [Option(text=plain(name, 75), value=name) for name in systems]
    return InputBlock(
        block_id=SYSTEM,
        label=plain("Licensed system"),
        hint=plain("The product that the licence is for."),
        element=StaticSelectElement(action_id=SYSTEM, options=options),
    )


def loaded_view(words: str) -> View:
    """What comes next, in place of the form."""
    return View(
        type="modal",
        title=plain("Licence file", 24),
        close=plain("Close", 24),
        blocks=[SectionBlock(text=mrkdwn(words))],
    )
