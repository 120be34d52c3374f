"""The log on real files and pipes."""

import datetime
import itertools
import json
import os
import select
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.heads import make_head
from gateway_harness.polling import eventually
from moongate.core import limits
from moongate.core.exchange import Exchange
from moongate.observe.access_log import AccessLog, line_of, pieces_of


def ended(*lines: str, method: str = "GET", path: str = "/a") -> Exchange:
    exchange = Exchange(b"id-1", 3, make_head(method, path, *lines), "192.0.2.7", 10.0)
    exchange.status, exchange.ended = 200, 10.25
    return exchange


@pytest.fixture
def file(tmp_path: Path) -> Iterator[tuple[AccessLog, Path]]:
    path = tmp_path / "log"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    log = AccessLog(fd)
    yield log, path
    log.close()
    os.close(fd)


def written(log: AccessLog, path: Path) -> list[dict[str, Any]]:
    log.close()
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_one_line_an_exchange_in_order(file: tuple[AccessLog, Path]) -> None:
    log, path = file
    for number in range(1000):
        log.exchange_ended(ended(path=f"/{number}"))
    lines = written(log, path)
    assert [line["path"] for line in lines] == [f"/{number}" for number in range(1000)]
    assert log.dropped == 0


def test_the_names_that_operators_see(file: tuple[AccessLog, Path]) -> None:
    log, path = file
    exchange = ended(
        "User-Agent: tester", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", method="PUT"
    )
    exchange.route, exchange.service, exchange.target = "r", "s", "http://t"
    exchange.upstream_started, exchange.upstream_ended = 10.1, 10.2
    exchange.bytes_in, exchange.bytes_out, exchange.retries, exchange.origin = 5, 7, 1, "upstream"
    log.exchange_ended(exchange)
    (line,) = written(log, path)
    timestamp = datetime.datetime.fromisoformat(line.pop("ts"))
    assert abs(datetime.datetime.now(datetime.UTC) - timestamp) < datetime.timedelta(minutes=1)
    assert list(line) == [
        "request_id",
        "trace_id",
        "generation",
        "client",
        "route",
        "service",
        "target",
        "method",
        "path",
        "status",
        "code",
        "reason",
        "origin",
        "duration_ms",
        "upstream_ms",
        "retries",
        "bytes_in",
        "bytes_out",
        "remote",
        "user_agent",
    ]
    assert line == {
        "request_id": "id-1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "generation": 3,
        "client": None,
        "route": "r",
        "service": "s",
        "target": "http://t",
        "method": "PUT",
        "path": "/a",
        "status": 200,
        "code": None,
        "reason": None,
        "origin": "upstream",
        "duration_ms": 250.0,
        "upstream_ms": 100.0,
        "retries": 1,
        "bytes_in": 5,
        "bytes_out": 7,
        "remote": "192.0.2.7",
        "user_agent": "tester",
    }


def test_octets_that_were_no_request_have_a_line_too(file: tuple[AccessLog, Path]) -> None:
    log, path = file
    exchange = Exchange(b"id-1", 3, None, "192.0.2.7", 10.0)
    exchange.status, exchange.code, exchange.reason, exchange.ended = 400, "bad_request", "bad_header", 10.0
    log.exchange_ended(exchange)
    (line,) = written(log, path)
    assert (line["method"], line["path"], line["user_agent"], line["upstream_ms"]) == (None, None, None, None)
    assert (line["status"], line["code"], line["reason"]) == (400, "bad_request", "bad_header")


@given(agent=st.binary(max_size=80).filter(lambda value: not {10, 13} & set(value)))
def test_hostile_values_are_escaped_into_one_line(agent: bytes) -> None:
    exchange = ended()
    exchange.head = make_head("GET", "/a")
    exchange.head.section.lines = b"User-Agent: " + agent + b"\r\n"
    import msgspec

    data = msgspec.json.encode(line_of(exchange))
    assert b"\n" not in data
    assert b"\x1b" not in data
    assert json.loads(data)["user_agent"] == agent.strip(b" \t").decode("latin-1")


@pytest.mark.parametrize(
    "agent",
    [
        '"}\\n{"status": 200',
        "${jndi:ldap://x}",
        "\x1b[2J",
        "\x00",
        "\u00e9\u2028".encode("latin-1", "ignore").decode("latin-1"),
    ],
)
def test_known_tricks(file: tuple[AccessLog, Path], agent: str) -> None:
    log, path = file
    exchange = ended()
    assert exchange.head is not None
    exchange.head.section.lines = b"User-Agent: " + agent.encode("latin-1") + b"\r\n"
    log.exchange_ended(exchange)
    (line,) = written(log, path)
    assert line["user_agent"] == agent


