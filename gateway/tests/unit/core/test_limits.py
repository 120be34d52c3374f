"""The bounds fit together: a smaller thing fits into the larger one that holds it."""

from __future__ import annotations

from moongate.core import limits


def test_every_bound_is_positive() -> None:
    bounds = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert len(bounds) > 20
    assert all(value > 0 for value in bounds.values())


def test_heads_nest() -> None:
    assert limits.MAX_LINE_BYTES < limits.MAX_HEAD_BYTES
    assert limits.MAX_TRAILER_BYTES <= limits.MAX_HEAD_BYTES
    # A full set of the shortest fields fits, so that the count is a bound of its own.
    assert limits.MAX_FIELDS * len(b"a:\r\n") < limits.MAX_HEAD_BYTES


def test_a_chunk_line_holds_the_longest_size_and_an_extension() -> None:
    assert limits.MAX_CHUNK_LINE_BYTES == 16 + 256
    assert limits.MAX_CHUNK_EXTENSION_BYTES > limits.MAX_CHUNK_LINE_BYTES


def test_what_one_connection_buffers_stays_under_256_kib() -> None:
    assert 2 * limits.WRITE_HIGH_BYTES + limits.REPLAY_BYTES + limits.MAX_HEAD_BYTES <= 256 * limits.KIB
    assert limits.WRITE_LOW_BYTES < limits.WRITE_HIGH_BYTES


def test_an_idle_upstream_connection_is_left_before_uvicorn_closes_it() -> None:
    assert limits.UPSTREAM_IDLE_FLOOR_SECONDS < limits.UPSTREAM_IDLE_SECONDS < 5.0


def test_a_request_that_waits_for_a_connection_outlasts_one_attempt_to_connect() -> None:
    assert limits.CONNECT_SECONDS < limits.POOL_QUEUE_SECONDS
    assert limits.POOL_IDLE <= limits.POOL_TOTAL
