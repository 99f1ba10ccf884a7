"""Pages for people: plainly a stand-in, no scripts, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse, Response

from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff;
  --ground: #f3f5f7; --line: #d5dae0; --blue: #0b5cad; --red: #b42318; --green: #1a6b3c }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a5adb8; --paper: #1d2127;
  --ground: #14171b; --line: #353b44; --blue: #7db7f5; --red: #ff9b91; --green: #7fd3a0 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
.note { margin: 0; padding: .5rem 1rem; background: var(--paper); color: var(--soft);
  border-bottom: 1px solid var(--line); text-align: center; font-size: .875rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
p.under { margin: 0 0 1.25rem; color: var(--soft) }
.said { padding: .75rem 1rem; border: 1px solid currentColor; border-radius: .5rem;
  background: var(--paper) }
.said.bad { color: var(--red) } .said.good { color: var(--green) }
ul.totals { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; padding: 0 }
ul.totals li { padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 2rem;
  background: var(--paper); font-variant-numeric: tabular-nums }
form { margin: 0 }
td form, form.search { display: flex; flex-wrap: wrap; gap: .5rem }
form.search { margin: 0 0 1rem }
p.refuse { margin: 1rem 0 0 }
input, select, button { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: .375rem; padding: .375rem .625rem }
form.search input { flex: 1 1 12rem; min-width: 0 }
button { cursor: pointer; color: var(--blue) } button.bad { color: var(--red) }
button:hover { border-color: currentColor }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 1px }
.table { overflow-x: auto; background: var(--paper); border: 1px solid var(--line);
  border-radius: .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line);
  vertical-align: middle }
th { font-size: .875rem; color: var(--soft); font-weight: 600 }
tr:last-child td { border-bottom: 0 }
td small { display: block; color: var(--soft) }
@media (max-width: 48rem) { table, tbody, tr, td { display: block; width: 100% }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0 } tr:last-child { border-bottom: 0 }
  td { border-bottom: 0; padding: .125rem .75rem } tr.head { display: none }
  td[data-label]::before { content: attr(data-label) } }
nav { display: flex; gap: 1rem; margin: 1rem 0 }
a { color: var(--blue) }
"""
SHOWN = 200
"""How many users the page lists to sign in as, administrators first."""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page(title: str, content: str, status: int = 200) -> Response:
    """A page; the content is HTML, the title text."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        '<p class="note">This is a stand-in for testing on this machine. '
        "It is not SuperOffice, and nobody’s real data is here.</p>"
        f"<main>{content}</main></body></html>",
        status,
        HEADERS,
    )


def hidden(name: str, value: str) -> str:
    """A value that a form sends along."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def error_page(text: str) -> Response:
    """Why signing in is not possible."""
    return page("Sign in", f'<h1>Sign in</h1><p class="said bad">{escape(text)}</p>', 400)


def login_page(users: Iterable[tuple[Tenant, SimUser]], asked: Mapping[str, str]) -> Response:
    """Where people pick whom to sign in as."""
    kept = "".join(hidden(name, value) for name, value in asked.items())
    ordered = sorted(users, key=lambda each: (not each[0].administers(each[1]), each[1].full_name))
    rows = "".join(_row(tenant, user) for tenant, user in ordered[:SHOWN])
    return page(
        "Sign in",
        '<h1>Sign in</h1><p class="under">An app wants to act for you. Whom do you sign in as?</p>'
        f'<form method="post">{kept}<div class="table"><table><tr class="head"><th>Name</th>'
        f"<th>Role</th><th>Company</th><th></th></tr>{rows}</table></div>"
        '<p class="refuse"><button class="bad" name="user" value="">Do not sign in</button></p>'
        "</form>",
    )


def _row(tenant: Tenant, user: SimUser) -> str:
    return (
        f"<tr><td>{escape(user.full_name)}<small>{escape(user.login)}</small></td>"
        f"<td>{escape(user.role)}</td><td>{escape(tenant.company)}</td>"
        f'<td><button name="user" value="{user.id}" aria-label="Sign in as '
        f'{escape(user.full_name)}">Sign in</button></td></tr>'
    )
