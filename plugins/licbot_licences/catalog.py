"""What an owner's licences are: their types, what plans contain, what needs what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from licbot.domain.licenses import LicenseType, ModuleLicense, fold
from licbot.domain.removals import Dependencies, dependencies
from licbot.flows.status import OwnerStatus
from licbot.ports.texts import bold, clip, count, escape

EXPLAINED: Mapping[LicenseType, str] = {
    LicenseType.SYSTEM: (
        "*System licences* hold for the whole installation. Nobody is given one, and none can be "
        "short of seats."
    ),
    LicenseType.SITE: (
        "*Site licences* hold for a site, that is one database, and for all who work there. Nobody "
        "is given one."
    ),
    LicenseType.USER: (
        "*User licences* are given to people: each holder takes a seat. A *user plan* brings other "
        "licences along, and whoever loses the plan loses them too."
    ),
}
"""Each type as it is shown, in this order."""

NAMED = 550
"""Characters of other licences that are named beside one; more are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """The licences that people see of one owner, by type and in the issuer's order.

    in_use: seats in use by module key. depends, labels: of all owners of the same system, since
    licences of one may need those of another.
    """

    modules: Sequence[ModuleLicense]
    in_use: Mapping[str, int]
    depends: Dependencies
    labels: Mapping[str, str]


def catalog(row: OwnerStatus, rows: Iterable[OwnerStatus]) -> Catalog:
    """The licences of one owner; rows: all owners."""
    sets = [each.license for each in rows if each.system == row.system]
    types = list(EXPLAINED)
    visible = [module for module in row.license.modules if not module.hidden]
    return Catalog(
        modules=sorted(visible, key=lambda m: (types.index(m.type), m.sort_order, m.key)),
        in_use=row.in_use,
        depends=dependencies(sets),
        labels={module.key: module.label for each in sets for module in each.modules},
    )


def licence_lines(module: ModuleLicense, known: Catalog) -> Sequence[str]:
    """A licence with its numbers, what comes with it and what it needs."""
    lines = [f"{bold(clip(module.label, 80))}: {_numbers(module, known)}"]
    if module.tooltip:
        lines.append(escape(clip(module.tooltip, 150)))
    if members := known.depends.plans.get(module.key):
        lines.append(f"User plan; comes with {_named(members, known)}.")
    if module.prerequisite:
        lines.append(f"Needs {_named([fold(module.prerequisite)], known)} first.")
    if dependents := known.depends.dependents.get(module.key):
        lines.append(f"Whoever loses it also loses {_named(dependents, known)}.")
    return lines


def _numbers(module: ModuleLicense, known: Catalog) -> str:
    if module.type is LicenseType.SYSTEM:
        return "for the whole installation"
    if module.type is LicenseType.SITE:
        return "unrestricted" if module.unrestricted else count(module.number, "site")
    used = known.in_use.get(module.key, 0)
    if module.unrestricted:
        return f"{used:,} in use, unrestricted"
    free = module.number - used
    short = f"{count(-free, 'seat')} too many in use" if free < 0 else f"{free:,} free"
    return f"{used:,} of {count(module.number, 'seat')} in use, {short}"


def _named(keys: Iterable[str], known: Catalog) -> str:
    labels = sorted((clip(known.labels.get(key, key), 60) for key in keys), key=str.casefold)
    lengths = accumulate(len(label) + 2 for label in labels)
    fitting = sum(length <= NAMED for length in lengths)
    names = [escape(label) for label in labels[:fitting]]
    if fitting < len(labels):
        names.append(f"{len(labels) - fitting} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