def test_long_values_are_cut(file: tuple[AccessLog, Path]) -> None:
    log, path = file
    exchange = ended("User-Agent: " + "x" * 8000, path="/" + "y" * 8000)
    log.exchange_ended(exchange)
    (line,) = written(log, path)
    assert (len(line["user_agent"]), len(line["path"])) == (limits.LOG_VALUE_CHARS, limits.LOG_VALUE_CHARS)


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "nonsense",
        "00-short-b7ad6b7169203331-01",
        "00-" + "-" * 32 + "-x-01",
        "00-" + "\xe9" * 32 + "-b7ad6b7169203331-01",
    ],
)
def test_a_traceparent_that_is_none(traceparent: str) -> None:
    exchange = ended()
    assert exchange.head is not None
    exchange.head.section.lines = b"traceparent: " + traceparent.encode("latin-1") + b"\r\n"
    assert line_of(exchange).trace_id is None


def test_a_reader_that_stalls_costs_lines_and_never_time() -> None:
    """Nobody reads the pipe: what fits is kept, the rest is dropped and counted, and the loop goes on."""
    reader, writer = os.pipe()
    log = AccessLog(writer)
    exchange = ended("User-Agent: " + "x" * 1000)
    total = 0
    while not log.dropped:
        log.exchange_ended(exchange)
        total += 1
        assert total < 100_000, "memory is bounded by now"
    batch = limits.LOG_BATCH_LINES * 1500
    assert total * 1000 < limits.LOG_QUEUE_BYTES + 2 * batch + (1 << 20)
    received: list[bytes] = []

    def read() -> None:
        while data := os.read(reader, 1 << 16):
            received.append(data)

    thread = threading.Thread(target=read)
    thread.start()
    log.close(timeout_seconds=10)
    os.close(writer)
    thread.join()
    os.close(reader)
    lines = b"".join(received).splitlines()
    assert len(lines) + log.dropped == total
    assert all(json.loads(line)["path"] == "/a" for line in lines)


def test_closing_does_not_wait_for_a_reader_that_stalls() -> None:
    reader, writer = os.pipe()
    log = AccessLog(writer)
    exchange = ended("User-Agent: " + "x" * 1000)
    while not log.dropped:
        log.exchange_ended(exchange)
    closing = threading.Thread(target=log.close, args=(0.1,))
    closing.start()
    closing.join(5)
    assert not closing.is_alive()
    os.close(reader)  # the writer's thread ends with EPIPE
    log._queue.put(None)
    log._writer.join(10)
    os.close(writer)


def test_a_slow_reader_of_a_non_blocking_pipe_loses_nothing() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    log = AccessLog(writer)
    for _ in range(500):
        log.exchange_ended(ended("User-Agent: " + "x" * 1000))
    log.flush()
    received = b""
    while received.count(b"\n") < 500:
        received += os.read(reader, 5000)
    log.close()
    os.close(reader)
    os.close(writer)
    assert len(received.splitlines()) == 500


def test_a_disk_that_is_full_is_told_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    log = AccessLog(fd)
    log.exchange_ended(ended())
    log.flush()
    eventually(lambda: "No space left" in caplog.text, "the failure is told")
    log.exchange_ended(ended())
    log.close()
    os.close(fd)


def test_lines_wait_for_a_flush_or_a_batch(file: tuple[AccessLog, Path]) -> None:
    log, path = file
    log.exchange_ended(ended())
    assert path.read_bytes() == b""
    log.flush()
    log.flush()
    eventually(lambda: path.read_bytes().count(b"\n") == 1, "the line")
    for _ in range(limits.LOG_BATCH_LINES):
        log.exchange_ended(ended("User-Agent: " + "x" * 900))
    eventually(lambda: path.read_bytes().count(b"\n") == 1 + limits.LOG_BATCH_LINES, "the batch")


@given(st.lists(st.integers(1, 9000), max_size=40))
def test_pieces_are_whole_lines_that_a_pipe_takes_at_once(sizes: list[int]) -> None:
    lines = [b"x" * (size - 1) + b"\n" for size in sizes]
    pieces = list(pieces_of(b"".join(lines)))
    assert b"".join(pieces) == b"".join(lines)
    for piece in pieces:
        assert piece.endswith(b"\n")
        assert len(piece) <= select.PIPE_BUF or piece.count(b"\n") == 1
    for one, other in itertools.pairwise(pieces):
        first = other.index(b"\n") + 1
        assert len(one) + first > select.PIPE_BUF, "no more pieces than are needed"


def test_two_workers_on_one_pipe_mix_no_lines() -> None:
    reading, writing = os.pipe()
    logs = [AccessLog(writing) for _ in range(2)]
    for number in range(2000):
        for log in logs:
            log.exchange_ended(ended(path=f"/{number}/" + "y" * (number % 700)))
    for log in logs:
        log.flush()
    seen: list[bytes] = []

    def read() -> None:
        while data := os.read(reading, 1000):
            seen.append(data)

    thread = threading.Thread(target=read)
    thread.start()
    for log in logs:
        log.close()
    os.close(writing)
    thread.join()
    os.close(reading)
    lines = [json.loads(line) for line in b"".join(seen).splitlines()]
    assert len(lines) == 4000 - sum(log.dropped for log in logs)
