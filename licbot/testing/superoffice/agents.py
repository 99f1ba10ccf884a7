"""The License agent: methods that answer null or a message where they fail."""

from typing import Any

from starlette.responses import Response

from licbot.testing.superoffice import carriers
from licbot.testing.superoffice.calls import (
    Call,
    Refused,
    Routes,
    message,
    reply,
    written,
)
from licbot.testing.superoffice.exact import member, tokens
from licbot.testing.superoffice.files import read_file
from licbot.testing.superoffice.ledger import Activation
from licbot.testing.superoffice.licenses import SUPEROFFICE, SimLicense
from licbot.testing.superoffice.links import RIGHTS, license_owners, owner_links
from licbot.testing.superoffice.saving import SaveRefused, Wish, save
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser
from licbot.testing.superoffice.writing import moment, write

Json = Any
NO_RIGHT = "You need the function right General Administrator for this."
BAD_SIGNATURE = "The signature of the licence is not valid: it was changed."


def add_agents(routes: Routes) -> None:
    """Answer the methods of the License agent."""
    for method in (
        get_license_for_all_owners_from_db,
        get_license_from_db,
        get_license_status_from_license_server,
        get_license_from_license_server,
        validate_license_info,
        activate_license_info,
        get_license_from_file,
        add_license_from_file,
        change_serial_number,
        get_shop_url,
        get_user_licenses,
        get_user_and_installation_licence_status,
        get_module_license_from_db,
        get_third_party_license_assignments,
        assign_third_party_licenses,
        unassign_third_party_licenses,
        get_fencing_info,
    ):
        add_agent(routes, "License", method)


def add_agent(routes: Routes, agent: str, method: Any) -> None:
    """Answer a method of an agent; GET describes it, as the real one does."""
    name = "".join(part.capitalize() for part in method.__name__.split("_"))
    path = f"/Agents/{agent}/{name.replace('Db', 'DB')}"
    described = f"{agent}.{name}: use POST. {method.__doc__.partition('.')[0]}."
    routes.add("POST", path, method)
    routes.add("GET", path, lambda tenant, call: Response(described, media_type="text/plain"))


def get_license_for_all_owners_from_db(tenant: Tenant, call: Call) -> Response:
    """What is in force of each owner."""
    language = call.language(tenant.language)
    shown = [carriers.show_installed(tenant, each, language) for each in tenant.installed.values()]
    return written(f"[{','.join(shown)}]")


def get_license_from_db(tenant: Tenant, call: Call) -> Response:
    """What is in force of one owner; null where there is none."""
    license_set = tenant.installed.get(call.text("OwnerName").casefold())
    return license_from_db(tenant, call, license_set)


def license_from_db(tenant: Tenant, call: Call, license_set: SimLicense | None) -> Response:
    """A licence in force, or null."""
    if license_set is None:
        return reply(None)
    return written(carriers.show_installed(tenant, license_set, call.language(tenant.language)))


def get_license_status_from_license_server(tenant: Tenant, call: Call) -> Response:
    """Whether the licence server has something new."""
    require_administrator(tenant, call)
    owner = call.text("OwnerName").casefold()
    said = tenant.statuses.get(owner)
    status = said.status if said else _status(tenant, owner)
    return reply(
        {
            "LicenseStatus": status,
            "Message": said.message if said else "",
            "Url": said.url if said else "",
        }
    )


def get_license_from_license_server(tenant: Tenant, call: Call) -> Response:
    """The licence that the licence server has, beside the one in force."""
    require_administrator(tenant, call)
    owner = call.text("OwnerName").casefold()
    new = tenant.offered.get(owner) or tenant.installed.get(owner)
    if new is None:
        return reply(None)
    return written(carriers.show_offer(tenant, new, call.language(tenant.language)))


def validate_license_info(tenant: Tenant, call: Call) -> Response:
    """Whether a licence could be activated."""
    require_administrator(tenant, call)
    return _result(_judge(tenant, call, "LicenseInfo")[1])


def activate_license_info(tenant: Tenant, call: Call) -> Response:
    """Put a licence in force that was handed out before."""
    require_administrator(tenant, call)
    license_set, why = _judge(tenant, call, "NewLicense")
    if license_set is not None and not why:
        _activate(tenant, call, license_set)
    return _result(why)


