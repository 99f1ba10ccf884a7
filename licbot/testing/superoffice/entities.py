"""Users as the User endpoints show them and take them back."""

from collections.abc import Mapping
from typing import Any

from licbot.testing.superoffice.calls import Refused
from licbot.testing.superoffice.licenses import key_of
from licbot.testing.superoffice.links import LISTS, RIGHTS, license_owners
from licbot.testing.superoffice.saving import Wish
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser, UserKind
from licbot.testing.superoffice.writing import NEVER, Raw, moment

Json = Any


def user_entity(tenant: Tenant, user: SimUser, language: str) -> dict[str, Json]:
    """A user with licences, as GET gives it and PUT wants it."""
    return {
        "AssociateId": user.id,
        "Name": user.name,
        "UserName": user.login,
        "Rank": 0,
        "Tooltip": user.full_name,
        "LicenseOwners": license_owners(tenant, user, language),
        "Role": {"Id": tenant.role_id(user.role), "Value": user.role, "Tooltip": "", **RIGHTS},
        "UserGroup": _group(user.group),
        "OtherGroups": [],
        "Person": _person(tenant, user),
        "Deleted": not user.is_active,
        "IsPersonRetired": user.retired,
        "IsOnTravel": False,
        "Lastlogin": moment(user.last_login),
        "Lastlogout": NEVER,
        "EjUserId": user.service,
        "RequestSignature": f"Mit freundlichen Grüßen / {user.full_name}",
        "Type": user.kind.value,
        "Credentials": [],
        "TicketCategories": [],
        "NickName": user.first_name,
        "WaitingForApproval": False,
        "ExtraFields": {},
        "CustomFields": {"SuperOffice:1": "é"},
        "PostSaveCommands": [],
        **_unlisted(user),
        **RIGHTS,
    }


def wishes(tenant: Tenant, user: SimUser, body: Mapping[str, Json]) -> list[Wish]:
    """Which licences a body says that the user shall have. Raises Refused for a bad body."""
    if body.get("AssociateId") != user.id:
        raise Refused(400, "The user in the body is another one.", "ArgumentException")
    for name, value in _unlisted(user).items():
        if name not in body or body[name] != _plain(value):
            raise Refused(400, f"The property {name} is not as it was.", "ArgumentException")
    owners = body.get("LicenseOwners") or []
    return [wish for owner in owners if (wish := _wish(tenant, user, owner)).wanted]


def principal(tenant: Tenant, user: SimUser) -> Json:
    """Who asks, with rights."""
    return {
        "UserType": user.kind.value,
        "Associate": user.name,
        "AssociateId": user.id,
        "IsPerson": user.kind is UserKind.ASSOCIATE,
        "PersonId": user.person,
        "CountryId": 49,
        "HomeCountryId": 49,
        "ContactId": 1,
        "GroupId": 1,
        "RoleId": tenant.role_id(user.role),
        "RoleName": user.role,
        "RoleDescription": "",
        "RoleType": _ROLE_TYPES[user.kind],
        "Licenses": [
            _granted(tenant, license_set.owner, module.name)
            for license_set in tenant.installed.values()
            for module in license_set.modules
            if module.name in tenant.held_by(user, license_set.owner)
        ],
        "FullName": user.full_name,
        "EMailAddress": user.email,
        "FunctionRights": list(tenant.rights(user)),
        "EjUserId": user.service,
        "ProvidedCredentials": [],
        "SecondaryGroups": [],
        "DatabaseContextIdentifier": tenant.customer,
        "UserName": user.login,
    }


def associate(user: SimUser) -> Json:
    """Who asks, in short."""
    return {
        "AssociateId": user.id,
        "Name": user.name,
        "PersonId": user.person,
        "Type": user.kind.value,
        "GroupIdx": 1,
        "FullName": user.full_name,
        "FormalName": user.full_name,
        "Deleted": not user.is_active,
        "EjUserId": user.service,
        "UserName": user.login,
        **RIGHTS,
    }


_ROLE_TYPES = {
    UserKind.ASSOCIATE: "Employee",
    UserKind.SYSTEM: "System",
    UserKind.ANONYMOUS: "Anonymous",
}


def _unlisted(user: SimUser) -> dict[str, Json]:
    """What no documentation mentions."""
    return {
        "ChangeStamp": f"{user.id}/ä",
        "Workload": Raw("10.0"),
        "Traits": {"Zoll": [Raw("1E1"), None, True], "Amt": {}},
    }


def _plain(value: Json) -> Json:
    if isinstance(value, Raw):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _wish(tenant: Tenant, user: SimUser, owner: Json) -> Wish:
    name = str(owner.get("Name"))
    stated = {
        link["Name"]: link["Assigned"]
        for part in LISTS
        for link in owner.get(part) or []
        if isinstance(link.get("Assigned"), bool)
    }
    changed = {
        module: assigned
        for module, assigned in stated.items()
        if tenant.assignments.has(user.id, key_of(name, module)) is not assigned
    }
    return Wish(owner=name, wanted=changed)


def _granted(tenant: Tenant, owner: str, name: str) -> Json:
    module = tenant.module(name, owner)
    return {
        "OwnerName": owner,
        "ModuleId": tenant.module_id(owner, name),
        "Name": name,
        "Description": module.description if module else name,
        "LicenseType": "UserLicense",
        **RIGHTS,
    }


def _group(name: str) -> Json:
    return {"Id": 1, "Value": name, "Tooltip": "", "Rank": 1, "Deleted": False, **RIGHTS}


def _person(tenant: Tenant, user: SimUser) -> Json:
    return {
        "PersonId": user.person,
        "Firstname": user.first_name,
        "Lastname": user.last_name,
        "FullName": user.full_name,
        "FormalName": user.full_name,
        "Email": user.email,
        "ContactId": 1,
        "ContactName": tenant.company,
        "Retired": int(user.retired),
        **RIGHTS,
    }
