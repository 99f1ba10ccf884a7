"""Licences are called what the reader calls them, where the licensed system has a word for it."""

from licbot.domain.errors import SystemUnavailable
from licbot.flows.look import glance, look
from licbot.flows.losses import read_losses
from licbot.flows.pick import pick_holders
from licbot.flows.publish import publish_card
from licbot.flows.status import licence_status
from tests.flows.world import World, sales, travel


async def reviewed(world: World) -> str:
    """``sales`` has a German name, ``travel`` has none."""
    world.system.vocabulary = {"de": {"sales": "Vertrieb"}}
    return await world.reviewed(sales(2), travel(1))


async def test_changes_are_named_in_the_language_of_who_reads(world: World) -> None:
    activation_id = await reviewed(world)

    for looked in (look, glance):
        german = await looked(world.ports, activation_id, "de")
        assert [change.module.label for change in german.changes] == ["Vertrieb", "Travel"]
        plain = await looked(world.ports, activation_id)
        assert [change.module.label for change in plain.changes] == ["Sales", "Travel"]


async def test_the_plan_is_the_same_in_every_language(world: World) -> None:
    """What is confirmed does not hang on words."""
    activation_id = await reviewed(world)
    await pick_holders(world.ports, activation_id, "sales", "U1", ["cleo"])

    german = await look(world.ports, activation_id, "de")

    assert german.digest == (await look(world.ports, activation_id)).digest


async def test_licences_in_force_and_losses_are_named_too(world: World) -> None:
    activation_id = await reviewed(world)

    [row] = await licence_status(world.ports, "de")
    losses = await read_losses(world.ports, activation_id, "de")

    assert [module.label for module in row.license.modules] == ["Vertrieb", "Travel"]
    assert losses.labels == {"sales": "Vertrieb", "travel": "Travel"}


async def test_without_words_from_the_system_its_own_names_do(world: World) -> None:
    """A name is never worth an error."""
    activation_id = await reviewed(world)
    world.system.fail("names", SystemUnavailable())

    review = await look(world.ports, activation_id, "de")

    assert [change.module.label for change in review.changes] == ["Sales", "Travel"]


async def test_the_channel_has_a_language_of_its_own(world: World) -> None:
    """What everybody reads is asked for in that language, whoever acts."""
    activation_id = await reviewed(world)
    await publish_card(world.ports, activation_id)
    assert "names" in world.system.calls
