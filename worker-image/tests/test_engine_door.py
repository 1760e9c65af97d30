"""Who is let to the engine: one job, those that fill its batches, and nobody past who waits."""

from __future__ import annotations

import asyncio

from bulk_transcribe_worker.engine_door import EngineDoor


class People:
    def __init__(self, door: EngineDoor) -> None:
        self.door = door
        self.inside: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, model: str) -> None:
        self.leave[name] = asyncio.Event()

        async def visit() -> None:
            async with self.door.enter(model):
                self.inside.append(name)
                try:
                    await self.leave[name].wait()
                finally:
                    self.inside.remove(name)

        self.tasks[name] = asyncio.ensure_future(visit())
        await settle()

    async def go(self, name: str) -> None:
        self.leave[name].set()
        await settle()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_jobs_of_one_model_fill_batches_and_another_model_waits_its_turn() -> None:
    async def story() -> None:
        people = People(EngineDoor(1, 2))
        for name, model in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "x")):
            await people.come(name, model)
        assert people.inside == ["a", "b"]
        await people.go("a")
        assert people.inside == ["b"]
        await people.go("b")
        assert people.inside == ["c"]
        await people.go("c")
        assert people.inside == ["d"]
        await people.go("d")

    asyncio.run(story())


def test_no_more_than_there_is_room_for() -> None:
    async def story() -> None:
        people = People(EngineDoor(1, 2))
        for name in "abcde":
            await people.come(name, "x")
        assert people.inside == ["a", "b", "c"]
        people.tasks["d"].cancel()
        people.tasks["b"].cancel()
        await settle()
        assert people.inside == ["a", "c", "e"]
        for name in "ace":
            await people.go(name)

    asyncio.run(story())


def test_a_canceled_wait_lets_the_next_one_in() -> None:
    async def story() -> None:
        people = People(EngineDoor(1, 2))
        for name, model in (("a", "x"), ("b", "y"), ("c", "x")):
            await people.come(name, model)
        people.tasks["b"].cancel()
        await settle()
        assert people.inside == ["a", "c"]
        await people.go("a")
        await people.go("c")

    asyncio.run(story())


def test_several_models_at_once_where_the_settings_say_so() -> None:
    async def story() -> None:
        people = People(EngineDoor(2, 1))
        for name, model in (("a", "x"), ("b", "y"), ("c", "x")):
            await people.come(name, model)
        assert people.inside == ["a", "b"]
        await people.go("b")
        assert people.inside == ["a", "c"]
        await people.go("a")
        await people.go("c")

    asyncio.run(story())
