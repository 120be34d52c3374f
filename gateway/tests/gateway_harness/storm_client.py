"""Load at a steady rate over kept connections, as a program of its own: what became of every request.

    python storm_client.py PORT CONNECTIONS RATE [CA_FILE]

Sends until its standard input ends, then prints JSON: how many answers had which status, and every request that had no
whole answer, or connection that could not be had, with its moments by the machine's monotonic clock. A connection whose
last answer said ``Connection: close`` is closed by the client; one that ends between two requests is noted and made
anew, and is no failure; one that ends when a request was sent, without an answer, is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
import time
from collections import Counter

import uvloop

GET = b"GET /storm HTTP/1.1\r\nHost: any.test\r\n\r\n"
POST = b"POST /storm HTTP/1.1\r\nHost: any.test\r\nContent-Length: 5\r\n\r\nhello"
ANSWER_SECONDS = 60.0


class Connection(asyncio.Protocol):
    """One connection; ``answer`` is done with (status, is_last), or with an exception that says what came instead."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.answer: asyncio.Future[tuple[int, bool]] | None = None
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        fields = head.lower()
        length = int(fields.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        if len(body) >= length and self.answer is not None:
            self.buffer = body[length:]
            answer, self.answer = self.answer, None
            answer.set_result((int(head.split(b" ", 2)[1]), b"\r\nconnection: close" in fields))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self.answer is not None and not self.answer.done():
            what = "truncated" if self.buffer else "no answer"
            self.answer.set_exception(ConnectionError(f"{what}: {exc!r}"))

    async def ask(self, request: bytes) -> tuple[int, bool]:
        assert self.transport is not None
        self.buffer = b""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await asyncio.wait_for(self.answer, ANSWER_SECONDS)


class Storm:
    """All of it."""

    def __init__(self, port: int, context: ssl.SSLContext | None) -> None:
        self.port = port
        self.context = context
        self.is_over = False
        self.statuses: Counter[int] = Counter()
        self.failures: list[dict[str, object]] = []
        self.announced = self.ended_idle = 0

    async def connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            "127.0.0.1",
            self.port,
            ssl=self.context,
            server_hostname="any.test" if self.context is not None else None,
            ssl_handshake_timeout=ANSWER_SECONDS if self.context is not None else None,
        )
        return connection

    async def keep_asking(self, number: int, every: float, first: float) -> None:
        """One request each ``every`` seconds, the first after ``first``; ``number`` tells clients apart."""
        connection: Connection | None = None
        due = time.monotonic() + first
        while not self.is_over:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due + every, time.monotonic() - every)
            began = time.monotonic()
            try:
                if connection is None or connection.is_lost:
                    self.ended_idle += connection is not None
                    connection = await self.connect()
                status, is_last = await connection.ask(POST if number % 4 == 0 else GET)
            except (OSError, TimeoutError) as error:
                self.failures.append({"began": began, "ended": time.monotonic(), "what": repr(error)})
                connection = None
                continue
            self.statuses[status] += 1
            if is_last:
                self.announced += 1
                assert connection.transport is not None
                connection.transport.close()
                connection = None
        if connection is not None and connection.transport is not None:
            connection.transport.close()


async def main(port: int, connections: int, rate: float, ca: str) -> None:
    context = ssl.create_default_context(cafile=ca) if ca else None
    storm = Storm(port, context)
    every = connections / rate
    clients = [asyncio.ensure_future(storm.keep_asking(number, every, number / rate)) for number in range(connections)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    storm.is_over = True
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*clients), ANSWER_SECONDS)
    told = {"statuses": storm.statuses, "failures": storm.failures}
    print(json.dumps({**told, "announced": storm.announced, "ended_idle": storm.ended_idle}), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] if sys.argv[4:] else ""))