def get_license_from_file(tenant: Tenant, call: Call) -> Response:
    """The licence in a file, beside the one in force; null where it is not valid."""
    require_administrator(tenant, call)
    license_set = read_file(call.text("FileContent"))
    if license_set is None:
        return reply(None)
    return written(carriers.show_offer(tenant, license_set, call.language(tenant.language)))


def add_license_from_file(tenant: Tenant, call: Call) -> Response:
    """Load the licence in a file, and put it in force if it is valid."""
    return load(tenant, call, call.text("FileContent"))


def load(tenant: Tenant, call: Call, text: str) -> Response:
    """Put the licence in a file in force, if it is valid; null where it is no licence."""
    require_administrator(tenant, call)
    license_set = read_file(text)
    if license_set is None:
        return reply(None)
    language = call.language(tenant.language)
    shown = carriers.show_offer(tenant, license_set, language)
    rows = carriers.rows_of(tenant, tenant.installed.get(license_set.key), license_set)
    if not carriers.refusal(tenant, license_set, rows, language):
        _activate(tenant, call, license_set)
    return written(shown)


def change_serial_number(tenant: Tenant, call: Call) -> Response:
    """Ask the licence server for the licence of another company name and serial number."""
    require_administrator(tenant, call)
    return change_serial(tenant, call, call.text("NewCompanyName"), call.text("NewSerialNumber"))


def change_serial(tenant: Tenant, call: Call, company: str, serial: str) -> Response:
    """Change whom the licence is issued to, where the licence server has exactly that."""
    if (company, serial) not in tenant.serials:
        return _result("The company name and the serial number do not match.")
    tenant.company, tenant.serial = company, serial
    license_set = tenant.serials[company, serial] or tenant.installed.get(SUPEROFFICE.casefold())
    if license_set is not None:
        _activate(tenant, call, tenant.reissued(license_set))
    return _result("")


def get_shop_url(tenant: Tenant, call: Call) -> Response:
    """Where licences are bought."""
    return reply(f"{tenant.shop_url}?owner={call.text('OwnerName')}")


def get_user_licenses(tenant: Tenant, call: Call) -> Response:
    """The licences of a user, by owner."""
    user = tenant.users.get(call.number("AssociateId"))
    return reply(license_owners(tenant, user, call.language(tenant.language)))


def get_user_and_installation_licence_status(tenant: Tenant, call: Call) -> Response:
    """The dates of the installation, and what a user has."""
    license_set = tenant.installed.get(SUPEROFFICE.casefold())
    if license_set is None:
        return reply(None)
    held = sorted(tenant.held_by(call.number("AssociateId")))
    status = {
        "AdminWarningDate": moment(license_set.admin_warning),
        "ExpiryDate": moment(license_set.expiry),
        "GraceDate": moment(license_set.grace),
        "CompanyName": tenant.company,
        "SerialNr": tenant.serial,
        "UserLicenses": held,
    }
    return reply(status)


def get_module_license_from_db(tenant: Tenant, call: Call) -> Response:
    """One licence in force; null where there is none."""
    return one_module(tenant, call, call.text("OwnerName"), call.text("ModuleName"))


def one_module(tenant: Tenant, call: Call, owner: str, name: str) -> Response:
    """One licence in force; null where there is none."""
    license_set = tenant.installed.get(owner.casefold())
    module = license_set.find(name) if license_set else None
    if license_set is None or module is None:
        return reply(None)
    language = call.language(tenant.language)
    return written(write(carriers.module_license(tenant, license_set.owner, module, language)))


def get_third_party_license_assignments(tenant: Tenant, call: Call) -> Response:
    """The licences of an owner that a user has."""
    user = tenant.users.get(call.number("AssociateId"))
    return third_party(tenant, call, call.text("ModuleOwner"), user)


def assign_third_party_licenses(tenant: Tenant, call: Call) -> Response:
    """Give a user licences of an owner other than SuperOffice."""
    return _change_third_party(tenant, call, True)


