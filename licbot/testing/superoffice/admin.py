"""The page where administrators manage users, in short."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from licbot.testing.superoffice.calls import Call, Refused
from licbot.testing.superoffice.licenses import SimLicense, SimModule
from licbot.testing.superoffice.links import for_users
from licbot.testing.superoffice.pages import hidden, page
from licbot.testing.superoffice.saving import SaveRefused, Wish, save, switch_login
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

ROWS = 50
BY = "admin page"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def admin_page(tenant: Tenant, call: Call) -> Response:
    """The list of users, or what a button of it does. Raises Refused."""
    if urlsplit(call.origin).hostname not in LOOPBACK:
        raise Refused(403, "This page is for this machine only.")
    if call.method == "POST":
        return _act(tenant, call)
    return _show(tenant, call)


def _act(tenant: Tenant, call: Call) -> Response:
    if call.headers.get("origin", call.origin) != call.origin:
        raise Refused(403, "This page takes nothing from elsewhere.")
    form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    user = tenant.users.get(int(form["user"])) if form.get("user", "").isdecimal() else None
    back = {name: form[name] for name in ("q", "page") if form.get(name)}
    if user is None:
        return _back(call, {**back, "bad": "There is no such user."})
    try:
        said = _do(tenant, user, form.get("action", ""), form.get("plan", ""))
    except SaveRefused as why:
        return _back(call, {**back, "bad": f"{user.full_name}: {why}"})
    return _back(call, {**back, "good": f"{user.full_name}: {said}"})


def _do(tenant: Tenant, user: SimUser, action: str, plan: str) -> str:
    if action == "remove":
        save(tenant, user, _nothing(tenant, user), BY)
        return "the user licences were removed."
    if action == "assign":
        save(tenant, user, [Wish(wanted=_only(tenant, plan))], BY)
        return "the user plan was assigned."
    if action in ("login-on", "login-off"):
        switch_login(tenant, user, action == "login-on", BY)
        return f"Can log in is {action.removeprefix('login-')} now."
    raise SaveRefused("There is no such button.")


def _nothing(tenant: Tenant, user: SimUser) -> list[Wish]:
    return [
        Wish(owner=each.owner, wanted=dict.fromkeys(tenant.held_by(user, each.owner), False))
        for each in tenant.installed.values()
    ]


def _only(tenant: Tenant, plan: str) -> dict[str, bool]:
    if plan not in {each.name for each in _plans(tenant)}:
        raise SaveRefused("There is no such user plan.")
    return {each.name: each.name == plan for each in _plans(tenant)}


def _plans(tenant: Tenant) -> list[SimModule]:
    return [
        each for license_set in _licenses(tenant) for each in license_set.modules if each.is_plan
    ]


def _licenses(tenant: Tenant) -> list[SimLicense]:
    return list(tenant.installed.values())


def _back(call: Call, said: dict[str, str]) -> Response:
    return RedirectResponse(f"{call.endpoint}/admin?{urlencode(said)}", 303)


def _show(tenant: Tenant, call: Call) -> Response:
    query = call.query.get("q", "").strip()
    number = int(call.query["page"]) if call.query.get("page", "").isdecimal() else 1
    found = [user for user in tenant.users.values() if not user.deleted and _fits(user, query)]
    shown = found[(number - 1) * ROWS : number * ROWS]
    rows = "".join(_row(tenant, user, query, number) for user in shown)
    return page(
        f"Users of {tenant.company}",
        f"<h1>Users</h1><p class='under'>{escape(tenant.company)}, "
        f"serial number {escape(tenant.serial)}</p>{_said(call)}{_totals(tenant)}"
        "<form class='search' method='get'><input type='search' name='q' aria-label='Search' "
        f"placeholder='Name, login or e-mail' value='{escape(query)}'><button>Search</button>"
        "</form><div class='table'><table><tr class='head'><th>Name</th><th>User plan</th>"
        f"<th>Can log in</th><th></th></tr>{rows}</table></div>{_pages(len(found), query, number)}",
    )


def _fits(user: SimUser, query: str) -> bool:
    text = f"{user.full_name}\n{user.login}\n{user.email}".casefold()
    return query.casefold() in text


def _said(call: Call) -> str:
    return "".join(
        f"<p class='said {kind}' role='status'>{escape(call.query[kind])}</p>"
        for kind in ("good", "bad")
        if call.query.get(kind)
    )


def _totals(tenant: Tenant) -> str:
    rows = [
        f"<li>{escape(each.named('en'))} "
        f"{tenant.in_use(each.name, license_set.owner)}/{each.number}</li>"
        for license_set in _licenses(tenant)
        for each in for_users(license_set)
        if each.is_assignable
    ]
    return f"<ul class='totals'>{''.join(rows)}</ul>"


def _row(tenant: Tenant, user: SimUser, query: str, number: int) -> str:
    held = tenant.held_by(user)
    plan = next((each for each in _plans(tenant) if each.name in held), None)
    others = [
        each.named("en")
        for license_set in _licenses(tenant)
        for each in for_users(license_set)
        if each.is_assignable
        and not each.is_plan
        and each.name in tenant.held_by(user, license_set.owner)
    ]
    name = f"{user.full_name}{' (former employee)' if user.retired else ''}"
    return (
        f"<tr><td>{escape(name)}<small>{escape(user.login)}</small></td>"
        f"<td>{escape(plan.named('en') if plan else '(No Selection)')}"
        f"<small>{escape(', '.join(others))}</small></td>"
        f"<td data-label='Can log in: '>{'Yes' if user.can_login else 'No'}</td>"
        f"<td>{_buttons(tenant, user, bool(held), query, number)}</td></tr>"
    )


def _buttons(tenant: Tenant, user: SimUser, holds: bool, query: str, number: int) -> str:
    kept = hidden("user", str(user.id)) + hidden("q", query) + hidden("page", str(number))
    remove = _button(user, "remove", "Remove user licences", "bad") if holds else ""
    login = (
        _button(user, "login-off", "Switch off Can log in")
        if user.can_login
        else _button(user, "login-on", "Switch on Can log in")
    )
    return f"<form method='post'>{kept}{remove}{login}{_assign(tenant, user)}</form>"


def _assign(tenant: Tenant, user: SimUser) -> str:
    options = "".join(
        f"<option value='{escape(each.name)}'>{escape(each.named('en'))}</option>"
        for each in _plans(tenant)
    )
    if not options:
        return ""
    label = f"User plan of {escape(user.full_name)}"
    chosen = f"<select name='plan' aria-label='{label}'>{options}</select>"
    return chosen + _button(user, "assign", "Assign")


def _button(user: SimUser, action: str, label: str, kind: str = "") -> str:
    return (
        f"<button class='{kind}' name='action' value='{action}' "
        f"aria-label='{label}: {escape(user.full_name)}'>{label}</button>"
    )


def _pages(total: int, query: str, number: int) -> str:
    links = [
        f"<a href='?{escape(urlencode({'q': query, 'page': other}))}'>{label}</a>"
        for other, label, there in (
            (number - 1, "Previous", number > 1),
            (number + 1, "Next", number * ROWS < total),
        )
        if there
    ]
    return f"<nav aria-label='Pages'>{''.join(links)}<span>{total} found</span></nav>"
