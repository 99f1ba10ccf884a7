"""Everything that the stand-in serves is held to the OpenAPI files, where they are at hand."""

from collections.abc import AsyncIterator, Iterator

import pytest

from licbot.testing.clock import FakeClock
from licbot.testing.superoffice import Tenant, customers
from tests.openapi import OpenApi, Watch
from tests.testing.superoffice.visiting import OnlineSite, Site, online_site, onsite_site

EMPTY = OpenApi([])


@pytest.fixture(scope="session")
def openapi() -> OpenApi | None:
    """The OpenAPI files, where they are at hand."""
    return OpenApi.load()


@pytest.fixture
def clock() -> FakeClock:
    """The tenant's clock."""
    return FakeClock()


@pytest.fixture
def watch(openapi: OpenApi | None) -> Iterator[Watch]:
    """What is wrong about the requests and answers of a test: nothing, in the end."""
    watch = Watch(openapi or EMPTY, relaxed=() if openapi else ("",))
    yield watch
    assert watch.problems == []


@pytest.fixture
def unchecked(watch: Watch) -> None:
    """For tests that ask what no client should ask."""
    watch.relaxed = ("",)


@pytest.fixture
def tenant(clock: FakeClock, watch: Watch) -> Tenant:
    """Sixty people with user plans, and a smaller licence waiting."""
    tenant = customers.with_plans(clock.now)
    tenant.observers.append(watch)
    return tenant


@pytest.fixture
async def cloud(tenant: Tenant) -> AsyncIterator[OnlineSite]:
    """The tenant Online, with nobody signed in."""
    async with online_site(tenant) as site:
        yield site


@pytest.fixture
async def house(tenant: Tenant) -> AsyncIterator[Site]:
    """The tenant onsite, visited by an administrator."""
    async with onsite_site(tenant) as site:
        yield site
