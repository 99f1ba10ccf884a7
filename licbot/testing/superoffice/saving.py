"""What may be changed about a user's licences, and doing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from licbot.testing.superoffice.ledger import CAN_LOGIN, Save
from licbot.testing.superoffice.licenses import SUPEROFFICE, SimLicense, SimModule, key_of
from licbot.testing.superoffice.links import for_users
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

OPEN_REQUESTS = "The user has open requests in Service. The licence cannot be removed."


class SaveRefused(Exception):
    """The change is against the rules; nothing was changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    license: SimLicense
    before: frozenset[str]
    after: frozenset[str]

    @property
    def taken(self) -> frozenset[str]:
        return self.before - self.after

    @property
    def given(self) -> frozenset[str]:
        return self.after - self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Which licences of an owner a user shall have and shall not have, by their names."""

    owner: str = SUPEROFFICE
    wanted: Mapping[str, bool] = field(default_factory=dict)


def save(tenant: Tenant, user: SimUser, wishes: list[Wish], by: str) -> None:
    """Change what a user has: all of it or nothing. Raises SaveRefused."""
    changes = [_change(tenant, user, wish) for wish in wishes]
    for change in changes:
        _check(tenant, user, change)
    for change in changes:
        _apply(tenant, user, change, by)


def check(tenant: Tenant, user: SimUser, wishes: list[Wish]) -> None:
    """Say whether a change would be refused. Raises SaveRefused."""
    for wish in wishes:
        _check(tenant, user, _change(tenant, user, wish))


def switch_login(tenant: Tenant, user: SimUser, can_login: bool, by: str) -> None:
    """Switch whether a user can log in. Raises SaveRefused."""
    if user.can_login is can_login:
        return
    seat = next((each for each in _own(tenant) if each.name == "suite-user"), None)
    if seat is not None:
        save(tenant, user, [Wish(wanted={seat.name: can_login})], by)
    tenant.set_login(user, can_login)
    tenant.saves.append(
        Save(
            user=user.id,
            owner=SUPEROFFICE,
            module=CAN_LOGIN,
            before=not can_login,
            after=can_login,
            by=by,
        )
    )


def _own(tenant: Tenant) -> tuple[SimModule, ...]:
    license_set = tenant.installed.get(SUPEROFFICE.casefold())
    return license_set.modules if license_set else ()


def _change(tenant: Tenant, user: SimUser, wish: Wish) -> _Change:
    license_set = tenant.installed.get(wish.owner.casefold())
    if license_set is None:
        raise SaveRefused(f"There is no licence of {wish.owner}.")
    known = {module.name: module for module in for_users(license_set)}
    unknown = wish.wanted.keys() - known.keys()
    if unknown:
        raise SaveRefused(f"There is no licence {', '.join(sorted(unknown))}.")
    before = frozenset(tenant.held_by(user, wish.owner)) & known.keys()
    after = set(before)
    for name, wanted in wish.wanted.items():
        (after.add if wanted else after.discard)(name)
    return _Change(license=license_set, before=before, after=_with_plan(known, before, after))


def _with_plan(
    known: Mapping[str, SimModule], before: frozenset[str], after: set[str]
) -> frozenset[str]:
    """What a user has once the members of plans have come and gone with them."""
    for name in before - after:
        after.difference_update(known[name].members)
    for name in list(after):
        new = name not in before
        after.update(each for each in known[name].members if each in (known if new else before))
    return frozenset(after)


def _check(tenant: Tenant, user: SimUser, change: _Change) -> None:
    known = {module.name: module for module in for_users(change.license)}
    if sum(known[name].is_plan for name in change.after) > 1:
        raise SaveRefused("A user can have one user plan only.")
    for name in sorted(change.given):
        _check_given(tenant, user, change, known[name])
    own = change.license.key == SUPEROFFICE.casefold()
    if own and change.taken and tenant.open_requests(user):
        raise SaveRefused(OPEN_REQUESTS)


def _check_given(tenant: Tenant, user: SimUser, change: _Change, module: SimModule) -> None:
    if not user.is_active:
        raise SaveRefused("A former employee can have no licence.")
    in_use = tenant.assignments.in_use(key_of(change.license.owner, module.name))
    if not module.unrestricted and in_use >= module.number:
        raise SaveRefused(
            f"There is no free licence '{module.named('en')}': {in_use} of {module.number} in use."
        )
    if module.prerequisite and module.prerequisite not in change.after:
        raise SaveRefused(f"'{module.named('en')}' needs the licence {module.prerequisite}.")


def _apply(tenant: Tenant, user: SimUser, change: _Change, by: str) -> None:
    owner = change.license.owner
    for name in sorted(change.taken | change.given):
        after = name in change.after
        tenant.saves.append(
            Save(user=user.id, owner=owner, module=name, before=not after, after=after, by=by)
        )
    tenant.assignments.take(user.id, [key_of(owner, name) for name in change.taken])
    tenant.assignments.give(user.id, [key_of(owner, name) for name in change.given])
    tenant.follow_seat(user.id, change.taken, change.given)
