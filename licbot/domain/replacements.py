"""User plans that can be given to people in place of another one."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from licbot.domain.changes import Change
from licbot.domain.licenses import LicenseSet, ModuleLicense
from licbot.domain.removals import Removal, dependencies
from licbot.domain.review import Review


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """A plan that can be given. free: to how many people; ``None`` where that has no limit."""

    plan: ModuleLicense
    free: int | None


def can_replace(module: str, plan: str, installed: LicenseSet | None, offered: LicenseSet) -> bool:
    """Whether a plan may be given in place of a module licence of the same owner.

    Both are user plans, and the plan is granted now and by the offer.
    """
    old = installed.by_key() if installed else {}
    new = offered.by_key()
    taken = new.get(module) or old.get(module)
    granted = plan in old and plan in new and old[plan].is_plan and new[plan].is_plan
    return module != plan and taken is not None and taken.is_plan and granted


def replacements(review: Review, module: str) -> Sequence[Replacement]:
    """The plans that may be given in place of a module licence, in the issuer's order.

    What is free counts the plan as it stands, and what comes with a plan too.
    """
    installed = review.installed
    if installed is None:
        return []
    changes = {change.module.key: change for change in review.changes}
    members = dependencies([installed]).plans
    brought = members.get(module, frozenset())
    return [
        Replacement(
            plan=change.module,
            free=_least(
                _places(changes[each], installed)
                for each in {key} | (members.get(key, frozenset()) - brought)
                if each in changes
            ),
        )
        for key, change in changes.items()
        if can_replace(module, key, installed, review.offer.license)
    ]


def _least(places: Iterable[float]) -> int | None:
    least = min(places)
    return None if math.isinf(least) else max(0, int(least))


def _places(change: Change, installed: LicenseSet) -> float:
    """How many more seats can be given: they must fit the set in force and the offer."""
    old = installed.by_key().get(change.module.key)
    now = math.inf if old and old.unrestricted else change.free - change.given
    later = change.new_free + change.planned if change.restricted else math.inf
    return min(now, later)


def stuck(removals: Iterable[Removal], changes: Iterable[Change]) -> Sequence[Removal]:
    """Those of the removals whose users can't be given the plan that they are to get."""
    known = {change.module.key for change in changes}
    return [
        each
        for each in removals
        if each.is_stuck or (each.instead and not each.done and each.instead not in known)
    ]
