"""Secrets that licbot keeps for others: encrypted where they lie, never logged."""

from collections.abc import Sequence
from typing import Protocol

from licbot.domain.errors import LicbotError


class VaultLocked(LicbotError):
    """A stored secret cannot be read: its key is not in the settings. Put the key back."""


class Vault(Protocol):
    """Keeps the secrets of one owner, such as a licensed system, by name."""

    async def read(self, name: str) -> str | None:
        """The secret of this name; ``None`` where there is none. Raises VaultLocked."""
        ...

    async def write(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one that had its name. Raises VaultLocked."""
        ...

    async def replace(self, name: str, old: str, new: str) -> bool:
        """Keep a secret in place of ``old``, and only of that; whether it was done.

        Of all who would replace the same one, here or in other processes, one does. Nothing is
        kept where the secret was deleted or is another by now. Raises VaultLocked.
        """
        ...

    async def forget(self, name: str) -> None:
        """Delete a secret; nothing where there is none."""
        ...

    async def names(self) -> Sequence[str]:
        """The names of all secrets, sorted."""
        ...
