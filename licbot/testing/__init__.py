"""What plugins are tested with: everything outside a plugin, in memory.

``ports()`` makes the outside that a handler or a flow is given, of the fakes that are not given to
it. ``licbot.testing.seat_contract`` has the tests that every licensed system must pass; it needs
pytest.
"""

from licbot.domain.removals import Seat
from licbot.testing.advice import ADMINISTRATOR, PlainAdvice
from licbot.testing.clock import START, FakeClock
from licbot.testing.licenses import CUSTOMER, OWNER, license_set, module_license, offer
from licbot.testing.messenger import MemoryMessenger, Message
from licbot.testing.outside import CHANNEL, ports
from licbot.testing.seats import Outcome, Seats
from licbot.testing.store import MemoryStore, MemoryUnitOfWork
from licbot.testing.system import MemorySystem
from licbot.testing.vault import MemoryVault

__all__ = [
    "ADMINISTRATOR",
    "CHANNEL",
    "CUSTOMER",
    "OWNER",
    "START",
    "FakeClock",
    "MemoryMessenger",
    "MemoryStore",
    "MemorySystem",
    "MemoryUnitOfWork",
    "MemoryVault",
    "Message",
    "Outcome",
    "PlainAdvice",
    "Seat",
    "Seats",
    "license_set",
    "module_license",
    "offer",
    "ports",
]
