"""Keep the stored plan what the picks come to, by what the system says each user holds."""

from licbot.domain.activation import ActivationState
from licbot.domain.review import Review
from licbot.ports.ports import Ports
from licbot.ports.store import UnitOfWork


async def settle_plan(ports: Ports, review: Review) -> None:
    """Write the plan of a review where seats changed outside since it was stored."""
    if review.activation.state is not ActivationState.REVIEW:
        return
    async with ports.store.begin() as uow:
        current = await uow.activation(review.activation.id)
        if current.version == review.activation.version:
            await write_plan(uow, review)


async def write_plan(uow: UnitOfWork, review: Review) -> None:
    """Make the stored removals those of the review."""
    activation_id = review.activation.id
    if sorted(await uow.removals(activation_id)) != sorted(review.removals):
        users = sorted(await uow.picked(activation_id))
        await uow.write_removals(activation_id, users, review.removals)
