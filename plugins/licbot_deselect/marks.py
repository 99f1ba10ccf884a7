"""Which of the listed holders lose the licence, and whether by their own pick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from licbot.domain.people import Holder
from licbot.domain.removals import Held, Instead, dependencies, plan_removals
from licbot.domain.review import Review
from licbot.ports.ports import Ports
from licbot.ports.system import LicensedSystem


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """Users of a list.

    picked: those who are picked for its licence. along: those who are not, and lose it all the
    same because another of their licences is picked. instead: what the plan is called that some
    of those who are picked get.
    """

    picked: frozenset[str] = frozenset()
    along: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)


async def marks_of(ports: Ports, review: Review, module: str, holders: Sequence[Holder]) -> Marks:
    """What is planned for these holders of a module licence. Raises SystemUnavailable."""
    activation, users = review.activation, [holder.id for holder in holders]
    async with ports.store.read() as uow:
        planned = await uow.picked(activation.id, users)
        instead = await uow.replacements(activation.id, users)
    picked = frozenset(user for user, modules in planned.items() if module in modules)
    others = {user: modules for user, modules in planned.items() if user not in picked}
    along = await _losing(ports.systems[activation.system], others, instead, module)
    labels = {change.module.key: change.module.label for change in review.changes}
    return Marks(
        picked=picked,
        along=along,
        instead={
            user: labels.get(plan, plan) for (user, key), plan in instead.items() if key == module
        },
    )


async def _losing(
    system: LicensedSystem, picks: Held, instead: Instead, module: str
) -> frozenset[str]:
    if not picks:
        return frozenset()
    held = await system.held_by(sorted(picks))
    removals = plan_removals(picks, held, dependencies(await system.installed()), instead)
    return frozenset(removal.user for removal in removals if removal.module == module)
