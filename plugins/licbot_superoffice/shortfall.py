"""Licences whose holders SuperOffice does not list, or not all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from licbot.domain.licenses import LicenseSet, LicenseType, ModuleLicense, Owner
from licbot.ports.texts import count
from licbot_superoffice.licences import entity_of
from licbot_superoffice.suite import NO_PLAN
from licbot_superoffice.words import one_line

Named = tuple[Owner, ModuleLicense]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """What a reading lacks, in words. gaps: what is not known. problems: with the cure."""

    gaps: Sequence[str]
    problems: Sequence[str]


def visible(sets: Sequence[LicenseSet]) -> Sequence[Named]:
    """The user licences that people see, with their owners; none that stands for no plan."""
    return [
        (each.owner, module)
        for each in sets
        for module in each.modules
        if module.type is LicenseType.USER and not module.hidden and module.key != NO_PLAN
    ]


def shortfall(
    sets: Sequence[LicenseSet],
    in_use: Mapping[str, int],
    listed: Mapping[str, int],
    unlisted: Collection[str],
) -> Shortfall:
    """Compare what was listed of limited licences with what SuperOffice counts.

    in_use: seats as it counts them. listed: holders that its lists have. unlisted: licences that
    no list knows. All by module key.
    """
    limited = [(owner, module) for owner, module in visible(sets) if not module.unrestricted]
    nowhere = [
        (owner, module)
        for owner, module in limited
        if module.key in unlisted and in_use.get(module.key)
    ]
    differing = [
        module
        for _, module in limited
        if module.key not in unlisted and in_use.get(module.key, 0) != listed.get(module.key, 0)
    ]
    return Shortfall(
        gaps=[
            *(_nowhere(module) for _, module in nowhere),
            *(_differing(each, in_use, listed) for each in differing),
        ],
        problems=[f"{_nowhere(module)} {_cure(owner, module)}" for owner, module in nowhere],
    )


def _nowhere(module: ModuleLicense) -> str:
    return f"SuperOffice does not list who holds {one_line(module.label, 80)}, which is in use."


def _cure(owner: Owner, module: ModuleLicense) -> str:
    return (
        "Until it does, people take it from users by hand in SuperOffice. Give the user that "
        "licbot signs in as the right to see all users; where that does not help, ask SuperOffice "
        f"why {one_line(entity_of(owner, module), 80)} is missing from its list InternalUsers."
    )


def _differing(module: ModuleLicense, in_use: Mapping[str, int], listed: Mapping[str, int]) -> str:
    counted = count(in_use.get(module.key, 0), "seat")
    holders = count(listed.get(module.key, 0), "holder")
    name = one_line(module.label, 80)
    return f"SuperOffice counts {counted} of {name} in use, and lists {holders}."
