"""The step ``purchase``: the way to the issuer's shop, or to those who may buy."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock

from licbot.domain.people import Role
from licbot.hookspecs import hookimpl
from licbot.ports.conversation import Action, Reply, Request, Say, Step
from licbot.ports.ports import Ports
from licbot.ports.texts import clip, mention, mrkdwn, plain

MOST_SHOPS = 5
"""Slack shows so many buttons in a row on a narrow screen."""

NO_SHOP = (
    "The issuer of your licences has no shop that licbot knows of. Contact the issuer to buy "
    "licences; as soon as the new licence is there, licbot shows what it changes."
)
BUY = (
    "*Purchase new licences* in the issuer's shop. As soon as the new licence is there, licbot "
    "shows what it changes."
)
ASK = "Licences are bought by administrators. Shall licbot ask them for you?"
ASKED = "licbot asked the administrators in <#{channel}>."
ASKED_BEFORE = "licbot asked them for you in <#{channel}> today already. They will get back to you."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shop:
    owner: str
    address: str


async def show_shop(request: Request, ports: Ports) -> Reply:
    """The shop for administrators; for everybody else a way to ask them."""
    person = await ports.messenger.person(request.user)
    if Role.ADMIN not in await ports.advice.roles(person, ports):
        button = ButtonElement(text=plain("Ask the administrators"), action_id="purchase:ask")
        return Say(
            text=ASK, blocks=[SectionBlock(text=mrkdwn(ASK)), ActionsBlock(elements=[button])]
        )
    shops = await _shops(ports)
    if not shops:
        return Say(text=NO_SHOP)
    buttons = [
        ButtonElement(
            text=plain(_label(shop, shops), 75),
            action_id=f"purchase:shop:{number}",
            url=shop.address,
        )
        for number, shop in enumerate(shops[:MOST_SHOPS])
    ]
    return Say(text=BUY, blocks=[SectionBlock(text=mrkdwn(BUY)), ActionsBlock(elements=buttons)])


def _label(shop: _Shop, shops: Sequence[_Shop]) -> str:
    words = "Purchase new licences"
    return words if len(shops) == 1 else f"{words}: {clip(shop.owner, 50)}"


async def _shops(ports: Ports) -> Sequence[_Shop]:
    found: list[_Shop] = []
    for system in ports.systems.values():
        for license_set in await system.installed():
            owner = license_set.owner
            address = await system.shop_address(owner.key)
            if address and address not in {each.address for each in found}:
                found.append(_Shop(owner=owner.label, address=address))
    return found


async def ask(request: Request, ports: Ports) -> Reply:
    """Ask the administrators in the licence channel, once a day for each person."""
    channel, now = ports.policy.channel, ports.clock.now()
    async with ports.store.begin() as uow:
        first = await uow.first_time(f"purchase/{request.user}/{now:%Y-%m-%d}", now)
    if not first:
        return Say(text=ASKED_BEFORE.format(channel=channel))
    words = (
        f"{mention(request.user)} asks for new licences. `/license purchase` leads to the shop, "
        "`/license` shows which licences are free."
    )
    await ports.messenger.post(channel, words, [SectionBlock(text=mrkdwn(words))])
    return Say(text=ASKED.format(channel=channel))


@hookimpl
def licbot_steps() -> Sequence[Step]:
    """Give the step."""
    return [
        Step(
            name="purchase",
            summary="buy new licences, or ask those who may",
            command=Action(handler=show_shop, role=Role.ANYONE),
            aliases=("buy", "shop"),
            actions={"ask": Action(handler=ask, role=Role.ANYONE)},
        )
    ]
