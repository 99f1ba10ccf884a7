"""Which of the listed holders lose the licence, and whether by their own pick."""

from collections.abc import Sequence
from dataclasses import dataclass

from licbot.domain.activation import Activation
from licbot.domain.people import Holder
from licbot.domain.removals import Held, dependencies, plan_removals
from licbot.ports.ports import Ports
from licbot.ports.system import LicensedSystem


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """Users of a list.

    picked: those who are picked for its licence. along: those who are not, and lose it all the
    same because another of their licences is picked.
    """

    picked: frozenset[str] = frozenset()
    along: frozenset[str] = frozenset()


async def marks_of(
    ports: Ports, activation: Activation, module: str, holders: Sequence[Holder]
) -> Marks:
    """What is planned for these holders of a module licence. Raises SystemUnavailable."""
    async with ports.store.read() as uow:
        planned = await uow.picked(activation.id, [holder.id for holder in holders])
    picked = frozenset(user for user, modules in planned.items() if module in modules)
    others = {user: modules for user, modules in planned.items() if user not in picked}
    along = await _losing(ports.systems[activation.system], others, module)
    return Marks(picked=picked, along=along)


async def _losing(system: LicensedSystem, picks: Held, module: str) -> frozenset[str]:
    if not picks:
        return frozenset()
    held = await system.held_by(sorted(picks))
    removals = plan_removals(picks, held, dependencies(await system.installed()))
    return frozenset(removal.user for removal in removals if removal.module == module)
