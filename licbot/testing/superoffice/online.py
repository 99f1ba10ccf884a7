"""SuperOffice Online: the login host and the numbered hosts, all at one address."""

import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from licbot.testing.superoffice.apps import App
from licbot.testing.superoffice.calls import Call, Refused
from licbot.testing.superoffice.deployment import Deployment
from licbot.testing.superoffice.login import Login
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

_TENANT = re.compile(r"/(?P<host>online\d+)/(?P<customer>[^/]+)(?P<rest>/.*)?")
CLOSED = re.compile(
    r"/Agents/User/.*|/User/(?!currentPrincipal$|currentAssociate$|currentToken$).+"
)
"""What no app may use Online."""


class Online(Deployment):
    """Tenants at ``/online2/Cust12345`` and the like, and where people and apps sign in.

    The login host is the address itself: ``/api/state/…``, ``/login/common/oauth/…``,
    ``/Login/api/PartnerSystemUser/Authenticate``.
    """

    def __init__(self, *tenants: Tenant, app: App) -> None:
        super().__init__(tenants)
        self.client = app
        self.login = Login(self.tenants, app)

    async def approve(self, url: str, user: int | SimUser) -> str:
        """Sign in at the address where an app sent the browser; gives the address to go on to.

        Raises LoginRefused where the page would show an error instead.
        """
        return self.login.approve(_query(url), user if isinstance(user, int) else user.id)

    async def deny(self, url: str) -> str:
        """Refuse to sign in at such an address; gives the address to go on to."""
        return self.login.deny(_query(url))

    def tenant_of(self, path: str) -> Tenant | None:
        """The tenant that a path names."""
        found = _TENANT.fullmatch(path)
        return self.tenants.get(found["customer"].casefold()) if found else None

    def answer(self, call: Call) -> Response:
        """The answer to a request."""
        found = _TENANT.fullmatch(call.path)
        if found is None:
            return self.login.answer(call)
        tenant = self.tenant_of(call.path)
        if tenant is None:
            raise Refused(404, "There is no such customer.", "SoNotFoundException")
        if found["host"] != tenant.host:
            return Response("Wrong subdomain used to access tenant", 421)
        if not tenant.has_api:
            return Response("The tenant is not available.", 503)
        call.endpoint = f"{call.origin}/{tenant.host}/{tenant.customer}"
        return self.serve_tenant(tenant, call, found["rest"] or "/")

    def authenticate(self, tenant: Tenant, call: Call) -> SimUser:
        """Whoever has this access token or ticket."""
        scheme, _, value = call.headers.get("authorization", "").partition(" ")
        user = None
        if scheme.casefold() == "bearer":
            user = tenant.sessions.bearer(value, tenant.clock())
        elif scheme.casefold() == "soticket" and self._is_client(call):
            user = tenant.sessions.ticket(value, self.client.client_id, tenant.clock())
        known = tenant.who(user) if user is not None else None
        if known is None or not known.may_sign_in:
            raise Refused(401, "The token or ticket is not valid.", "SoSecurityException")
        return known

    def is_closed(self, tenant: Tenant, call: Call) -> bool:
        """Users can be listed, and nothing else."""
        closed = bool(CLOSED.fullmatch(call.below)) or (call.below, call.method) == (
            "/User",
            "POST",
        )
        return closed or super().is_closed(tenant, call)

    def _is_client(self, call: Call) -> bool:
        token = call.headers.get("so-apptoken", "")
        return secrets.compare_digest(token.encode(), self.client.client_secret.encode())


def _query(url: str) -> Mapping[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
