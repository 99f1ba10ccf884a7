"""The step ``register``: a demo version becomes the customer's own."""

import re
from collections.abc import Sequence

from licbot.domain.errors import SystemRefused, SystemUnavailable
from licbot.domain.licenses import Customer
from licbot.domain.people import Role
from licbot.flows.find import ask_soon
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Errors, Replace, Reply, Request, Say, Show, Step
from licbot.ports.ports import Ports
from licbot.ports.texts import plain
from licbot_register.view import COMPANY, SERIAL, register_view, registered_view

NO_DEMO = (
    "No demo version is installed, so there is nothing to register. A new serial number comes with "
    "a new licence: `/license refresh` asks for one."
)
NO_COMPANY = "Enter the licence owner exactly as the issuer wrote it."
NO_SERIAL = "A serial number has 10 digits. Enter it as the issuer sent it."
DEMO_SERIAL = "This is the serial number of a demo version. Enter the one you got when you bought."
OPEN = (
    "Whether the number was taken is not known yet: type `/license` in a few minutes to see it, "
    "before you enter it again."
)


async def open_form(request: Request, ports: Ports) -> Reply:
    """Ask for serial number and licence owner, where a demo version is installed."""
    demo = await _demo_system(ports)
    return Show(view=register_view(*demo)) if demo else Say(text=NO_DEMO)


async def _demo_system(ports: Ports) -> tuple[str, Customer] | None:
    for name, system in ports.systems.items():
        for license_set in await system.installed():
            if license_set.customer.is_demo:
                return name, license_set.customer
    return None


async def take(request: Request, ports: Ports) -> Reply:
    """Send the number to the licensed system, and ask for the licence that goes with it."""
    company = request.values.get(COMPANY, "").strip()
    serial = re.sub(r"[\s.-]", "", request.values.get(SERIAL, ""))
    wrong = _wrong(company, serial)
    system = ports.systems.get(request.metadata)
    if wrong or system is None:
        return Errors(by_block=wrong or {SERIAL: NO_DEMO})
    try:
        await system.confirm_administrator(
            await ports.messenger.person(request.user),
            named=request.user in ports.policy.administrators,
        )
        await system.change_customer(Customer(company=company, serial=serial), request.user)
    except SystemUnavailable as error:
        # Its answer may be lost though it was done: what is in force shows it.
        await ask_soon(ports, system.name)
        return Errors(by_block={SERIAL: plain(f"{error.message} {OPEN}", 900).text})
    except SystemRefused as refused:
        return Errors(by_block={SERIAL: plain(refused.message, 900).text})
    await ask_soon(ports, system.name)
    return Replace(view=registered_view(company, serial, ports.policy.channel))


def _wrong(company: str, serial: str) -> dict[str, str]:
    wrong = {}
    if not company:
        wrong[COMPANY] = NO_COMPANY
    if not re.fullmatch(r"[0-9]{10}", serial):
        wrong[SERIAL] = NO_SERIAL
    elif Customer(company=company, serial=serial).is_demo:
        wrong[SERIAL] = DEMO_SERIAL
    return wrong


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="register",
            summary="enter the serial number you bought, where a demo version is installed",
            command=Action(handler=open_form, role=Role.ADMIN, shows=True),
            aliases=("serial",),
            submissions={"customer": Action(handler=take, role=Role.ADMIN)},
        )
    ]
