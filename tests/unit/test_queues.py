"""Taking turns at what many want to change at once."""

import asyncio

import pytest

from domain.errors import Unavailable
from storage.mongo.queues import Queues


def test_one_after_the_other_each_thing_by_itself_and_no_more_than_may_wait() -> None:
    async def play() -> tuple[list[str], int]:
        queues, told, refused = Queues(2), list[str](), 0
        first_in, go_on = asyncio.Event(), asyncio.Event()

        async def change(key: str, name: str) -> None:
            async with queues.turn(key):
                told.append(f"{name} in")
                first_in.set()
                if name == "a":
                    await go_on.wait()
                told.append(f"{name} out")

        async with asyncio.TaskGroup() as group:
            group.create_task(change("x", "a"))
            await first_in.wait()
            group.create_task(change("x", "b"))
            await asyncio.sleep(0)
            with pytest.raises(Unavailable):
                await change("x", "c")
            refused += 1
            await change("y", "d")
            go_on.set()
        await change("x", "e")
        assert queues._waiting == {}  # noqa: SLF001 - nothing is left of what nobody changes
        return told, refused

    told, refused = asyncio.run(play())

    assert refused == 1
    assert told == ["a in", "d in", "d out", "a out", "b in", "b out", "e in", "e out"]


def test_a_turn_that_fails_makes_room() -> None:
    async def play() -> None:
        queues = Queues(1)
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                async with queues.turn("x"):
                    raise ValueError("no")

    asyncio.run(play())
