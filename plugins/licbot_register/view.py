"""The modals of the step ``register``."""

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, SectionBlock
from slack_sdk.models.views import View

from licbot.domain.licenses import Customer
from licbot.ports.lists import list_modal
from licbot.ports.texts import clip, escape, mrkdwn, plain

COMPANY, SERIAL = "register:company", "register:serial"
"""The ids of the inputs, and of their blocks."""


def register_view(system: str, demo: Customer) -> View:
    """The form. system: the name of the licensed system. demo: as it is installed."""
    words = (
        f"A demo version is installed: *{escape(clip(demo.company, 200))}*, serial number "
        f"{escape(clip(demo.serial, 60))}. When you bought licences, the issuer sent you a serial "
        "number and the name of the licence owner. Both must be written exactly as you got them."
    )
    return View(
        type="modal",
        callback_id="register:customer",
        title=plain("Register", 24),
        submit=plain("OK", 24),
        close=plain("Cancel", 24),
        private_metadata=system,
        blocks=[
            SectionBlock(text=mrkdwn(words)),
            _input(SERIAL, "Serial number", "10 digits", 20),
            _input(COMPANY, "Licence owner", "The company as it is licensed", 200),
        ],
    )


def _input(name: str, label: str, hint: str, length: int) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=plain(label),
        element=PlainTextInputElement(
            action_id=name, placeholder=plain(hint, 150), max_length=length
        ),
    )


def registered_view(company: str, serial: str, channel: str) -> View:
    """It is done, and what comes next."""
    words = (
        f":white_check_mark: *Registered* for {escape(company)}, serial number {escape(serial)}. "
        f"licbot asks for your licence now; its message appears in <#{channel}> as soon as there "
        "is one. A licence file can be handed over with `/license load`."
    )
    return list_modal("Register", [SectionBlock(text=mrkdwn(words))])
