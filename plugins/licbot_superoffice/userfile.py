"""One user as SuperOffice hands it out, to be saved with nothing changed but some licences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from licbot.domain.errors import SystemUnavailable
from licbot_superoffice.exact import NotJson, text_of, value_of, with_elements, with_member
from licbot_superoffice.licences import module_key
from licbot_superoffice.words import clean

_LISTS = ("RestrictedModuleLicenses", "UnrestrictedModuleLicenses")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a user has to do with a user licence.

    assigned: they hold it. hidden: people don't see it, and it is given with a plan.
    has_room: one more may be assigned.
    """

    assigned: bool
    hidden: bool
    has_room: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class UserFile:
    """A user with all there is to them.

    text: as it came. name: for people. gone: deleted or a former employee, who holds nothing
    that counts. links: by module key.
    """

    text: str = field(repr=False)
    name: str
    gone: bool
    links: Mapping[str, Link]

    @property
    def held(self) -> frozenset[str]:
        """The keys of what they hold."""
        if self.gone:
            return frozenset()
        return frozenset(key for key, link in self.links.items() if link.assigned)

    def assigning(self, wanted: Mapping[str, bool]) -> bytes:
        """The user as it came, but with these licences assigned, or no longer, by module key."""

        def owner(text: str) -> str:
            name = _Owner.model_validate(value_of(text)).name

            def link(text: str) -> str:
                key = module_key(name, _Link.model_validate(value_of(text)).name)
                if key not in wanted:
                    return text
                word = "true" if wanted[key] else "false"
                return with_member(text, "Assigned", lambda _: word)

            for each in _LISTS:
                text = with_member(text, each, lambda links: with_elements(links, link))
            return text

        changed = with_member(self.text, "LicenseOwners", lambda all_: with_elements(all_, owner))
        return changed.encode("utf-8")


def read_user(raw: bytes) -> UserFile:
    """Read a user. Raises SystemUnavailable where it makes no sense."""
    try:
        text = text_of(raw)
        read = _User.model_validate(value_of(text))
    except (NotJson, ValidationError):
        raise SystemUnavailable(
            "SuperOffice described a user in a way that licbot does not understand. licbot tries "
            "again by itself; if it stays so, tell the people who run licbot."
        ) from None
    return UserFile(
        text=text,
        name=(read.person.full_name if read.person else "") or read.name,
        gone=read.deleted or read.retired,
        links={
            module_key(owner.name, link.name): _link(link)
            for owner in read.owners
            for link in (*owner.restricted, *owner.unrestricted)
        },
    )


def _link(link: "_Link") -> Link:
    return Link(
        assigned=link.assigned,
        hidden=link.hidden,
        # CanAssign is no help: it is no while what the licence needs is not given back yet.
        has_room=link.unlimited or link.free > 0,
    )


def _or(empty: object) -> BeforeValidator:
    return BeforeValidator(lambda value: empty if value is None else value)


def _clean(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


_Truth = Annotated[bool, _or(False)]
_Name = Annotated[str, BeforeValidator(_clean)]
_Text = Annotated[str, _or(""), BeforeValidator(_clean)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Link(_Part):
    name: _Name = Field(alias="Name")
    assigned: _Truth = Field(False, alias="Assigned")
    hidden: _Truth = Field(False, alias="IsHidden")
    unlimited: _Truth = Field(False, alias="Unrestricted")
    free: Annotated[int, _or(0)] = Field(0, alias="Free")


class _Owner(_Part):
    name: _Name = Field(alias="Name")
    restricted: Annotated[list[_Link], _or([])] = Field([], alias="RestrictedModuleLicenses")
    unrestricted: Annotated[list[_Link], _or([])] = Field([], alias="UnrestrictedModuleLicenses")


class _Person(_Part):
    full_name: _Text = Field("", alias="FullName")


class _User(_Part):
    name: _Text = Field("", alias="Name")
    deleted: _Truth = Field(False, alias="Deleted")
    retired: _Truth = Field(False, alias="IsPersonRetired")
    person: _Person | None = Field(None, alias="Person")
    owners: list[_Owner] = Field(alias="LicenseOwners")