def unassign_third_party_licenses(tenant: Tenant, call: Call) -> Response:
    """Take licences of an owner other than SuperOffice from a user."""
    return _change_third_party(tenant, call, False)


def third_party(tenant: Tenant, call: Call, owner: str, user: SimUser | None) -> Response:
    """The licences of an owner other than SuperOffice, for a user."""
    if user is None or owner.casefold() == SUPEROFFICE.casefold():
        return message("Only licences of other owners can be asked for here.")
    return reply(owner_links(tenant, user, owner, call.language(tenant.language)))


def get_fencing_info(tenant: Tenant, call: Call) -> Response:
    """How far the plan of a CRM Suite is filled."""
    fencing = tenant.fencing
    full = 0 < fencing.maximum <= fencing.active
    return reply(
        {
            "ActiveCount": fencing.active,
            "Maximum": fencing.maximum,
            "IsNearingMaximum": not full and fencing.active >= 0.85 * fencing.maximum > 0,
            "HasReachedMaximum": full,
            "WarningMessage": fencing.message,
            "WarningTooltip": fencing.message,
            **RIGHTS,
        }
    )


def require_administrator(tenant: Tenant, call: Call) -> None:
    """Let nobody but an administrator go on. Raises Refused."""
    if not tenant.administers(call.asker):
        raise Refused(403, NO_RIGHT, "SoSecurityException")


def take_everything(tenant: Tenant, call: Call, user: SimUser) -> None:
    """Take all licences of a user. Raises Refused."""
    require_administrator(tenant, call)
    held = [
        Wish(
            owner=license_set.owner,
            wanted=dict.fromkeys(tenant.held_by(user, license_set.owner), False),
        )
        for license_set in tenant.installed.values()
    ]
    try:
        save(tenant, user, held, call.asker.login)
    except SaveRefused as why:
        raise Refused(400, str(why)) from None


def _status(tenant: Tenant, owner: str) -> str:
    current, new = tenant.installed.get(owner), tenant.offered.get(owner)
    if new is None:
        return "Ok" if current else "ProblemWithLicense"
    if new.serial != tenant.serial:
        return "NewSerialAvailable"
    return "NewCompanyNameAvailable" if new.company != tenant.company else "NewLicenseAvailable"


def _judge(tenant: Tenant, call: Call, name: str) -> tuple[SimLicense | None, str]:
    """The licence in the body, and why it cannot be activated."""
    call.fields()
    shown = member(tokens(call.body), name)
    if not tenant.handed_out.knows(shown):
        return None, BAD_SIGNATURE
    license_set = tenant.handed_out.offered(shown)
    if license_set is None:
        return None, "There is no new licence in it."
    rows = carriers.rows_of(tenant, tenant.installed.get(license_set.key), license_set)
    return license_set, carriers.refusal(tenant, license_set, rows, call.language(tenant.language))


def _activate(tenant: Tenant, call: Call, license_set: SimLicense) -> None:
    tenant.activate(license_set)
    tenant.activations.append(
        Activation(
            owner=license_set.owner,
            license=license_set,
            by=call.asker.login,
            at=tenant.clock(),
        )
    )


def _result(why: str) -> Response:
    return reply({"Succeeded": not why, "Reason": why, **RIGHTS})


def _change_third_party(tenant: Tenant, call: Call, wanted: bool) -> Response:
    names = call.fields().get("ModuleLicenseNames") or []
    user = tenant.users.get(call.number("AssociateId"))
    return change_third_party(tenant, call, call.text("ModuleOwner"), user, names, wanted)


def change_third_party(
    tenant: Tenant, call: Call, owner: str, user: SimUser | None, names: Json, wanted: bool
) -> Response:
    """Give or take licences of an owner other than SuperOffice."""
    require_administrator(tenant, call)
    if user is None or owner.casefold() == SUPEROFFICE.casefold():
        return message("Only licences of other owners can be changed here.")
    wish = Wish(owner=owner, wanted=dict.fromkeys(names, wanted))
    try:
        save(tenant, user, [wish], call.asker.login)
    except SaveRefused as why:
        return message(str(why))
    return third_party(tenant, call, owner, user)
