"""The REST endpoints: users, licences and lists."""

from typing import Any

from starlette.responses import Response

from licbot.testing.superoffice import agents
from licbot.testing.superoffice.agents import add_agent
from licbot.testing.superoffice.archives import answer
from licbot.testing.superoffice.calls import Call, Refused, Routes, message, reply, select, written
from licbot.testing.superoffice.entities import associate, principal, user_entity, wishes
from licbot.testing.superoffice.licenses import SUPEROFFICE
from licbot.testing.superoffice.links import RIGHTS, license_owners
from licbot.testing.superoffice.saving import SaveRefused, check, save
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser
from licbot.testing.superoffice.writing import write

Json = Any


def add_rest(routes: Routes) -> None:
    """Answer the REST endpoints and the User agent."""
    for method, path, handler in (
        ("GET", "/User", list_users),
        ("GET", "/User/currentPrincipal", current_principal),
        ("GET", "/User/currentAssociate", current_associate),
        ("POST", "/User/Validate", validate_user),
        ("GET", "/User/{user_id:int}", get_one),
        ("PUT", "/User/{user_id:int}", put_one),
        ("DELETE", "/User/{user_id:int}", delete_one),
        ("GET", "/User/{name}", get_named),
        ("GET", "/MDOList/userplan", list_plans),
        ("GET", "/License", list_licenses),
        ("POST", "/License", add_license),
        ("POST", "/License/ChangeSerialNumber", change_serial_number),
        ("GET", "/License/User/{user_id:int}", licenses_of_user),
        ("GET", "/License/{owner}/ShopUrl", shop_url),
        ("GET", "/License/{owner}/{user_id:int}", third_party),
        ("PUT", "/License/{owner}/{user_id:int}", assign_third_party),
        ("DELETE", "/License/{owner}/{user_id:int}", unassign_third_party),
        ("GET", "/License/{owner}/{name}", one_license),
        ("GET", "/License/{owner}", license_of_owner),
    ):
        routes.add(method, path, handler)
    for method_of_agent in (
        get_user,
        save_user,
        find_roles_with_functional_right,
        remove_licenses,
        make_retired,
    ):
        add_agent(routes, "User", method_of_agent)


# Users


def list_users(tenant: Tenant, call: Call) -> Response:
    """All users, as an archive."""
    return answer(tenant, call, "AllUsers", call.query)


def current_principal(tenant: Tenant, call: Call) -> Response:
    """Who asks, with rights."""
    return reply(principal(tenant, call.asker))


def current_associate(tenant: Tenant, call: Call) -> Response:
    """Who asks, in short."""
    return reply(associate(call.asker))


def validate_user(tenant: Tenant, call: Call) -> Response:
    """What is wrong about a user that shall be saved, by property."""
    body = call.fields()
    user = _user(tenant, body.get("AssociateId"))
    try:
        check(tenant, user, wishes(tenant, user, body))
    except SaveRefused as why:
        return reply({"LicenseOwners": str(why)})
    return reply({})


def get_one(tenant: Tenant, call: Call, user_id: int) -> Response:
    """A user."""
    return _entity(tenant, call, _user(tenant, user_id))


def get_named(tenant: Tenant, call: Call, name: str) -> Response:
    """A user by login."""
    user = tenant.user(name)
    return _entity(tenant, call, _user(tenant, user.id if user else 0))


def put_one(tenant: Tenant, call: Call, user_id: int) -> Response:
    """Save a user; only licences can be changed."""
    user = _user(tenant, user_id)
    try:
        _save(tenant, call, user)
    except SaveRefused as why:
        raise Refused(400, str(why)) from None
    return _entity(tenant, call, user)


def delete_one(tenant: Tenant, call: Call, user_id: int) -> Response:
    """Delete a user."""
    agents.require_administrator(tenant, call)
    tenant.delete(_user(tenant, user_id))
    return Response(status_code=204)


def get_user(tenant: Tenant, call: Call) -> Response:
    """A user; null where there is none."""
    wanted = call.query.get("userId", "")
    user = tenant.users.get(int(wanted)) if wanted.isdecimal() else None
    return _entity(tenant, call, user) if user else reply(None)


def save_user(tenant: Tenant, call: Call) -> Response:
    """Save a user; only licences can be changed."""
    user = tenant.users.get(call.number("AssociateId"))
    if user is None:
        return reply(None)
    try:
        _save(tenant, call, user)
    except SaveRefused as why:
        return message(str(why))
    return _entity(tenant, call, user)


def find_roles_with_functional_right(tenant: Tenant, call: Call) -> Response:
    """The roles with a function right."""
    wanted = call.text("FunctionalRightName")
    return reply(
        [
            _item(tenant.role_id(role), role)
            for role, rights in tenant.roles.items()
            if wanted in rights
        ]
    )


