"""`python -m system_harness.caller PORT CONNECTIONS RATE`: requests at a steady rate, under credentials that change.

Reads lines of JSON: `{"add": NAME, "head": TEXT}` is a GET to send from now on, in turn with all others (with `"door":
[PORT, CA, CERTIFICATE, KEY]` over TLS there, with `"pen": [KEY_ID, SECRET]` signed anew each time), and `{"drop":
NAME}` one to send no more. When its input ends it prints one line of JSON: of every request its name, when it began and
ended by the machine's monotonic clock, and the status of the answer, 0 where there was none.
"""

import asyncio
import base64
import hmac
import json
import ssl
import sys
import time
from collections import deque
from typing import NamedTuple, cast

import httptools
import uvloop

ANSWER_SECONDS = 30.0


class Connection(asyncio.Protocol):
    """One connection to the gateway, one request at a time."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] | None = None
        self.is_lost = False
        self.must_end = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is not a subclass
        self.parser = httptools.HttpResponseParser(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_lost = True
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(0)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        status, self.must_end = self.parser.get_status_code(), not self.parser.should_keep_alive()
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(status)

    async def ask(self, request: bytes) -> int:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            return await asyncio.wait_for(self.answer, ANSWER_SECONDS)
        except TimeoutError:
            self.transport.abort()
            return 0


class Door(NamedTuple):
    """Where a request goes in: over TLS where there is a `ca`, with a client's certificate."""

    port: int
    ca: str = ""
    certificate: str = ""
    key: str = ""

    async def connect(self) -> Connection:
        context = None
        if self.ca:
            context = ssl.create_default_context(cafile=self.ca)
            context.load_cert_chain(self.certificate, self.key)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            Connection, "127.0.0.1", self.port, ssl=context, server_hostname="any.test" if context else None
        )
        return connection


class Pen(NamedTuple):
    """Signs requests by hmac-sha256 (RFC 9421); the secret in base64."""

    key_id: str
    secret: str

    def lines(self, head: str, nonce: int) -> str:
        host, path = head.partition("Host: ")[2].split("\r\n")[0], head.split(" ")[1]
        covered = f'("@method" "@target-uri");created={int(time.time())};keyid="{self.key_id}";nonce="{nonce}"'
        base = f'"@method": GET\n"@target-uri": http://{host}{path}\n"@signature-params": {covered}'
        signature = hmac.digest(base64.b64decode(self.secret), base.encode(), "sha256")
        return f"Signature-Input: sig={covered}\r\nSignature: sig=:{base64.b64encode(signature).decode()}:\r\n"


class Sending(NamedTuple):
    """What is sent under one name; `head` without the empty line at its end."""

    head: str
    door: Door
    pen: Pen | None

    def request(self, nonce: int) -> bytes:
        lines = "" if self.pen is None else self.pen.lines(self.head, nonce)
        return f"{self.head}{lines}\r\n".encode()


class Calling:
    """All of it. Without a certificate each caller keeps a connection of its own; with one they share the few that are
    needed, for a certificate belongs to a connection."""

    def __init__(self, port: int, connections: int, rate: float) -> None:
        self.plain = Door(port)
        self.every = connections / rate
        self.requests: dict[str, Sending] = {}
        self.names: deque[str] = deque()  # whose turn it is comes first
        self.turn = 0
        self.is_over = False
        self.idle: dict[Door, list[Connection]] = {}
        self.answers: list[tuple[str, float, float, int]] = []

    def told(self, line: bytes) -> None:
        order = json.loads(line)
        if "add" in order:
            door = Door(*order["door"]) if "door" in order else self.plain
            if order["add"] not in self.requests:
                self.names.append(order["add"])
            self.requests[order["add"]] = Sending(order["head"], door, Pen(*order["pen"]) if "pen" in order else None)
        else:
            for connection in self.idle.pop(self.requests.pop(order["drop"]).door, ()):
                connection.transport.close()
            self.names.remove(order["drop"])

    async def keep_asking(self, first: float) -> None:
        own: list[Connection] = []
        due = time.monotonic() + first
        while not self.is_over:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due + self.every, time.monotonic() - self.every)
            if not self.names:
                continue
            self.turn += 1
            name = self.names[0]
            self.names.rotate(-1)
            sending = self.requests[name]
            request, door = sending.request(self.turn), sending.door
            idle = own if door is self.plain else self.idle.setdefault(door, [])
            began, status = time.monotonic(), 0
            try:
                connection = idle.pop() if idle else await door.connect()
                if connection.is_lost:
                    connection = await door.connect()
                status = await connection.ask(request)
                if not connection.must_end:
                    idle.append(connection)
            except OSError:
                pass
            self.answers.append((name, began, time.monotonic(), status))
        for connection in own:
            connection.transport.close()


async def main(port: int, connections: int, rate: float) -> None:
    calling, loop = Calling(port, connections, rate), asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    callers = [asyncio.ensure_future(calling.keep_asking(number / rate)) for number in range(connections)]
    async for line in orders:
        calling.told(line)
    calling.is_over = True
    await asyncio.gather(*callers)
    print(json.dumps(calling.answers), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
