"""The ready tenants are as they are described."""

from licbot.testing.superoffice import SimModule, Tenant, customers
from licbot.testing.superoffice.licenses import SimLicense


def totals(tenant: Tenant, license_set: SimLicense) -> dict[str, tuple[int, int]]:
    """In use, and how many there are of each licence that people see."""
    return {
        module.name: (tenant.in_use(module.name, license_set.owner), module.number)
        for module in license_set.modules
        if module.is_assignable
    }


def test_a_company_with_user_plans() -> None:
    """A smaller licence waits: four of Sales are too many for it."""
    tenant = customers.with_plans()

    people = [user for user in tenant.users.values() if user.kind == "InternalAssociate"]
    assert len(people) == 60
    assert len({user.login for user in people} | {user.name for user in people}) == 120
    assert [user.id for user in people if tenant.administers(user)] == [101, 102, 103]
    assert totals(tenant, tenant.installed["superoffice"]) == {
        "ten-sales": (36, 40),
        "ten-service": (10, 12),
        "ten-marketing": (9, 12),
        "visible-for": (11, 20),
    }
    assert totals(tenant, tenant.offered["superoffice"])["ten-sales"] == (36, 32)
    assert {user for user in tenant.users if tenant.open_requests(user)} == {105, 112}


def test_a_company_with_crm_suite() -> None:
    """A seat is somebody who can log in; three are too many for the smaller licence."""
    tenant = customers.suite()

    assert totals(tenant, tenant.installed["superoffice"]) == {"suite-user": (18, 20)}
    assert totals(tenant, tenant.offered["superoffice"]) == {"suite-user": (18, 15)}
    assert tenant.holders("suite-user") == {
        user.id for user in tenant.users.values() if user.can_login
    }


def test_a_partner_has_licences_of_its_own() -> None:
    """With numbers as wanted."""
    license_set = customers.partner_license(acme_sync=3)

    assert (license_set.owner, license_set.key) == ("ACME", "acme")
    assert [module.number for module in license_set.modules] == [3, 1]


def test_a_licence_is_named_as_well_as_it_can_be() -> None:
    """In the language, or in none, or by its name."""
    named = SimModule(name="a", description="Plain", descriptions={"de": "Deutsch"})

    assert [named.named(language) for language in ("de", "sv")] == ["Deutsch", "Plain"]
    assert SimModule(name="a").named("de") == "a"
    assert SimModule(name="a", extra_info="x=1; set = b , c;").members == ("b", "c")
