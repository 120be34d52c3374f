import asyncio
from typing import Any

from moongate.net.tasks import Tasks


def test_a_failure_is_told_to_the_loop() -> None:
    told: list[dict[str, Any]] = []

    async def fails() -> None:
        raise ValueError("broken")

    async def main() -> None:
        is_told = asyncio.Event()

        def tell(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            told.append(context)
            is_told.set()

        asyncio.get_running_loop().set_exception_handler(tell)
        tasks = Tasks()
        tasks.spawn(fails())
        async with asyncio.timeout(5):
            await is_told.wait()

    asyncio.run(main())
    assert isinstance(told[0]["exception"], ValueError)


def test_cancel_waits_for_whatever_runs() -> None:
    ended: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append("stubborn")

    async def main() -> None:
        tasks = Tasks()
        for _ in range(3):
            tasks.spawn(stubborn())
        await asyncio.sleep(0)
        await tasks.cancel()
        assert ended == ["stubborn"] * 3
        await tasks.cancel()

    asyncio.run(main())
