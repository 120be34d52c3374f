import asyncio

from moongate.worker.timing import Every


def test_again_and_again_until_stopped_whatever_a_call_does() -> None:
    async def work() -> list[int]:
        calls: list[int] = []
        enough = asyncio.Event()
        failures: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))

        def call() -> None:
            calls.append(1)
            if len(calls) == 2:
                raise ValueError("once")
            if len(calls) == 5:
                every.stop()
                enough.set()

        every = Every(loop, 0.001, call)
        await asyncio.wait_for(enough.wait(), 10)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert len(failures) == 1
        return calls

    assert len(asyncio.run(work())) == 5
