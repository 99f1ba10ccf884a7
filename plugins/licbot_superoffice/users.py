"""Reading and saving one user of a tenant."""

from licbot.domain.errors import SystemRefused
from licbot_superoffice.answers import failure
from licbot_superoffice.userfile import UserFile, read_user
from licbot_superoffice.wire import Api
from licbot_superoffice.words import said

_EXPECTED = ("LicenseOwners",)


class NotSaved(Exception):
    """SuperOffice did not save a user. words: what it said, empty where it said nothing."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Users:
    """The users of a tenant, one at a time, with the sign-in of an actor where there is one."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def read(self, user: str, actor: str) -> UserFile | None:
        """A user; ``None`` where there is none with this id.

        Raises SystemRefused where SuperOffice does not let users be read.
        """
        if not user.isdecimal():
            return None
        answer = await self._api.get(f"User/{user}", actor=actor)
        words = failure(answer, _EXPECTED)
        if words is None:
            return read_user(answer.content)
        if answer.status == 404:
            return None
        raise SystemRefused(f"SuperOffice does not let licbot read users. {said(words)}")

    async def save(self, user: str, content: bytes, actor: str) -> UserFile:
        """Save a user. Returns what they are like then.

        Raises NotSaved, SystemRefused, and SystemUnavailable, which leaves open whether it is
        saved.
        """
        answer = await self._api.put(f"User/{user}", content, actor=actor)
        if answer.status != 204:
            words = failure(answer, _EXPECTED)
            if words is None:
                return read_user(answer.content)
            if words:
                raise NotSaved(words)
        # It does not say what came of it: look.
        found = await self.read(user, actor)
        if found is None:
            raise NotSaved("the user is gone")
        return found
