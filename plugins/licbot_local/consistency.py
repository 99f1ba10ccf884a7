"""Tenants held to themselves and to the licence in force.

Rows of a wrong form take part as far as they can be read, so that one look finds every fault.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from licbot.domain.licenses import LicenseType, ModuleLicense, fold
from licbot.ports.texts import count
from licbot_local.tenant import Fault, Tenant, TenantFile, TenantRefused
from licbot_local.wording import Path, place, shown

_LISTS = ("users", "seats")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seat:
    """A seat of a file; a field that cannot be read is empty."""

    number: int
    user: str
    module: str

    @property
    def path(self) -> Path:
        return ("seats", self.number)


def require_consistent(file: TenantFile, modules: Mapping[str, ModuleLicense]) -> Tenant:
    """The tenant of a file that has no fault.

    modules: the module licences in force, by key; where there is none, seats are held to users
    only. Raises TenantRefused with all that is wrong, in the order of the file.
    """
    found = _faults(file, modules)
    if found or file.tenant is None:
        raise TenantRefused([words for _, words in sorted(found, key=_position)])
    return file.tenant


def _faults(file: TenantFile, modules: Mapping[str, ModuleLicense]) -> list[Fault]:
    users = _rows(file.value, "users")
    seats = [
        _Seat(number=number, user=_text(row, "user"), module=_text(row, "module"))
        for number, row in enumerate(_rows(file.value, "seats"))
    ]
    malformed = {path for path, _ in file.malformed}
    found = [*_users_twice(users), *_seats_twice(seats)]
    if ("users",) not in malformed:
        found += _strangers(seats, users)
    if modules:
        found += [*_wrong_modules(seats, modules), *_too_many(seats, users, modules)]
    # One fault of a place is enough: another would only follow from it.
    return [*file.malformed, *((path, words) for path, words in found if path not in malformed)]


def _position(fault: Fault) -> tuple[int, float]:
    path = fault[0]
    part = _LISTS.index(str(path[0])) if path and path[0] in _LISTS else len(_LISTS)
    row = path[1] if len(path) > 1 else None
    return part, row if isinstance(row, int) else float("inf")


def _rows(value: object, name: str) -> list[dict[str, object]]:
    """The rows of a list; one that is no object has no fields."""
    found = value.get(name) if isinstance(value, dict) else None
    rows = found if isinstance(found, list) else []
    return [row if isinstance(row, dict) else {} for row in rows]


def _text(row: Mapping[str, object], field: str) -> str:
    found = row.get(field)
    return found if isinstance(found, str) else ""


def _fault(path: Path, words: str) -> Fault:
    return path, f"{place(path)}: {words}."


def _users_twice(users: list[dict[str, object]]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, row in enumerate(users):
        user = _text(row, "id")
        first = seen.setdefault(user, number)
        if user and first != number:
            yield _fault(("users", number, "id"), f"{shown(user)} is users[{first}] already")


def _strangers(seats: list[_Seat], users: list[dict[str, object]]) -> Iterator[Fault]:
    known = {_text(row, "id") for row in users} | {""}
    for seat in seats:
        if seat.user not in known:
            yield _fault((*seat.path, "user"), f"{shown(seat.user)} is not among the users")


def _seats_twice(seats: list[_Seat]) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for seat in seats:
        first = seen.setdefault((seat.user, fold(seat.module)), seat.number)
        if seat.user and seat.module and first != seat.number:
            yield _fault(seat.path, f"it is the same seat as seats[{first}]")


def _wrong_modules(seats: list[_Seat], modules: Mapping[str, ModuleLicense]) -> Iterator[Fault]:
    names = {seat.module for seat in seats} - {""}
    wrong = {name: _wrong_module(modules.get(fold(name))) for name in names}
    for seat in seats:
        if words := wrong.get(seat.module):
            yield _fault((*seat.path, "module"), f"{shown(seat.module)} {words}")


def _wrong_module(module: ModuleLicense | None) -> str:
    if module is None:
        return "is not in the licence"
    if module.type is not LicenseType.USER:
        return f"is a {module.type} licence, of which users hold no seats"
    return ""


def _too_many(
    seats: list[_Seat], users: list[dict[str, object]], modules: Mapping[str, ModuleLicense]
) -> Iterator[Fault]:
    uncounted = {_text(row, "id") for row in users if row.get("deleted", False) is not False}
    counted = {_text(row, "id") for row in users} - uncounted
    # A seat that stands there twice is one seat too many only in the file.
    held = {(seat.user, fold(seat.module)) for seat in seats if seat.user in counted}
    for key, number in Counter(key for _, key in held).items():
        module = modules.get(key)
        if module and _is_exceeded(module, number):
            yield _fault(
                ("seats",),
                f"{count(number, 'seat')} of {shown(module.label)}, "
                f"and the licence grants {module.number:,}",
            )


def _is_exceeded(module: ModuleLicense, number: int) -> bool:
    limited = module.type is LicenseType.USER and not module.unrestricted
    return limited and number > module.number
