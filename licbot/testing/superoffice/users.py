"""The people and machines of a tenant."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ADMINISTRATOR = "Administrator"
"""The role with every right."""
PLAIN = "User level 0"
"""A role without rights in the administration."""


class UserKind(StrEnum):
    """What a user is, in the words of the API."""

    ASSOCIATE = "InternalAssociate"
    SYSTEM = "SystemAssociate"
    ANONYMOUS = "AnonymousAssociate"


@dataclass(frozen=True, kw_only=True, slots=True)
class SimUser:
    """A user of a tenant.

    login: what they sign in with: an address Online, mostly initials onsite.
    initials: the associate's short name; made of the login where it is empty.
    role: a name of ``Tenant.roles``.
    password: what they sign in with onsite.
    person_id, service_id: made of the id where they are 0.
    retired: a former employee. deleted: gone for good, though the row is still there.
    """

    id: int
    login: str
    full_name: str
    email: str = ""
    initials: str = ""
    role: str = PLAIN
    group: str = "Sales"
    kind: UserKind = UserKind.ASSOCIATE
    can_login: bool = True
    retired: bool = False
    deleted: bool = False
    last_login: datetime | None = None
    person_id: int = 0
    service_id: int = 0
    password: str = field(default="open sesame", repr=False)

    @property
    def name(self) -> str:
        """The associate's short name."""
        return self.initials or self.login.partition("@")[0].upper()

    @property
    def first_name(self) -> str:
        """All names but the last."""
        return self.full_name.rpartition(" ")[0]

    @property
    def last_name(self) -> str:
        """The last of the names."""
        return self.full_name.rpartition(" ")[2]

    @property
    def is_active(self) -> bool:
        """Whether they are neither retired nor deleted."""
        return not (self.retired or self.deleted)

    @property
    def may_sign_in(self) -> bool:
        """Whether they can get in at all."""
        return self.can_login and self.is_active

    @property
    def person(self) -> int:
        """The id of their person."""
        return self.person_id or 10_000 + self.id

    @property
    def service(self) -> int:
        """Their id in Service."""
        return self.service_id or 20_000 + self.id
