"""What module licences are called in the language of who reads."""

from collections.abc import Mapping

from licbot.domain.errors import SystemUnavailable
from licbot.ports.ports import Ports


async def names_in(ports: Ports, system: str, language: str) -> Mapping[str, str]:
    """Names by module key, of those the system has one for; a name is never worth an error."""
    try:
        return await ports.systems[system].names(language)
    except SystemUnavailable:
        return {}
