"""The licences of one user, as the API shows them and takes them back."""

from collections.abc import Iterable, Mapping
from typing import Any

from licbot.testing.superoffice.licenses import SimLicense, SimLicenseType, SimModule, key_of
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

Json = Any
LISTS = ("RestrictedModuleLicenses", "UnrestrictedModuleLicenses")
RIGHTS: Mapping[str, Json] = {"TableRight": None, "FieldProperties": {}}


def license_owners(tenant: Tenant, user: SimUser | None, language: str) -> list[Json]:
    """All user licences by their owners, and whether the user has them."""
    return [
        {
            "Name": license_set.owner,
            "Description": license_set.owner_description,
            LISTS[0]: _links(tenant, user, license_set, language, unrestricted=False),
            LISTS[1]: _links(tenant, user, license_set, language, unrestricted=True),
            **RIGHTS,
        }
        for license_set in tenant.installed.values()
    ]


def owner_links(tenant: Tenant, user: SimUser, owner: str, language: str) -> list[Json]:
    """The user licences of one owner."""
    license_set = tenant.installed.get(owner.casefold())
    modules = for_users(license_set) if license_set else ()
    return [_link(tenant, user, owner, module, language) for module in modules]


def for_users(license_set: SimLicense) -> Iterable[SimModule]:
    """The licences that users have, hidden ones too."""
    return (each for each in license_set.modules if each.license_type is SimLicenseType.USER)


def _links(
    tenant: Tenant,
    user: SimUser | None,
    license_set: SimLicense,
    language: str,
    *,
    unrestricted: bool,
) -> list[Json]:
    return [
        _link(tenant, user, license_set.owner, each, language)
        for each in for_users(license_set)
        if each.unrestricted is unrestricted
    ]


def _link(
    tenant: Tenant, user: SimUser | None, owner: str, module: SimModule, language: str
) -> Json:
    key = key_of(owner, module.name)
    in_use = tenant.assignments.in_use(key)
    assigned = user is not None and tenant.assignments.has(user.id, key)
    return {
        "ModuleLicenseId": tenant.module_id(owner, module.name),
        "Name": module.name,
        "Description": module.named(language),
        "Tooltip": module.tooltip,
        "Assigned": assigned,
        "CanAssign": assigned or module.unrestricted or in_use < module.number,
        "Total": module.number,
        "InUse": in_use,
        "Free": module.number - in_use,
        "Unrestricted": module.unrestricted,
        "IsHidden": module.hidden,
        "PrerequisiteModuleName": module.prerequisite,
        "SortOrder": module.sort_order,
        "ExtraFlags": module.extra_flags,
        **RIGHTS,
    }
