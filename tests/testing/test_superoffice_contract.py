"""A tenant of SuperOffice passes the contract, onsite and Online."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from licbot.domain.people import Holder
from licbot.testing.bench import Arrange, Bench, Tenant
from licbot.testing.seat_contract import GuidesPeople, TakesSeats
from tests.plugins.superoffice.contract_support import SuperOfficeBench, filled
from tests.plugins.superoffice.data_support import PASSWORD, world


class TestSuperOfficeOnsite(TakesSeats):
    """An installation of one's own, in which licbot takes the seats."""

    knows_sign_ins = False
    knows_days = False

    @pytest.fixture
    async def arrange(self, tmp_path: Path) -> AsyncIterator[Arrange]:
        async with AsyncExitStack() as stack:

            async def made(tenant: Tenant) -> Bench:
                place = world(
                    tmp_path,
                    lambda clock: filled(tenant, clock),
                    read_list=False,
                    username="licbot@acme.example",
                    password=PASSWORD,
                )
                return await SuperOfficeBench(await stack.enter_async_context(place)).fill(tenant)

            yield made


class TestSuperOfficeOnline(GuidesPeople):
    """A tenant of SuperOffice Online, in which people take the seats."""

    knows_sign_ins = False
    knows_days = False

    def known(self, user: Holder) -> Holder:
        """Online only a sign-in of their own tells that somebody administers."""
        signed_in = user.name in ("Bo Lund", "Eli Gone")
        return replace(super().known(user), administrator=signed_in)

    @pytest.fixture
    async def arrange(self, tmp_path: Path) -> AsyncIterator[Arrange]:
        async with AsyncExitStack() as stack:

            async def made(tenant: Tenant) -> Bench:
                place = world(
                    tmp_path, lambda clock: filled(tenant, clock), online=True, read_list=False
                )
                return await SuperOfficeBench(await stack.enter_async_context(place)).fill(tenant)

            yield made
