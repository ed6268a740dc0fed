"""Who waits for the same thing is served together."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from consentry_server.config.batches import Batches


class Door:
    """Serves whoever comes once it is open, and remembers the batches."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.served: list[list[int]] = []
        self.broken = False

    async def serve(self, numbers: list[int]) -> list[int]:
        await self.open.wait()
        self.served.append(numbers)
        if self.broken:
            raise OSError("broken")
        return [number * 10 for number in numbers]


def run(scene: Callable[[Door, "Batches[int, int]"], Awaitable[None]], *, most: int = 4) -> Door:
    """Play a scene at a door that takes so many at once."""

    async def play() -> Door:
        door = Door()
        async with asyncio.timeout(10):
            await scene(door, Batches(door.serve, most=most))
        return door

    return asyncio.run(play())


async def waiting(batches: "Batches[int, int]", *numbers: int) -> "list[asyncio.Task[int]]":
    tasks = [asyncio.create_task(batches.served(number)) for number in numbers]
    await asyncio.sleep(0.01)
    return tasks


def test_who_comes_meanwhile_is_served_with_the_next_and_no_more_than_so_many() -> None:
    async def scene(door: Door, batches: "Batches[int, int]") -> None:
        tasks = await waiting(batches, 1) + await waiting(batches, *range(2, 8))
        door.open.set()
        assert await asyncio.gather(*tasks) == [10, 20, 30, 40, 50, 60, 70]

    assert run(scene).served == [[1], [2, 3, 4, 5], [6, 7]]


def test_what_goes_wrong_is_told_to_the_batch_and_the_next_is_served() -> None:
    async def scene(door: Door, batches: "Batches[int, int]") -> None:
        door.broken = True
        first = await waiting(batches, 1, 2)
        door.open.set()
        assert {type(said) for said in await asyncio.gather(*first, return_exceptions=True)} == {OSError}
        door.broken = False
        assert await batches.served(3) == 30

    run(scene)


def test_whoever_went_away_keeps_nobody_waiting() -> None:
    async def scene(door: Door, batches: "Batches[int, int]") -> None:
        gone, stays = await waiting(batches, 1, 2)
        gone.cancel()
        door.open.set()
        assert await stays == 20
        with pytest.raises(asyncio.CancelledError):
            await gone

    run(scene)


def test_each_new_arrival_is_served_after_a_pause() -> None:
    async def scene(door: Door, batches: "Batches[int, int]") -> None:
        door.open.set()
        for number in range(3):
            assert await batches.served(number) == number * 10
            await asyncio.sleep(0)

    assert run(scene).served == [[0], [1], [2]]
