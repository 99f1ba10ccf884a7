"""What SQLite and PostgreSQL are told alike."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from licbot.domain.people import Holder
from licbot.roster.statements import among, insert_new, upsert
from licbot.roster.users import user_row
from licbot.store.database import SqlDatabase
from tests.roster.samples import ROSTER, SEATS, SYSTEM, USERS, seat_row

ADA = Holder(id="ada", name="Ada", email="ada@acme.example", open_requests=2)
BO = Holder(id="bo", name="Bo")


async def names(connection: AsyncConnection) -> Mapping[str, str]:
    people = await ROSTER.people(connection, SYSTEM, ["ada", "bo", "cleo"])
    return {user: holder.name for user, holder in people.items()}


async def test_rows_that_are_there_are_overwritten_and_others_added(database: SqlDatabase) -> None:
    """Of an overwritten row nothing is left, and rows that do not come again stay."""
    married = replace(ADA, name="Ada Berg", email="berg@acme.example", open_requests=0)
    async with database.begin() as connection:
        await upsert(connection, USERS, [user_row(SYSTEM, ADA), user_row(SYSTEM, BO)])
        await upsert(connection, USERS, [user_row(SYSTEM, married)])

        found = await ROSTER.people(connection, SYSTEM, ["ada", "bo"])
        assert found == {"ada": married, "bo": BO}
        keys = await connection.scalars(select(USERS.c.email_key).order_by(USERS.c.id))
        assert keys.all() == ["berg@acme.example", ""]


async def test_of_one_key_twice_the_last_row_counts(database: SqlDatabase) -> None:
    """One statement may bring a row twice, such as from two pages of an answer."""
    rows = [user_row(SYSTEM, replace(ADA, name=name)) for name in ("First", "Second")]

    async with database.begin() as connection:
        await upsert(connection, USERS, rows)

        assert await names(connection) == {"ada": "Second"}


async def test_what_a_row_leaves_out_is_as_in_a_new_row(database: SqlDatabase) -> None:
    """A row is overwritten as a whole."""
    row = user_row(SYSTEM, ADA)
    async with database.begin() as connection:
        await upsert(connection, USERS, [row])
        del row["open_requests"], row["last_login"]
        await upsert(connection, USERS, [row])

        found = await ROSTER.people(connection, SYSTEM, ["ada"])
        assert found == {"ada": replace(ADA, open_requests=0)}


async def test_only_new_rows_are_inserted_and_counted(database: SqlDatabase) -> None:
    """What is there stays as it is."""
    rows = [user_row(SYSTEM, ADA), user_row(SYSTEM, BO)]
    async with database.begin() as connection:
        assert await insert_new(connection, USERS, rows[:1]) == 1
        assert await insert_new(connection, USERS, rows[:1]) == 0
        changed = [{**row, "name": "Changed"} for row in rows]
        assert await insert_new(connection, USERS, changed) == 1

        assert await names(connection) == {"ada": "Ada", "bo": "Changed"}


async def test_very_many_rows_are_counted_too(database: SqlDatabase) -> None:
    """However many statements it takes."""
    rows = [seat_row(f"u{number}", "sales") for number in range(5_000)]
    async with database.begin() as connection:
        assert await insert_new(connection, SEATS, rows[:1_000]) == 1_000
        assert await insert_new(connection, SEATS, rows) == 4_000

        assert await ROSTER.in_use(connection, SYSTEM) == {"sales": 5_000}


async def test_no_rows_are_no_statement(database: SqlDatabase) -> None:
    """They would insert a row of defaults."""
    async with database.begin() as connection:
        await upsert(connection, USERS, [])
        assert await insert_new(connection, USERS, []) == 0

        assert await connection.scalar(select(func.count()).select_from(USERS)) == 0


async def test_any_text_can_be_among_others(database: SqlDatabase) -> None:
    """Quotes, other alphabets and any number of texts come to the database as they are."""
    awkward = ["it's", '"quoted"', "back\\slash", "Ø 🦊", "", "line\nbreak"]
    async with database.begin() as connection:
        await upsert(connection, SEATS, [seat_row(user, "sales") for user in [*awkward, "other"]])
        many = [*awkward, *awkward, *(f"u{number}" for number in range(40_000))]
        found = await connection.scalars(
            select(SEATS.c.user_id).where(SEATS.c.user_id.in_(among(connection, many)))
        )

        assert sorted(found) == sorted(awkward)
