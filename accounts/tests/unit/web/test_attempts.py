"""Wrong passwords are made slow."""

import tracemalloc

import pytest

from accounts.domain.errors import TooManyAttemptsError
from accounts.web.attempts import FREE, MAX_NAMES, MAX_WAIT_S, Attempts


def test_the_wait_doubles_up_to_a_bound_and_ends_with_success() -> None:
    now = 0
    attempts = Attempts(lambda: now)
    waits = []
    for _ in range(20):
        attempts.failed("eve")
        try:
            attempts.check("eve")
            waits.append(0)
        except TooManyAttemptsError as error:
            waits.append(error.seconds)
    assert waits[: FREE + 2] == [0] * (FREE - 1) + [1, 2, 4]
    assert waits[-1] == MAX_WAIT_S
    now += MAX_WAIT_S * 1_000_000
    attempts.check("eve")
    attempts.failed("eve")
    with pytest.raises(TooManyAttemptsError):
        attempts.check("eve")
    attempts.succeeded("eve")
    attempts.check("eve")


def test_an_accent_typed_otherwise_is_no_other_name() -> None:
    attempts = Attempts(lambda: 0)
    for number in range(FREE):
        attempts.failed("e\u0301v\u00e9" if number % 2 else "\u00e9v\u00e9")
    with pytest.raises(TooManyAttemptsError):
        attempts.check("e\u0301ve\u0301")


def test_memory_is_bounded() -> None:
    attempts = Attempts(lambda: 0)
    for _ in range(FREE):
        attempts.failed("eve")
    for number in range(MAX_NAMES):
        attempts.failed(f"{number}")
    attempts.check("eve")


def test_a_name_as_long_as_a_form_is_not_kept() -> None:
    attempts = Attempts(lambda: 0)
    tracemalloc.start()
    try:
        for number in range(50):
            attempts.failed(f"{number}" + "x" * 100_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000
    for _ in range(FREE):
        attempts.failed("x" * 100_000)
    with pytest.raises(TooManyAttemptsError):
        attempts.check("x" * 100_000)
