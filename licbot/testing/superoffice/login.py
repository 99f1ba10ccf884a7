"""The login host: where tenants are, and how people and apps sign in."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.responses import RedirectResponse, Response

from licbot.testing.superoffice.apps import App
from licbot.testing.superoffice.calls import Call, Refused, Routes, reply
from licbot.testing.superoffice.grants import Codes
from licbot.testing.superoffice.jwts import key_set, sign
from licbot.testing.superoffice.pages import error_page, login_page
from licbot.testing.superoffice.sessions import TICKET_LIFE, TOKEN_LIFE
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

IDENTITY = "http://schemes.superoffice.net/identity/"
STATE_LIFE = timedelta(minutes=15)
SIGNED_LIFE = timedelta(minutes=10)


class LoginRefused(Exception):
    """The sign-in page would show an error."""


class Login:
    """The login host of some tenants, for one app."""

    def __init__(self, tenants: Mapping[str, Tenant], app: App) -> None:
        self._tenants = tenants
        self._app = app
        self._codes = Codes()
        self._routes = Routes()
        for method, path, handler in (
            ("GET", "/api/state/{customer}", self._state),
            ("GET", "/login/common/oauth/authorize", self._authorize),
            ("POST", "/login/common/oauth/authorize", self._authorized),
            ("POST", "/login/common/oauth/tokens", self._tokens),
            ("GET", "/login/.well-known/jwks", lambda call: reply(key_set())),
            ("POST", "/Login/api/PartnerSystemUser/Authenticate", self._system_user),
        ):
            self._routes.add(method, path, handler)

    def answer(self, call: Call) -> Response:
        """The answer to a request. Raises Refused."""
        handler, values = self._routes.find(call.method, call.path)
        return handler(call, **values)

    def approve(self, asked: Mapping[str, str], user: int) -> str:
        """Let a user sign in; gives the address with a code. Raises LoginRefused."""
        self._check(asked)
        for tenant, each in self._candidates(asked):
            if each.id == user:
                return _back(asked, code=self._codes.open(tenant, user, asked))
        raise LoginRefused("This user cannot sign in here.")

    def deny(self, asked: Mapping[str, str]) -> str:
        """Let nobody sign in; gives the address with an error. Raises LoginRefused."""
        self._check(asked)
        return _back(asked, error="access_denied")

    def _state(self, call: Call, customer: str) -> Response:
        tenant = self._tenants.get(customer.casefold())
        if tenant is None:
            return reply({"ContextIdentifier": customer, "State": "Unknown", "IsRunning": False})
        endpoint = f"{call.origin}/{tenant.host}/{tenant.customer}"
        return reply(
            {
                "ContextIdentifier": tenant.customer,
                "Endpoint": endpoint,
                "State": tenant.state,
                "IsRunning": tenant.has_api,
                "ValidUntil": f"{tenant.clock() + STATE_LIFE:%Y-%m-%dT%H:%M:%SZ}",
                "Api": f"{endpoint}/api",
                "Version": tenant.version,
            }
        )

    def _authorize(self, call: Call) -> Response:
        try:
            self._check(call.query)
        except LoginRefused as why:
            return error_page(str(why))
        return login_page(self._candidates(call.query), call.query)

    def _authorized(self, call: Call) -> Response:
        form = _form(call)
        chosen = form.pop("user", "")
        try:
            if not chosen.isdecimal():
                return RedirectResponse(self.deny(form), 302)
            return RedirectResponse(self.approve(form, int(chosen)), 302)
        except LoginRefused as why:
            return error_page(str(why))

    def _check(self, asked: Mapping[str, str]) -> None:
        if asked.get("client_id") != self._app.client_id:
            raise LoginRefused("There is no such app.")
        if asked.get("redirect_uri") not in self._app.redirect_uris:
            raise LoginRefused("The app is not registered with this redirect address.")
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            raise LoginRefused("The app must ask for a code, with the scope openid.")
        if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
            raise LoginRefused("The code challenge must be one of S256.")
        wanted = _wanted_tenant(asked)
        if wanted and wanted not in self._tenants:
            raise LoginRefused("There is no such customer.")

    def _candidates(self, asked: Mapping[str, str]) -> list[tuple[Tenant, SimUser]]:
        wanted = _wanted_tenant(asked)
        tenants = [self._tenants[wanted]] if wanted else list(self._tenants.values())
        return [
            (tenant, user)
            for tenant in tenants
            for user in tenant.users.values()
            if user.may_sign_in and user.email
        ]

    def _tokens(self, call: Call) -> Response:
        form = _form(call)
        if not self._is_app(form.get("client_id", ""), form.get("client_secret", "")):
            return _error("invalid_client", 401)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._redeem(call, form)
        return (
            self._refresh(call, form)
            if kind == "refresh_token"
            else _error("unsupported_grant_type")
        )

    def _redeem(self, call: Call, form: Mapping[str, str]) -> Response:
        grant = self._codes.redeem(form)
        user = grant.tenant.users.get(grant.user) if grant else None
        if grant is None or user is None or not user.may_sign_in:
            return _error("invalid_grant")
        refresh = grant.tenant.sessions.open_refresh(user.id, grant.client)
        tokens = self._issue(call, grant.tenant, user, grant.nonce)
        return reply({**tokens, "refresh_token": refresh})

    def _refresh(self, call: Call, form: Mapping[str, str]) -> Response:
        for tenant in self._tenants.values():
            held = tenant.sessions.refreshing(form.get("refresh_token", ""))
            user = tenant.users.get(held[0]) if held else None
            if user and user.may_sign_in:
                return reply(self._issue(call, tenant, user, ""))
        return _error("invalid_grant")

    def _issue(self, call: Call, tenant: Tenant, user: SimUser, nonce: str) -> dict[str, Any]:
        token = tenant.sessions.open_token(user.id, self._app.client_id, tenant.clock())
        claims = self._claims(call, tenant, user, TOKEN_LIFE)
        return {
            "token_type": "Bearer",
            "access_token": token,
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "id_token": sign({**claims, **({"nonce": nonce} if nonce else {})}),
        }

    def _claims(self, call: Call, tenant: Tenant, user: SimUser, life: timedelta) -> dict[str, Any]:
        now = int(tenant.clock().timestamp())
        endpoint = f"{call.origin}/{tenant.host}/{tenant.customer}"
        identity = {
            "associateid": str(user.id),
            "ctx": tenant.customer,
            "company_name": tenant.company,
            "serial": tenant.serial,
            "is_administrator": str(tenant.administers(user)),
            "netserver_url": f"{endpoint}/Remote/Services88/",
            "webapi_url": f"{endpoint}/api/",
            "system_token": tenant.system_token,
            "upn": user.login,
            "email": user.email,
            "initials": user.name,
        }
        return {
            "sub": user.login,
            **{f"{IDENTITY}{name}": value for name, value in identity.items()},
            "iss": call.origin,
            "aud": self._app.client_id,
            "iat": str(now),
            "nbf": now - 60,
            "exp": now + int(life.total_seconds()),
        }

    def _system_user(self, call: Call) -> Response:
        asked = call.fields()
        tenant = self._tenants.get(str(asked.get("ContextIdentifier")).casefold())
        why = self._refusal(tenant, asked)
        if tenant is None or why:
            return reply({"IsSuccessful": False, "Token": None, "ErrorMessage": why})
        user = tenant.partner
        ticket = tenant.sessions.open_ticket(user.id, self._app.client_id, tenant.clock())
        claims = self._claims(call, tenant, user, TICKET_LIFE)
        token = sign({**claims, f"{IDENTITY}ticket": ticket})
        return reply({"IsSuccessful": True, "Token": token, "ErrorMessage": None})

    def _refusal(self, tenant: Tenant | None, asked: Mapping[str, Any]) -> str:
        if tenant is None:
            return "There is no such customer."
        if not self._is_app(self._app.client_id, str(asked.get("ApplicationToken"))):
            return "The application token is not valid."
        if asked.get("ReturnTokenType", "").casefold() != "jwt":
            return "Only tokens of the type JWT are issued here."
        if not self._is_signed(tenant, str(asked.get("SignedSystemToken"))):
            return "The signed system token is not valid."
        return ""

    def _is_signed(self, tenant: Tenant, signed: str) -> bool:
        content, _, signature = signed.rpartition(".")
        token, _, written = content.rpartition(".")
        key = self._app.public_key
        try:
            at = datetime.strptime(written, "%Y%m%d%H%M").replace(tzinfo=UTC)
            raw = base64.b64decode(signature, validate=True)
            if key is not None:
                key.verify(raw, content.encode(), padding.PKCS1v15(), SHA256())
        except (ValueError, binascii.Error, InvalidSignature):
            return False
        close = abs(tenant.clock() - at) <= SIGNED_LIFE
        return key is not None and token == tenant.system_token and close

    def _is_app(self, client: str, secret: str) -> bool:
        right = secrets.compare_digest(secret.encode(), self._app.client_secret.encode())
        return client == self._app.client_id and right


def _form(call: Call) -> dict[str, str]:
    kind = call.headers.get("content-type", "").partition(";")[0]
    if kind != "application/x-www-form-urlencoded":
        raise Refused(415, "This must be sent as a form.")
    return dict(parse_qsl(call.body.decode(), keep_blank_values=True))


def _error(code: str, status: int = 400) -> Response:
    return reply({"error": code, "error_description": ""}, status)


def _wanted_tenant(asked: Mapping[str, str]) -> str:
    for value in asked.get("acr_values", "").split():
        name, _, customer = value.partition(":")
        if name == "tenant":
            return customer.casefold()
    return ""


def _back(asked: Mapping[str, str], **values: str) -> str:
    address = asked["redirect_uri"]
    if "state" in asked:
        values["state"] = asked["state"]
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(values)}"
