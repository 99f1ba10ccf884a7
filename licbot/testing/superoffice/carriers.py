"""Licences as the API shows them: what is in force, what is new, and the figures of both."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from licbot.testing.superoffice.licenses import SimLicense, SimLicenseType, SimModule, key_of
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.writing import Raw, moment, write

Json = Any
_ISSUER = b"the stand-in's licence server"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A licence before and after, with its figures. module: the new one, or the one dropped."""

    module: SimModule
    current: SimModule | None
    new: SimModule | None
    in_use: int

    @property
    def total(self) -> int:
        """How many there are."""
        return self.current.number if self.current else 0

    @property
    def new_total(self) -> int:
        """How many there will be."""
        return self.new.number if self.new else 0

    @property
    def blocks(self) -> bool:
        """Whether more are in use than there will be, of a licence where that matters.

        Hidden licences that are dropped do not matter: nobody could take them of anybody.
        """
        if self.module.license_type is not SimLicenseType.USER or self.module.unrestricted:
            return False
        dropped = self.new is None and self.module.hidden
        return not dropped and self.in_use > self.new_total


def rows_of(tenant: Tenant, current: SimLicense | None, new: SimLicense | None) -> list[Row]:
    """The licences of both sets: those of the new one in its order, then the dropped ones."""
    before, after = current or SimLicense(), new or SimLicense()
    owner = after.owner if new else before.owner
    both = [
        *((each, before.find(each.name), each) for each in after.modules),
        *((each, each, None) for each in before.modules if after.find(each.name) is None),
    ]
    return [
        Row(module=each, current=old, new=coming, in_use=_in_use(tenant, owner, each))
        for each, old, coming in both
    ]


def refusal(tenant: Tenant, new: SimLicense, rows: list[Row], language: str) -> str:
    """Why a licence cannot be activated; empty where it can."""
    known = tenant.offered.get(new.key) == new
    if (new.company, new.serial) != (tenant.company, tenant.serial) and not known:
        return f"The licence is issued to {new.company}, serial number {new.serial}."
    return " ".join(
        f"Licence '{row.module.named(language)}': "
        f"{row.in_use} in use, {row.new_total} in the new licence."
        for row in rows
        if row.blocks
    )


def show_installed(tenant: Tenant, license_set: SimLicense, language: str) -> str:
    """What is in force, with usage, as JSON. It is remembered as handed out."""
    rows = rows_of(tenant, license_set, None)
    text = write(_extended(tenant, license_set, None, rows, "", language))
    tenant.handed_out.remember(text, None)
    return text


def show_offer(tenant: Tenant, new: SimLicense, language: str) -> str:
    """A new licence beside the one in force, as JSON. It is remembered as handed out."""
    current = tenant.installed.get(new.key)
    rows = rows_of(tenant, current, new)
    why = refusal(tenant, new, rows, language)
    text = write(_extended(tenant, current, new, rows, why, language))
    tenant.handed_out.remember(text, new)
    return text


def module_license(tenant: Tenant, owner: str, module: SimModule, language: str) -> Json:
    """One row of a licence."""
    return {
        "ModuleName": module.name,
        "OwnerName": owner,
        "ModuleDescription": module.named(language),
        "ModuleTooltip": module.tooltip,
        "ModuleVersion": module.version,
        "LicenseType": module.license_type.value,
        "Unrestricted": module.unrestricted,
        "AllowedUserType": module.allowed,
        "NumberOfLicenses": module.number,
        "ExtraFlags": module.extra_flags,
        "ExtraInfo": module.extra_info,
        "SortOrder": module.sort_order,
        "IsHidden": module.hidden,
        "PrerequisiteModuleName": module.prerequisite,
        "PriceFactor": Raw("10.0"),
        "Signature": _sign(tenant.serial, owner, repr(module)),
    }


def _in_use(tenant: Tenant, owner: str, module: SimModule) -> int:
    if module.license_type is SimLicenseType.USER:
        return tenant.assignments.in_use(key_of(owner, module.name))
    # One for the whole site is in use as soon as it is there.
    current = tenant.module(module.name, owner)
    return min(current.number, 1) if current else 0


def _extended(
    tenant: Tenant,
    current: SimLicense | None,
    new: SimLicense | None,
    rows: list[Row],
    why: str,
    language: str,
) -> Json:
    next_check = (new or current or SimLicense()).next_check
    return {
        "AccumulatedNextCheckDate": moment(next_check),
        "New": _license(tenant, new, language),
        "Current": _license(tenant, current, language),
        "CanBeActivated": new is not None and not why,
        "Reason": why,
        "ExtendedModuleLicenses": [_row(tenant, current, new, row, language) for row in rows],
        "Weight": Raw("1E1"),
        "Läuft/über": {"b": Raw("2.50"), "a": Raw("-0"), "Straße": "Königsallee 1/2"},
    }


def _row(
    tenant: Tenant, current: SimLicense | None, new: SimLicense | None, row: Row, language: str
) -> Json:
    owner = (new or current or SimLicense()).owner
    new_total = row.new_total if new else row.total
    shown_new = module_license(tenant, owner, row.new, language) if row.new else None
    shown = module_license(tenant, owner, row.current, language) if row.current else None
    return {
        "Current": shown,
        "New": shown_new,
        "NumberOfLicensesTotal": row.total,
        "NumberOfLicensesInUse": row.in_use,
        "NumberOfLicensesFree": row.total - row.in_use,
        "NumberOfLicensesAdded": new_total - row.total,
        "NumberOfLicensesNewTotal": new_total,
        "NumberOfLicensesNewFree": new_total - row.in_use,
    }


def _license(tenant: Tenant, license_set: SimLicense | None, language: str) -> Json:
    if license_set is None:
        return None
    owner = license_set.owner
    return {
        "Signature": _sign(tenant.serial, owner, repr(license_set)),
        "OwnerName": owner,
        "OwnerDescription": license_set.owner_description,
        "CompanyName": license_set.company,
        "SerialNr": license_set.serial,
        "NextCheckDate": moment(license_set.next_check),
        "AdminWarningDate": moment(license_set.admin_warning),
        "ExpiryDate": moment(license_set.expiry),
        "GraceDate": moment(license_set.grace),
        "MaintenanceDate": moment(license_set.maintenance),
        "ExtraFlags": license_set.extra_flags,
        "ExtraInfo": license_set.extra_info,
        "LicenseUrl": license_set.license_url,
        "LicenseVersion": license_set.version,
        "DeploymentType": license_set.deployment_type,
        "ProductType": license_set.product_type,
        "ProductDescription": license_set.product_description,
        "PublicKey": _public_key(owner),
        "ModuleLicenses": [
            module_license(tenant, owner, each, language) for each in license_set.modules
        ],
    }


def _public_key(owner: str) -> Json:
    part = {name: _sign(owner, name) for name in ("P", "Q", "G", "Y", "J", "Seed")}
    return {
        "OwnerName": owner,
        "SignDate": moment(datetime(2020, 1, 1, tzinfo=UTC)),
        "ExpiryDate": moment(None),
        "Key": {**part, "Counter": 105},
        "Strength": Raw("1E+1"),
        "Signature": _sign(owner, "key"),
    }


def _sign(*parts: str) -> str:
    digest = hmac.digest(_ISSUER, "\n".join(parts).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
