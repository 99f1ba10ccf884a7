"""The step ``status``: which licences there are, and what waits."""

from collections.abc import Awaitable, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    SectionBlock,
    TableBlock,
)

from licbot.domain.licenses import LicenseType, ModuleLicense, days_left, is_past
from licbot.domain.people import Person, Role
from licbot.flows.card import card_link
from licbot.flows.status import OwnerStatus, Standing, licence_status
from licbot.hookspecs import Part, hookimpl
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports
from licbot.ports.texts import bold, cell, clip, count, day, escape, mrkdwn, plain

MOST_ROWS = 99
MOST_OWNERS = 8

STANDINGS = {
    Standing.UP_TO_DATE: ":white_check_mark: Your licence is up to date.",
    Standing.ACTIVATED: ":white_check_mark: *New licence activated.*",
    Standing.WAITING: ":warning: *Activate new licence:* one is waiting.",
    Standing.RUNNING: ":hourglass_flowing_sand: *The new licence is being activated right now.*",
    Standing.SET_ASIDE: ":warning: A new licence was set aside because its numbers are wrong.",
}
NOTHING = (
    "No licence is installed yet. The people who run licbot put the first one in force with "
    "`licbot local import`."
)


async def show_status(request: Request, ports: Ports) -> Reply:
    """Every licence set, to the person who asked."""
    rows = await licence_status(ports, request.language)
    if not rows:
        return Say(text=NOTHING)
    return Say(text=_summary(rows), blocks=await _blocks(rows, ports))


def _summary(rows: Sequence[OwnerStatus]) -> str:
    return " ".join(
        f"{escape(clip(row.license.owner.label, 100))}: {STANDINGS[row.standing]}" for row in rows
    )


async def _blocks(rows: Sequence[OwnerStatus], ports: Ports) -> list[Block]:
    blocks: list[Block] = []
    for position, row in enumerate(rows[:MOST_OWNERS]):
        if position:
            blocks.append(DividerBlock())
        blocks += _owner(row, ports, table=position == 0)
        blocks.append(ActionsBlock(elements=await _buttons(row, ports)))
    return blocks


def _owner(row: OwnerStatus, ports: Ports, *, table: bool) -> list[Block]:
    license_set = row.license
    where = f" ({row.system})" if len(ports.systems) > 1 else ""
    return [
        HeaderBlock(text=plain(f"{clip(license_set.owner.label, 100)}: licences{where}", 150)),
        SectionBlock(text=mrkdwn(STANDINGS[row.standing])),
        SectionBlock(
            fields=[
                mrkdwn(f"*Licence owner*\n{escape(clip(license_set.customer.company, 200))}"),
                mrkdwn(f"*Serial number*\n{escape(clip(license_set.customer.serial, 60))}"),
                mrkdwn(f"*Expires*\n{_expiry(row, ports)}"),
                mrkdwn(f"*Next check*\n{day(license_set.dates.next_check)}"),
            ]
        ),
        _table(row) if table else SectionBlock(text=mrkdwn(_lines(row))),
    ]


def _expiry(row: OwnerStatus, ports: Ports) -> str:
    expiry, now = row.license.dates.expiry, ports.clock.now()
    if expiry is None:
        return "never"
    if is_past(expiry, now):
        grace = row.license.dates.grace
        return f":red_circle: {day(expiry)} (expired; works until {day(grace)})"
    return f"{day(expiry)} ({count(days_left(expiry, now), 'day')} left)"


def _visible(row: OwnerStatus) -> list[ModuleLicense]:
    modules = [module for module in row.license.modules if not module.hidden]
    return sorted(modules, key=lambda module: (module.sort_order, module.key))


def _figures(row: OwnerStatus, module: ModuleLicense) -> tuple[str, str, str]:
    """In use, total and free, as they are shown."""
    used = row.in_use.get(module.key, 0)
    if module.type is LicenseType.SYSTEM:
        return "✓", "–", "–"
    if module.unrestricted:
        return f"{used:,}", "unrestricted", "–"
    return f"{used:,}", f"{module.number:,}", f"{module.number - used:,}"


def _table(row: OwnerStatus) -> Block:
    modules = _visible(row)
    rows = [[cell(word) for word in ("Licence", "In use", "Total", "Free")]]
    rows += [
        [cell(clip(module.label, 60)), *(cell(figure) for figure in _figures(row, module))]
        for module in modules[:MOST_ROWS]
    ]
    return TableBlock(rows=rows, column_settings=[{"is_wrapped": True}, *RIGHT])


RIGHT = [{"align": "right"}, {"align": "right"}, {"align": "right"}]


def _lines(row: OwnerStatus) -> str:
    lines = []
    for module in _visible(row):
        used, total, free = _figures(row, module)
        lines.append(f"{bold(module.label)}: in use {used}, total {total}, free {free}")
    return "\n".join(lines) or "–"


async def _buttons(row: OwnerStatus, ports: Ports) -> list[ButtonElement]:
    buttons = []
    waiting = row.standing in (Standing.WAITING, Standing.SET_ASIDE, Standing.RUNNING)
    if row.activation and waiting:
        buttons.append(
            ButtonElement(
                text=plain("Open the changes"),
                action_id="review:open",
                value=row.activation.id,
                style="primary",
                # Without an address the press is answered with where the message will be.
                url=await card_link(ports, row.activation.id),
            )
        )
    if row.activation and row.standing is Standing.ACTIVATED:
        buttons.append(
            ButtonElement(
                text=plain("Show the changes"),
                action_id="review:changes",
                value=row.activation.id,
            )
        )
    buttons.append(
        ButtonElement(text=plain("Check for a new licence"), action_id="refresh:now", value="now")
    )
    return buttons


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="status",
            summary="the licences you have, and what is waiting (`/license` alone does the same)",
            command=Action(handler=show_status, role=Role.ADMIN),
            aliases=("",),
        )
    ]


@hookimpl
def licbot_home(person: Person, roles: frozenset[Role], ports: Ports) -> Awaitable[Sequence[Part]]:
    """Give the Home tab its licences."""
    return _home(person, roles, ports)


async def _home(person: Person, roles: frozenset[Role], ports: Ports) -> Sequence[Part]:
    if Role.ADMIN not in roles:
        words = "Licences are shown to administrators. Ask one of them if you need a licence."
        return [Part(place=10, blocks=[SectionBlock(text=mrkdwn(words))])]
    rows = await licence_status(ports, person.language)
    blocks = await _blocks(rows, ports) or [SectionBlock(text=mrkdwn(NOTHING))]
    hint = "Type `/license help` in any channel to see what licbot can do."
    return [Part(place=10, blocks=[*blocks, ContextBlock(elements=[mrkdwn(hint)])])]
