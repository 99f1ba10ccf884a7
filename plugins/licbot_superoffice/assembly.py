"""Every object of one system, by name."""

from dataclasses import dataclass
from functools import partial

from licbot.hookspecs import SystemContext
from licbot.ports.system import LicensedSystem
from licbot_superoffice.access import Access, SignIns
from licbot_superoffice.administrators import Administrators, ByEmail
from licbot_superoffice.calls import Calls, Tenant
from licbot_superoffice.credentials import Basic
from licbot_superoffice.grants import Grants
from licbot_superoffice.identity import Identities
from licbot_superoffice.oauth import TokenEndpoint
from licbot_superoffice.roles import ask_administrator
from licbot_superoffice.settings import Config, Online, Onsite, read
from licbot_superoffice.signin import SignIn
from licbot_superoffice.speakers import OnlineCredentials
from licbot_superoffice.stored import is_listed_administrator
from licbot_superoffice.system import SuperOfficeSystem
from licbot_superoffice.tenant import FixedPlace, OnlineLocator
from licbot_superoffice.tickets import SystemUser
from licbot_superoffice.transport import Transport


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """How a system is spoken to, and how people get into it."""

    api: Calls
    access: Access


def open_line(context: SystemContext, config: Config, transport: Transport) -> Line:
    """Make the line to a tenant; nothing is sent yet."""
    if isinstance(config.site, Onsite):
        return _onsite(context, config, config.site, transport)
    return _online(context, config, config.site, transport)


def _onsite(context: SystemContext, config: Config, site: Onsite, transport: Transport) -> Line:
    tenant = Tenant(transport, FixedPlace(site, transport))
    return Line(
        api=Calls(tenant, Basic(site), config.admin_page),
        access=Access(system=context.name, customer=site.address),
    )


def _online(context: SystemContext, config: Config, site: Online, transport: Transport) -> Line:
    clock, vault = context.clock, context.vault
    tenant = Tenant(transport, OnlineLocator(site, transport, clock))
    endpoint = TokenEndpoint(site, transport, clock)
    identities = Identities(site, transport, clock)
    grants = Grants(vault, endpoint, identities, clock)
    system_user = SystemUser(site, transport, vault, clock) if site.private_key else None
    sign_in = SignIn(
        system=context.name,
        customer=site.customer,
        right=config.administrator_right,
        database=context.database,
        vault=vault,
        clock=clock,
        endpoint=endpoint,
        identities=identities,
        tenant=tenant,
        grants=grants,
        system_user=system_user,
    )
    signed_in = SignIns(sign_in=sign_in, grants=grants, tenant=tenant, system_user=system_user)
    return Line(
        api=Calls(tenant, OnlineCredentials(grants, system_user), config.admin_page),
        access=Access(system=context.name, customer=site.customer, signed_in=signed_in),
    )


def build(context: SystemContext) -> LicensedSystem:
    """Make a system from settings that nothing is wrong with."""
    config = read(context.settings, context.folder)
    line = open_line(context, config, Transport(context.clock))
    known = partial(is_listed_administrator, context.database, context.name)
    ask = partial(ask_administrator, line.api, config)
    who = administrators(context, config, line.access, known, ask)
    return SuperOfficeSystem(context, config, line.api, who)


def administrators(
    context: SystemContext, config: Config, access: Access, known: ByEmail, ask: ByEmail
) -> Administrators:
    """Who administers the tenant. known, ask: by e-mail address, as far as is known and now."""
    return Administrators(
        access=access,
        clock=context.clock,
        right=config.administrator_right,
        by_email=known,
        ask_by_email=ask,
    )
