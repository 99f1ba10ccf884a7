"""Decide what follows on a found offer: activate at once, or wait for people."""

from collections.abc import Mapping

from licbot.domain.activation import Act, ActivationState, move
from licbot.domain.changes import red
from licbot.domain.errors import Refused
from licbot.flows.find import LICBOT
from licbot.flows.jobs import card_job
from licbot.flows.look import look
from licbot.flows.pick import pick_holders
from licbot.flows.start import start_activation
from licbot.ports.ports import Ports


async def decide_course(ports: Ports, activation_id: str, previous: str) -> None:
    """Let a found offer go its way; doing it again changes nothing.

    previous: the activation it supersedes, whose picks are taken over where they are still
    needed; empty where there is none. Raises SystemUnavailable.
    """
    review = await look(ports, activation_id)
    if review.activation.state is not ActivationState.FOUND:
        return
    surplus = any(change.surplus for change in review.changes)
    if ports.policy.automatic and review.is_clear and not surplus:
        try:
            await start_activation(
                ports, activation_id, LICBOT, confirmed=review.digest, automatic=True
            )
            return
        except Refused:
            pass  # something changed in between: people decide
    await _open_review(ports, activation_id)
    if previous:
        await _carry_over(ports, activation_id, previous)


async def _open_review(ports: Ports, activation_id: str) -> None:
    act = Act(actor=LICBOT, at=ports.clock.now())
    async with ports.store.begin() as uow:
        activation = await uow.activation(activation_id)
        if activation.state is not ActivationState.FOUND:
            return
        saved = await uow.save(move(activation, ActivationState.REVIEW, act, "found this licence"))
        await uow.enqueue(card_job(saved, ports.policy.channel))


async def _carry_over(ports: Ports, activation_id: str, previous: str) -> None:
    async with ports.store.read() as uow:
        picked = await uow.picked(previous)
    review = await look(ports, activation_id)
    for change in red(review.changes):
        module = change.module.key
        users = _pickers(picked, module)[: change.remaining]
        if users:
            await pick_holders(ports, activation_id, module, LICBOT, users)


def _pickers(picked: Mapping[str, frozenset[str]], module: str) -> list[str]:
    return sorted(user for user, modules in picked.items() if module in modules)
