"""Everything a flow or a handler may reach, made of fakes."""

from collections.abc import Sequence

from licbot.domain.events import Event
from licbot.ports.clock import Clock
from licbot.ports.messenger import Messenger
from licbot.ports.ports import Advice, Policy, Ports
from licbot.ports.system import LicensedSystem
from licbot.testing.advice import PlainAdvice
from licbot.testing.clock import FakeClock
from licbot.testing.messenger import MemoryMessenger
from licbot.testing.store import MemoryStore

CHANNEL = "C0LICENCES"


def ports(
    *systems: LicensedSystem,
    store: MemoryStore | None = None,
    messenger: Messenger | None = None,
    clock: Clock | None = None,
    advice: Advice | None = None,
    policy: Policy | None = None,
) -> Ports:
    """The outside, with a fresh fake in every place that is not given.

    What the store commits is told to ``advice``, as the running bot does. Give a MemorySystem the
    same clock.
    """
    store = store or MemoryStore()
    made = Ports(
        store=store,
        systems={system.name: system for system in systems},
        messenger=messenger or MemoryMessenger(),
        clock=clock or FakeClock(),
        advice=advice or PlainAdvice(),
        policy=policy or Policy(channel=CHANNEL),
    )

    async def tell(recorded: Sequence[tuple[str, Event]]) -> None:
        for kind, event in recorded:
            await made.advice.tell(kind, event, made)

    store.on_commit = tell
    return made
