"""Secrets in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from licbot.ports.vault import VaultLocked


@dataclass(kw_only=True)
class MemoryVault:
    """Keeps the secrets of one owner; see ``licbot.ports.vault.Vault``.

    secrets: what is kept, by name. locked: names of secrets whose key is gone: they cannot be read
    until they are written anew.
    """

    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    locked: set[str] = field(default_factory=set)

    async def read(self, name: str) -> str | None:
        """The secret of this name; ``None`` where there is none. Raises VaultLocked."""
        if name in self.locked and name in self.secrets:
            raise VaultLocked
        return self.secrets.get(name)

    async def write(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one that had its name."""
        self.locked.discard(name)
        self.secrets[name] = secret

    async def replace(self, name: str, old: str, new: str) -> bool:
        """Keep a secret in place of ``old``, and only of that. Raises VaultLocked."""
        if await self.read(name) != old:
            return False
        await self.write(name, new)
        return True

    async def forget(self, name: str) -> None:
        """Delete a secret; nothing where there is none."""
        self.secrets.pop(name, None)

    async def names(self) -> Sequence[str]:
        """The names of all secrets, sorted."""
        return sorted(self.secrets)
