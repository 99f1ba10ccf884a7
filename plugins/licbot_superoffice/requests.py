"""Open requests in Service: SuperOffice takes no licence from somebody who owns one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.ports.texts import count
from licbot_superoffice.archive import Row, number, pages
from licbot_superoffice.wire import Api

_ARCHIVE = "UserOpenTickets"
_OWNER = "ownedBy/associateDbId"
_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRequests:
    """Open requests. owned: how many each user owns, by user id, of those who own any.

    unread: how many there are besides of which SuperOffice does not tell the owner.
    """

    owned: Mapping[str, int]
    unread: int = 0

    @property
    def gaps(self) -> Sequence[str]:
        """What is not known, in words."""
        if not self.unread:
            return []
        return [
            f"In SuperOffice's list {_ARCHIVE}, {count(self.unread, 'open request')} came without "
            "an owner that licbot can read."
        ]


async def open_requests(api: Api) -> OpenRequests:
    """How many open requests each user owns.

    Raises ArchiveRefused and ArchiveFailed where SuperOffice does not tell, as where there is no
    Service.
    """
    counts: Counter[str] = Counter()
    unread = 0
    async for page in pages(api, _ARCHIVE, ["ticketId", _OWNER], order="ticketId"):
        unread += sum(_is_unread(row) for row in page)
        counts.update(str(owner) for row in page if (owner := number(row, _OWNER)))
    return OpenRequests(owned=counts, unread=unread)


def _is_unread(row: Row) -> bool:
    """Whether a row does not say who owns the request; nobody does where there is nothing."""
    return _OWNER not in row or (number(row, _OWNER) is None and row[_OWNER] not in (None, ""))


def objecting(removals: Sequence[Removal], people: Mapping[str, Holder]) -> Sequence[str]:
    """Whose open requests keep SuperOffice from taking these seats, in words.

    people: as they were last listed; those who are not are nobody's obstacle.
    """
    losing = {removal.user for removal in removals} & people.keys()
    names = sorted(
        f"{people[user].name} ({people[user].open_requests:,})"
        for user in losing
        if people[user].open_requests
    )
    if not names:
        return []
    more = f" and {count(len(names) - _NAMED, 'more person', 'more people')}"
    return [
        f"SuperOffice takes no licence from people with open requests in Service: "
        f"{', '.join(names[:_NAMED])}{more if len(names) > _NAMED else ''}. Have the requests "
        "closed or given to somebody else, or take these people off the list."
    ]
