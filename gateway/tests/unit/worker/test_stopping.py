import asyncio
import os
import signal

import pytest

from moongate.worker.stopping import StopSignals


@pytest.mark.parametrize("numbers", [(signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGINT)])
def test_the_first_signal_and_the_second(numbers: tuple[signal.Signals, signal.Signals]) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        stop = StopSignals(loop)
        try:
            os.kill(os.getpid(), numbers[0])
            await asyncio.wait_for(stop.first.wait(), 10)
            assert not stop.second.is_set()
            assert stop.is_interrupt is (numbers[0] is signal.SIGINT), "who waits at a terminal needs no notice"
            os.kill(os.getpid(), numbers[1])
            await asyncio.wait_for(stop.second.wait(), 10)
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)

    asyncio.run(work())
