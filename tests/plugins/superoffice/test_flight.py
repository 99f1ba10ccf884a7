"""Work that several want is done once, and belongs to nobody alone."""

import asyncio

import pytest

from licbot_superoffice.flight import Flight


class Work:
    """Something that takes until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        await self.go.wait()
        return self.begun


async def test_all_who_want_it_meanwhile_get_one_result() -> None:
    flight: Flight[int] = Flight()
    work = Work()
    waiting = [asyncio.create_task(flight.join("a", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.go.set()

    assert await asyncio.gather(*waiting) == [1] * 5
    assert await flight.join("a", work) == 2, "who comes later begins anew"


async def test_other_work_is_done_beside_it() -> None:
    flight: Flight[int] = Flight()
    one, other = Work(), Work()
    one.go.set()
    other.go.set()

    await asyncio.gather(flight.join("a", one), flight.join("b", other))

    assert (one.begun, other.begun) == (1, 1)


async def test_who_gives_up_stops_it_for_nobody_else() -> None:
    flight: Flight[int] = Flight()
    work = Work()
    first = asyncio.create_task(flight.join("a", work))
    second = asyncio.create_task(flight.join("a", work))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.go.set()

    assert await second == 1


async def test_after_an_error_that_nobody_waited_for_it_is_begun_anew() -> None:
    flight: Flight[int] = Flight()
    go = asyncio.Event()

    async def fails() -> int:
        await go.wait()
        raise ValueError

    only = asyncio.create_task(flight.join("a", fails))
    await asyncio.sleep(0)
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    go.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    work = Work()
    work.go.set()
    assert await flight.join("a", work) == 1


async def test_an_error_is_everybodys() -> None:
    flight: Flight[int] = Flight()

    async def fails() -> int:
        raise ValueError

    results = await asyncio.gather(
        flight.join("a", fails), flight.join("a", fails), return_exceptions=True
    )

    assert [type(result) for result in results] == [ValueError, ValueError]
