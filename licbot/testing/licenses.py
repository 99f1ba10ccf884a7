"""Licences for tests, of which only the telling parts need to be said."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from licbot.domain.licenses import (
    Customer,
    LicenseDates,
    LicenseSet,
    LicenseType,
    ModuleLicense,
    Moment,
    Offer,
    Owner,
)
from licbot.testing.clock import START

OWNER = Owner(name="ACME", description="Acme Licensing")
CUSTOMER = Customer(company="Fjordlicht GmbH", serial="1234567890")


def module_license(
    name: str,
    number: int = 10,
    *,
    unrestricted: bool = False,
    hidden: bool = False,
    prerequisite: str | None = None,
    comes_with: Iterable[str] = (),
    kind: LicenseType = LicenseType.USER,
) -> ModuleLicense:
    """A module licence. ``comes_with``: the hidden licences of a user plan."""
    members = ",".join(comes_with)
    return ModuleLicense(
        name=name,
        description=name.replace("-", " ").title(),
        type=kind,
        number=number,
        unrestricted=unrestricted,
        hidden=hidden,
        prerequisite=prerequisite,
        extra_flags=1 if members else 0,
        extra_info=f"set={members}" if members else "",
    )


def license_set(
    *modules: ModuleLicense,
    owner: Owner = OWNER,
    customer: Customer = CUSTOMER,
    dates: LicenseDates | None = None,
) -> LicenseSet:
    """A licence set of one issuer for one customer."""
    return LicenseSet(
        owner=owner, customer=customer, dates=dates or LicenseDates(), modules=modules
    )


def offer(
    offered: LicenseSet,
    sequence: int = 1,
    *,
    issued: datetime = START,
    not_before: Moment | None = None,
    source: str = "the issuer",
) -> Offer:
    """An offer. Its bytes say what it grants, so that another offer has other bytes."""
    raw = repr((sequence, issued, not_before, offered)).encode()
    return Offer(
        raw=raw,
        digest=hashlib.sha256(raw).hexdigest(),
        license=offered,
        sequence=sequence,
        issued=issued,
        not_before=not_before,
        source=source,
    )
