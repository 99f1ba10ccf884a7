"""What is found becomes offers: the newest of each owner, and words for the rest."""

from tests.plugins.local.samples import (
    OTHER_KEY,
    Installation,
    module,
    payload,
    signed,
)

PARTNER = {"owner": {"name": "Partner", "description": "Partner AB"}}


async def test_nothing_new_is_found_where_all_is_in_force(small_place: Installation) -> None:
    await small_place.fill()
    small_place.leave("installed.lic", signed())

    found = await small_place.system.find_offers()

    assert (found.offers, found.refused) == ((), ())


async def test_the_newest_of_each_owner_is_offered(small_place: Installation) -> None:
    await small_place.fill()
    for sequence in (43, 45, 44):
        small_place.leave(f"{sequence}.lic", signed(payload(sequence=sequence)))
    small_place.leave("copy-of-45.lic", signed(payload(sequence=45)))
    small_place.leave("addon.lic", signed(payload([module("addon")], sequence=1) | PARTNER))

    found = await small_place.system.find_offers()

    assert [(each.sequence, each.source) for each in found.offers] == [
        (1, "addon.lic"),
        (45, "45.lic"),
    ]
    assert found.refused == ()


async def test_what_cannot_be_accepted_is_named_with_the_reason(small_place: Installation) -> None:
    await small_place.fill()
    small_place.leave("good.lic", signed(payload(sequence=43)))
    small_place.leave("older.lic", signed(payload(sequence=7)))
    small_place.leave("readme.txt", b"Put licences here.")
    small_place.leave("stranger.lic", signed(payload(sequence=44), OTHER_KEY))

    found = await small_place.system.find_offers()

    assert [each.source for each in found.offers] == ["good.lic"]
    assert [each.source for each in found.refused] == ["older.lic", "readme.txt", "stranger.lic"]
    assert all(each.reason.endswith(".") for each in found.refused)


async def test_what_was_installed_is_passed_over_in_silence_from_then_on(
    small_place: Installation,
) -> None:
    await small_place.fill()
    for sequence in (43, 44):
        small_place.leave(f"{sequence}.lic", signed(payload(sequence=sequence)))
        (offer,) = (await small_place.system.find_offers()).offers
        await small_place.system.install(offer)

    found = await small_place.system.find_offers()

    assert (found.offers, found.refused) == ((), ())


async def test_a_system_with_nothing_installed_trusts_nobody(small_place: Installation) -> None:
    small_place.leave("new.lic", signed())

    found = await small_place.system.find_offers()

    assert found.offers == ()
    assert "not trusted here" in found.refused[0].reason


async def test_an_offer_for_later_is_found_before_its_day(small_place: Installation) -> None:
    await small_place.fill()
    small_place.leave("later.lic", signed(payload(sequence=43, not_before="2027-01-01")))

    (offer,) = (await small_place.system.find_offers()).offers

    assert str(offer.not_before) == "2027-01-01"
