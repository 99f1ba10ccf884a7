"""The jobs that flows hand over: what follows once a transaction is committed."""

from licbot.domain.activation import Activation
from licbot.ports.store import Job, UnitOfWork


async def update_card(uow: UnitOfWork, activation: Activation, channel: str) -> None:
    """Have the confirmation message brought up to date, once for all that changes until then.

    Messages of one system wait for one another, and not for a system that is out of reach.
    """
    if await uow.want_card(activation.id):
        lane = f"{channel}/{activation.system}"
        await uow.enqueue(Job(kind="card", arguments=(activation.id,), lane=lane))


def decide_job(activation: Activation, previous: str) -> Job:
    """Decide what follows on a found offer; ``previous`` is the activation it supersedes."""
    return Job(kind="decide", arguments=(activation.id, previous), id=f"decide/{activation.id}")


def activate_job(activation: Activation) -> Job:
    """Run a started activation."""
    return Job(
        kind="activate",
        arguments=(activation.id, activation.run),
        id=f"activate/{activation.id}/{activation.run}",
    )


def list_job(system: str, since: int) -> Job:
    """Read who holds what in a system anew, unless that began since a second (epoch)."""
    return Job(kind="list", arguments=(system, since), lane=f"list/{system}")


def poll_job(system: str, due: int) -> Job:
    """Ask the issuer of a system; ``due`` is the second (epoch) it was due at."""
    return Job(kind="poll", arguments=(system,), id=f"poll/{system}/{due}", lane=f"poll/{system}")
