"""How things stand: the licences in force, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.licenses import LicenseSet, called
from licbot.flows.naming import names_in
from licbot.ports.ports import Ports

NEWS = timedelta(days=7)
"""How long an activation stays news."""


class Standing(StrEnum):
    """What SuperOffice's own page says beside a licence set."""

    UP_TO_DATE = "up to date"
    ACTIVATED = "activated"
    WAITING = "waiting"
    RUNNING = "running"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerStatus:
    """The licence set of one owner, and the activation that concerns it.

    in_use: seats in use by module key.
    """

    system: str
    license: LicenseSet
    in_use: Mapping[str, int]
    standing: Standing
    activation: Activation | None


async def licence_status(ports: Ports, language: str = "") -> Sequence[OwnerStatus]:
    """Every licence set in force; language: in which the licences are named, where it is given.

    Raises SystemUnavailable.
    """
    rows: list[OwnerStatus] = []
    for name, system in ports.systems.items():
        names = await names_in(ports, name, language) if language else {}
        installed = await system.installed()
        in_use = await system.in_use()
        async with ports.store.read() as uow:
            latest = [*await uow.open_activations(name), *await uow.latest_activations(name)]
        for license_set in installed:
            mine = [a for a in latest if a.owner == license_set.owner.key]
            activation = next((a for a in mine if a.is_open), mine[0] if mine else None)
            rows.append(
                OwnerStatus(
                    system=name,
                    license=_in_words(license_set, names),
                    in_use=in_use,
                    standing=_standing(activation, ports),
                    activation=activation,
                )
            )
    return rows


def _in_words(license_set: LicenseSet, names: Mapping[str, str]) -> LicenseSet:
    return replace(license_set, modules=tuple(called(each, names) for each in license_set.modules))


def _standing(activation: Activation | None, ports: Ports) -> Standing:
    match activation:
        case Activation(state=ActivationState.VERIFIED, acted_at=at):
            is_news = ports.clock.now() - at < NEWS
            return Standing.ACTIVATED if is_news else Standing.UP_TO_DATE
        case Activation(state=ActivationState.ACTIVATING):
            return Standing.RUNNING
        case Activation(state=ActivationState.DECLINED):
            return Standing.SET_ASIDE
        case Activation(is_open=True):
            return Standing.WAITING
    return Standing.UP_TO_DATE
