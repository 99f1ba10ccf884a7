"""What the contract of licensed systems found is shown with its values."""

import pytest

pytest.register_assert_rewrite("licbot.testing.contract", "licbot.testing.seat_contract")
