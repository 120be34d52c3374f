import asyncio
from collections.abc import Awaitable

from moongate.filters.later import Later


async def one() -> int:
    return 1


async def doubled(asked: Awaitable[int]) -> int:
    return 2 * await asked


def test_what_comes_of_it() -> None:
    async def wait() -> int:
        return await Later(one(), doubled)

    assert asyncio.run(wait()) == 2


def test_it_may_be_dropped_before_it_began() -> None:
    Later(Later(one(), doubled), doubled).close()  # else a warning would be told, that nobody awaited one()


def test_what_can_not_be_closed_is_left_alone() -> None:
    async def wait() -> None:
        future = asyncio.get_running_loop().create_future()
        Later(future, doubled).close()
        assert not future.done()

    asyncio.run(wait())
