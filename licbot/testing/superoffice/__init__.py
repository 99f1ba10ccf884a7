"""A stand-in for SuperOffice on the loopback, for tests and for trying things out.

Fill a ``Tenant``, put it ``Online`` or ``Onsite``, and ``serve`` its ``app``::

    tenant = customers.with_plans(clock.now)
    online = Online(tenant, app=App(client_id="…", client_secret="…", redirect_uris=("…",)))
    async with serve(online.app) as address:
        ...

It is written from the public documentation. It answers at the paths of the API with the bodies
of the API, keeps a ledger of what was changed, and goes wrong on request.
"""

from licbot.testing.superoffice.apps import App
from licbot.testing.superoffice.failures import (
    Busy,
    Cut,
    Failure,
    Garbage,
    Message,
    Null,
    Status,
    Timeout,
)
from licbot.testing.superoffice.ledger import CAN_LOGIN, Activation, Exchange, Save, Served
from licbot.testing.superoffice.licenses import (
    SEAT,
    SUPEROFFICE,
    USER_PLAN,
    SimLicense,
    SimLicenseType,
    SimModule,
)
from licbot.testing.superoffice.login import LoginRefused
from licbot.testing.superoffice.online import Online
from licbot.testing.superoffice.onsite import Onsite
from licbot.testing.superoffice.serving import serve
from licbot.testing.superoffice.tenant import Fencing, Tenant
from licbot.testing.superoffice.users import ADMINISTRATOR, PLAIN, SimUser, UserKind

__all__ = [
    "ADMINISTRATOR",
    "CAN_LOGIN",
    "PLAIN",
    "SEAT",
    "SUPEROFFICE",
    "USER_PLAN",
    "Activation",
    "App",
    "Busy",
    "Cut",
    "Exchange",
    "Failure",
    "Fencing",
    "Garbage",
    "LoginRefused",
    "Message",
    "Null",
    "Online",
    "Onsite",
    "Save",
    "Served",
    "SimLicense",
    "SimLicenseType",
    "SimModule",
    "SimUser",
    "Status",
    "Tenant",
    "Timeout",
    "UserKind",
    "serve",
]
