"""What an offer changes, and where more seats are in use than it grants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from licbot.domain.licenses import LicenseSet, ModuleLicense


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One module licence in the installed set beside the same one in the offer.

    module: as the offer has it, or as installed where the offer drops it.
    total, new_total: the number granted now and by the offer, 0 where it is absent.
    in_use: seats in use now.
    planned: seats that the planned removals free, less those they give: negative where they give
    more. given: seats that they give. excess: those of them that are not free in the installed
    set, where they have to be given before the offer is in force.
    altered: whether the offer grants something else than the installed set.
    restricted: whether the new total limits the seats.
    """

    module: ModuleLicense
    in_use: int
    total: int
    new_total: int
    planned: int = 0
    given: int = 0
    excess: int = 0
    altered: bool
    restricted: bool

    @property
    def free(self) -> int:
        """Seats free now."""
        return self.total - self.in_use

    @property
    def added(self) -> int:
        """The difference the offer makes, negative where it takes away."""
        return self.new_total - self.total

    @property
    def new_free(self) -> int:
        """Seats free under the offer with today's use; negative where too many are in use."""
        return self.new_total - self.in_use

    @property
    def surplus(self) -> int:
        """Seats in use above the new total."""
        return max(0, self.in_use - self.new_total) if self.restricted else 0

    @property
    def remaining(self) -> int:
        """Seats too many once the plan is carried out, or while it is."""
        over = self.in_use - self.planned - self.new_total if self.restricted else 0
        return max(0, over, self.excess)

    @property
    def is_red(self) -> bool:
        """Whether this licence keeps the offer from being activated."""
        return self.remaining > 0

    @property
    def is_shown(self) -> bool:
        """Whether people see it: altered, short of seats or given to people, and not hidden."""
        telling = self.altered or self.surplus > 0 or self.given > 0
        return telling and not self.module.hidden


def compare(
    installed: LicenseSet | None,
    offered: LicenseSet,
    in_use: Mapping[str, int],
    planned: Mapping[str, int] | None = None,
    given: Mapping[str, int] | None = None,
) -> tuple[Change, ...]:
    """Every module licence of either set as a change, in the issuer's order.

    in_use: seats in use by module key; planned: seats that planned removals free, less those they
    give, and given: seats that they give, likewise.
    """
    old = installed.by_key() if installed else {}
    new = offered.by_key()
    changes = [
        _with_plan(
            _change(module, old.get(key), new.get(key), in_use.get(key, 0)),
            old.get(key),
            planned=(planned or {}).get(key, 0),
            given=(given or {}).get(key, 0),
        )
        for key, module in {**old, **new}.items()
    ]
    return tuple(sorted(changes, key=lambda c: (c.module.sort_order, c.module.key)))


def _change(
    module: ModuleLicense,
    old: ModuleLicense | None,
    new: ModuleLicense | None,
    in_use: int,
) -> Change:
    return Change(
        module=module,
        in_use=in_use,
        total=old.number if old else 0,
        new_total=new.number if new else 0,
        altered=_grant(old) != _grant(new),
        restricted=new is None or not new.unrestricted,
    )


def _with_plan(change: Change, old: ModuleLicense | None, *, planned: int, given: int) -> Change:
    unlimited = old is not None and old.unrestricted
    # What others lose may come free later than what is given: it does not count here.
    excess = 0 if unlimited else min(given, max(0, given - change.free))
    return replace(change, planned=planned, given=given, excess=excess)


def _grant(module: ModuleLicense | None) -> tuple[int, bool]:
    return (module.number, module.unrestricted) if module else (0, False)


def carried_out(change: Change) -> Change:
    """The change once its planned removals are carried out."""
    in_use = change.in_use - change.planned
    return replace(change, in_use=in_use, planned=0, given=0, excess=0)


def shown(changes: Iterable[Change]) -> Sequence[Change]:
    """The changes that people see."""
    return [change for change in changes if change.is_shown]


def red(changes: Iterable[Change]) -> Sequence[Change]:
    """The changes that block, hidden ones too."""
    return [change for change in changes if change.is_red]