def remove_licenses(tenant: Tenant, call: Call) -> Response:
    """Take all licences of a user."""
    user = _user(tenant, call.number("AssociateId"))
    agents.take_everything(tenant, call, user)
    return Response(status_code=204)


def make_retired(tenant: Tenant, call: Call) -> Response:
    """Make a former employee of a user, or take that back."""
    user = _user(tenant, call.number("AssociateId"))
    if call.fields().get("Retired"):
        agents.take_everything(tenant, call, user)
        tenant.retire(user)
    else:
        tenant.change_user(user, retired=False)
    return Response(status_code=204)


# Lists and licences


def list_plans(tenant: Tenant, call: Call) -> Response:
    """The user plans."""
    license_set = tenant.installed.get(SUPEROFFICE.casefold())
    language = call.language(tenant.language)
    plans = [each for each in license_set.modules if each.is_plan] if license_set else []
    items = [
        _item(tenant.module_id(SUPEROFFICE, each.name), each.named(language), each.name)
        for each in plans
    ]
    return reply(items)


def list_licenses(tenant: Tenant, call: Call) -> Response:
    """What is in force of each owner."""
    return agents.get_license_for_all_owners_from_db(tenant, call)


def license_of_owner(tenant: Tenant, call: Call, owner: str) -> Response:
    """What is in force of one owner."""
    license_set = tenant.installed.get(owner.casefold())
    if license_set is None:
        raise Refused(404, f"There is no licence of {owner}.", "SoNotFoundException")
    return agents.license_from_db(tenant, call, license_set)


def add_license(tenant: Tenant, call: Call) -> Response:
    """Load the licence in a file, and put it in force if it is valid."""
    plain = call.headers.get("content-type", "").startswith("text/plain")
    content = call.body.decode() if plain else call.json()
    return agents.load(tenant, call, content if isinstance(content, str) else "")


def change_serial_number(tenant: Tenant, call: Call) -> Response:
    """Ask the licence server for the licence of another company name and serial number."""
    agents.require_administrator(tenant, call)
    names = ("newCompanyName", "newSerialNumber")
    missing = [name for name in names if name not in call.query]
    if missing:
        raise Refused(400, f"{missing[0]} is missing.", "ArgumentNullException")
    return agents.change_serial(tenant, call, *(call.query[name] for name in names))


def licenses_of_user(tenant: Tenant, call: Call, user_id: int) -> Response:
    """The licences of a user, by owner."""
    user = _user(tenant, user_id)
    return reply(license_owners(tenant, user, call.language(tenant.language)))


def shop_url(tenant: Tenant, call: Call, owner: str) -> Response:
    """Where licences are bought."""
    return reply(f"{tenant.shop_url}?owner={owner}")


def one_license(tenant: Tenant, call: Call, owner: str, name: str) -> Response:
    """One licence in force."""
    return agents.one_module(tenant, call, owner, name)


def third_party(tenant: Tenant, call: Call, owner: str, user_id: int) -> Response:
    """The licences of an owner other than SuperOffice, for a user."""
    return agents.third_party(tenant, call, owner, _user(tenant, user_id))


def assign_third_party(tenant: Tenant, call: Call, owner: str, user_id: int) -> Response:
    """Give a user licences of an owner other than SuperOffice."""
    user = _user(tenant, user_id)
    return agents.change_third_party(tenant, call, owner, user, call.json(), True)


def unassign_third_party(tenant: Tenant, call: Call, owner: str, user_id: int) -> Response:
    """Take licences of an owner other than SuperOffice from a user."""
    user = _user(tenant, user_id)
    return agents.change_third_party(tenant, call, owner, user, call.json(), False)


def _user(tenant: Tenant, user_id: Json) -> SimUser:
    user = tenant.users.get(user_id) if isinstance(user_id, int) else None
    if user is None:
        raise Refused(404, f"There is no user {user_id}.", "SoNotFoundException")
    return user


def _save(tenant: Tenant, call: Call, user: SimUser) -> None:
    wanted = wishes(tenant, user, call.fields())
    if not tenant.administers(call.asker):
        raise Refused(403, agents.NO_RIGHT, "SoSecurityException")
    save(tenant, user, wanted, call.asker.login)


def _entity(tenant: Tenant, call: Call, user: SimUser) -> Response:
    shown = user_entity(tenant, user, call.language(tenant.language))
    return written(write(select(shown, call.query.get("$select", ""))))


def _item(number: int, name: str, extra: str = "") -> Json:
    return {
        "Id": number,
        "Name": name,
        "ToolTip": "",
        "Deleted": False,
        "Rank": number,
        "Type": "",
        "ChildItems": [],
        "IconHint": "",
        "ColorBlock": 0,
        "ExtraInfo": extra,
        "StyleHint": "",
        "FullName": name,
        **RIGHTS,
    }
