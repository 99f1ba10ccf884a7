"""Which users a query matches, and in which order they come."""

from collections.abc import Callable, Iterable, Mapping

from licbot.domain.people import Holder, HolderFilter, HolderKind, HolderOrder, HolderQuery

_FILTERS: Mapping[HolderFilter, Callable[[Holder], bool]] = {
    HolderFilter.ALL: lambda user: True,
    HolderFilter.ASSOCIATES: lambda user: user.kind is HolderKind.ASSOCIATE,
    HolderFilter.OTHERS: lambda user: user.kind is HolderKind.OTHER,
    HolderFilter.NO_LOGIN: lambda user: not user.can_login,
    HolderFilter.UNKNOWN: lambda user: user.last_login is None,
}


def matching(user: Holder, query: HolderQuery) -> bool:
    """Whether a user who holds the licence is one that the query asks for."""
    search = query.search.strip().casefold()
    found = search in user.name.casefold() or search in user.email.casefold()
    named = query.only is None or user.id in query.only
    return found and named and _FILTERS[query.filter](user)


def ordered(users: Iterable[Holder], order: HolderOrder) -> list[Holder]:
    """Users in an order, by their ids where it says nothing."""
    by_id = sorted(users, key=lambda user: user.id)
    if order is HolderOrder.NAME:
        return sorted(by_id, key=lambda user: user.name.casefold())
    known = [(user.last_login.timestamp(), user) for user in by_id if user.last_login]
    sign = 1 if order is HolderOrder.LEAST_RECENT else -1
    recent = [user for _, user in sorted(known, key=lambda each: sign * each[0])]
    return recent + [user for user in by_id if user.last_login is None]


def same_address(one: str, other: str) -> bool:
    """Whether two e-mail addresses are one; case counts outside ASCII, and no address is none."""
    return bool(one) and _without_case(one) == _without_case(other)


def _without_case(address: str) -> str:
    trimmed = address.strip()
    return trimmed.lower() if trimmed.isascii() else trimmed
