"""A demo version is registered: from then on only its customer's licences are accepted."""

import pytest

from licbot.domain.errors import OfferRefused, SystemRefused
from licbot.domain.licenses import Customer
from tests.plugins.local.samples import Installation, payload, signed

DEMO = Customer(company="Demo", serial="1010000006")
BOUGHT = Customer(company="Acme", serial="1234567890")


def licence(sequence: int, customer: Customer) -> bytes:
    """A licence file for a customer."""
    issued_to = {"company": customer.company, "serial": customer.serial}
    return signed({**payload(sequence=sequence), "customer": issued_to})


async def test_a_registered_demo_version_accepts_its_own_customer_only(
    place: Installation,
) -> None:
    """Before, any customer's licence would have done."""
    await place.fill(raw=licence(1, DEMO))
    await place.system.change_customer(BOUGHT)

    stranger = Customer(company="Somebody", serial="9999999999")
    with pytest.raises(OfferRefused, match="Somebody"):
        await place.system.read_offer(licence(2, stranger))
    await place.system.install(await place.system.read_offer(licence(2, BOUGHT)))

    [installed] = await place.system.installed()
    assert installed.customer == BOUGHT


async def test_a_slip_is_corrected_as_long_as_nothing_is_in_force(place: Installation) -> None:
    """The last word counts."""
    await place.fill(raw=licence(1, DEMO))
    await place.system.change_customer(Customer(company="Acne", serial="1234567890"))
    await place.system.change_customer(BOUGHT)

    offer = await place.system.read_offer(licence(2, BOUGHT))

    assert offer.license.customer == BOUGHT


async def test_what_was_bought_keeps_its_number(place: Installation) -> None:
    """Only a demo version is registered, and nothing changes otherwise."""
    await place.fill(raw=licence(1, BOUGHT))

    with pytest.raises(SystemRefused, match="not a demo version"):
        await place.system.change_customer(Customer(company="Other", serial="2222222222"))

    assert (await place.system.read_offer(licence(2, BOUGHT))).license.customer == BOUGHT


async def test_without_a_licence_there_is_nothing_to_register(place: Installation) -> None:
    with pytest.raises(SystemRefused):
        await place.system.change_customer(BOUGHT)
