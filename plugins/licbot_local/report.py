"""Licence files in words, for operators."""

from collections.abc import Iterator

from licbot.domain.licenses import LicenseDates, ModuleLicense, Moment
from licbot.ports.texts import count, day
from licbot_local.licensefile import LicenseFile
from licbot_local.wording import shown

_DATES = {
    "next_check": "Next check",
    "admin_warning": "Warning from",
    "expiry": "Expires",
    "grace": "Works until",
    "maintenance": "Upgrades until",
}


def summary(read: LicenseFile) -> str:
    """What a licence file says, in lines."""
    return "\n".join([*_head(read), *_dates(read.offer.license.dates), *_modules(read)])


def _head(read: LicenseFile) -> Iterator[str]:
    offer = read.offer
    owner, customer = offer.license.owner, offer.license.customer
    yield _line("Owner", f"{shown(owner.label)} ({shown(owner.name)})")
    yield _line("Company", shown(customer.company))
    yield _line("Serial number", shown(customer.serial))
    yield _line("Number", f"{offer.sequence}, signed with the key {shown(read.kid)}")
    yield _line("Issued", _moment(offer.issued))
    if offer.not_before is not None:
        yield _line("Not before", _moment(offer.not_before))
    yield _line("SHA-256", offer.digest)


def _dates(dates: LicenseDates) -> Iterator[str]:
    for name, label in _DATES.items():
        yield _line(label, _moment(getattr(dates, name)))


def _modules(read: LicenseFile) -> Iterator[str]:
    modules = read.offer.license.modules
    yield _line("Licences", count(len(modules), "module"))
    for module in sorted(modules, key=lambda module: (module.sort_order, module.key)):
        yield f"  {shown(module.label)} ({shown(module.name)}): {_grant(module)}"


def _grant(module: ModuleLicense) -> str:
    parts = [f"{module.type} licence", f"{module.number:,}"]
    parts += ["unrestricted"] if module.unrestricted else []
    parts += ["hidden"] if module.hidden else []
    parts += [f"needs {shown(module.prerequisite)}"] if module.prerequisite else []
    return ", ".join(parts)


def _moment(moment: Moment | None) -> str:
    time = getattr(moment, "time", None)
    return f"{day(moment)}, {time():%H:%M:%S} UTC" if time else day(moment)


def _line(label: str, text: str) -> str:
    return f"{label:<16}{text}"
