"""Who holds which licence, counted as it changes."""

from collections.abc import Iterable

NOBODY: frozenset[int] = frozenset()


class Assignments:
    """Licences by the users who hold them, and the other way round.

    Users who left keep their rows, and are not counted.
    """

    def __init__(self) -> None:
        self._held: dict[int, set[str]] = {}
        self._holders: dict[str, set[int]] = {}
        self._left: set[int] = set()

    def of(self, user: int) -> frozenset[str]:
        """The keys of the licences that a user holds."""
        return frozenset(self._held.get(user, ()))

    def has(self, user: int, key: str) -> bool:
        """Whether a user holds a licence."""
        return key in self._held.get(user, ())

    def give(self, user: int, keys: Iterable[str]) -> None:
        """Let a user hold licences."""
        mine = self._held.setdefault(user, set())
        for key in keys:
            mine.add(key)
            if user not in self._left:
                self._holders.setdefault(key, set()).add(user)

    def take(self, user: int, keys: Iterable[str]) -> None:
        """Let a user no longer hold licences."""
        mine = self._held.get(user, set())
        for key in list(keys):
            mine.discard(key)
            self._holders.get(key, set()).discard(user)

    def leave(self, user: int) -> None:
        """Count what a user holds no longer."""
        self._left.add(user)
        for key in self._held.get(user, ()):
            self._holders[key].discard(user)

    def drop(self, keys: Iterable[str]) -> None:
        """Forget licences altogether."""
        for key in keys:
            self._holders.pop(key, None)
            for mine in self._held.values():
                mine.discard(key)

    def in_use(self, key: str) -> int:
        """How many users hold a licence."""
        return len(self._holders.get(key, NOBODY))

    def holders(self, key: str) -> set[int] | frozenset[int]:
        """Those who hold a licence; not to be changed."""
        return self._holders.get(key, NOBODY)
