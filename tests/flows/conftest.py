"""A world for each test."""

import pytest

from tests.flows.world import World


@pytest.fixture
def world() -> World:
    """Four people hold ``sales``, two of them ``travel`` too; everything is in use."""
    return World()
