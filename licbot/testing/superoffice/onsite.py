"""SuperOffice on a customer's own server."""

import base64
import binascii
import secrets

from starlette.responses import Response

from licbot.testing.superoffice.calls import Call, Refused
from licbot.testing.superoffice.deployment import Deployment
from licbot.testing.superoffice.tenant import Tenant
from licbot.testing.superoffice.users import SimUser

BASE = "/WebApi"


class Onsite(Deployment):
    """One tenant at ``/WebApi``; the API is at ``/WebApi/api/v1``, the page at ``/WebApi/admin``.

    People and apps come in with a login and its password.
    """

    def __init__(self, tenant: Tenant) -> None:
        super().__init__([tenant])
        self.tenant = tenant

    def tenant_of(self, path: str) -> Tenant | None:
        """The only one there is."""
        return self.tenant

    def answer(self, call: Call) -> Response:
        """The answer to a request."""
        if not call.path.startswith(f"{BASE}/"):
            raise Refused(404, "No resource was found at this address.", "SoNotFoundException")
        call.endpoint = f"{call.origin}{BASE}"
        return self.serve_tenant(self.tenant, call, call.path.removeprefix(BASE))

    def authenticate(self, tenant: Tenant, call: Call) -> SimUser:
        """Whoever has this login and password."""
        scheme, _, rest = call.headers.get("authorization", "").partition(" ")
        login, _, password = _decoded(rest).partition(":")
        user = tenant.user(login) if scheme.casefold() == "basic" else None
        known = user and secrets.compare_digest(user.password.encode(), password.encode())
        if user is None or not known or not user.may_sign_in:
            raise Refused(401, "The user name or the password is wrong.", "SoSecurityException")
        return user


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
