"""Open requests in Service: SuperOffice takes no licence from somebody who owns one."""

from collections import Counter
from collections.abc import Mapping, Sequence

from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.ports.texts import count
from licbot_superoffice.archive import ArchiveRefused, number, pages
from licbot_superoffice.wire import Api

_ARCHIVE = "UserOpenTickets"
_OWNER = "ownedBy/associateDbId"
_NAMED = 10


async def open_requests(api: Api) -> Mapping[str, int]:
    """How many open requests each user owns, by user id, of those who own any.

    Raises ArchiveRefused where SuperOffice does not tell, as where there is no Service.
    """
    counts: Counter[str] = Counter()
    async for page in pages(api, _ARCHIVE, ["ticketId", _OWNER], order="ticketId"):
        owners = (number(row, _OWNER) for row in page)
        counts.update(str(owner) for owner in owners if owner)
    return counts


async def objecting(
    api: Api, removals: Sequence[Removal], people: Mapping[str, Holder]
) -> Sequence[str]:
    """Whose open requests keep SuperOffice from taking these seats, in words.

    Nobody's where SuperOffice does not tell. Raises SystemUnavailable.
    """
    try:
        owned = await open_requests(api)
    except ArchiveRefused:
        return []
    users = {removal.user for removal in removals} & owned.keys()
    if not users:
        return []
    names = sorted(
        f"{people[user].name if user in people else user} ({owned[user]:,})" for user in users
    )
    more = f" and {count(len(names) - _NAMED, 'more person', 'more people')}"
    return [
        f"SuperOffice takes no licence from people with open requests in Service: "
        f"{', '.join(names[:_NAMED])}{more if len(names) > _NAMED else ''}. Have the requests "
        "closed or given to somebody else, or take these people off the list."
    ]
