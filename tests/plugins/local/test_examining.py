"""A system says what operators should know of it, and what keeps people from working with it."""

from dataclasses import replace

from tests.plugins.local.samples import Installation, module, payload, seat, signed, user

NOTHING_IN_FORCE = (
    "No licence is in force: import it, with the users and their seats, by "
    "`licbot local import TENANT.json --license FILE --trust KID=KEY.pem`."
)
NOBODY = (
    "No user is an administrator who may sign in and has an e-mail address of their own. "
    "Correct the tenant file, and import it again by `licbot local import TENANT.json`."
)


async def test_a_system_that_works_tells_who_is_there_and_what_is_in_force(
    place: Installation,
) -> None:
    await place.fill(
        [
            user("Anna", administrator=True),
            user("Bea", administrator=True),
            user("Cem", administrator=True, can_login=False),
            user("Dag", administrator=True, deleted=True),
            user("Eva", administrator=True, email=""),
            user("Finn"),
        ],
        [seat("Finn")],
    )

    found = await place.system.examine()

    assert found.facts == (
        "5 users",
        "2 administrators who may sign in",
        "licence of SuperOffice AS for Fjordlicht GmbH, 1234567890",
    )
    assert found.problems == ()


async def test_where_nothing_is_imported_yet_the_import_is_the_cure(place: Installation) -> None:
    found = await place.system.examine()

    assert found.facts == ("0 users", "0 administrators who may sign in")
    assert found.problems == (NOTHING_IN_FORCE,)


async def test_the_cure_names_a_system_with_another_name(place: Installation) -> None:
    found = await replace(place, name="north").system.examine()

    [words] = found.problems
    assert words.endswith("--trust KID=KEY.pem --system north`.")


async def test_an_address_of_two_users_is_no_administrators(place: Installation) -> None:
    """Given an address that two users have, licbot takes nobody with it for either of them."""
    await place.fill(
        [
            user("Anna", administrator=True, email="both@fjordlicht.example"),
            user("Bea", email="Both@Fjordlicht.Example"),
            user("Cem", administrator=True, email=""),
            user("Dag", administrator=True, email=""),
        ]
    )

    found = await place.system.examine()

    assert found.facts[1] == "0 administrators who may sign in"
    assert found.problems == (NOBODY,)


async def test_systems_in_one_database_are_told_apart(place: Installation) -> None:
    await place.fill([user("Anna", administrator=True)])

    found = await replace(place, name="north").system.examine()

    assert found.facts == ("0 users", "0 administrators who may sign in")


async def test_a_name_in_a_licence_cannot_write_lines_of_its_own(place: Installation) -> None:
    value = payload([module("sales-premium")])
    value["customer"]["company"] = "Fjordlicht\u202e" + "x" * 100
    await place.fill([user("Anna", administrator=True)], raw=signed(value))

    found = await place.system.examine()

    assert "\u202e" not in found.facts[2]
    assert len(found.facts[2]) < 140
