"""Durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moongate.config.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30.0),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1m30s", 90.0),
        ("24h", 86400.0),
        (2.5, 2.5),
        (3, 3.0),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "'30' has no unit: write 30s or 30ms"),
        ("1.5", "'1.5' has no unit: write 1.5s or 1.5ms"),
        ("30 s", "'30 s' is no duration: write 30s, 500ms, 2m or 1h"),
        ("-1s", "'-1s' is no duration: write 30s, 500ms, 2m or 1h"),
        ("", "'' is no duration: write 30s, 500ms, 2m or 1h"),
        (None, "nothing is no duration: write 30s, 500ms, 2m or 1h"),
        (True, "True is no duration: write 30s, 500ms, 2m or 1h"),
        ("0ms", "'0ms' is out of bounds: more than 0 and at most 24h"),
        ("24h1ms", "'24h1ms' is out of bounds: more than 0 and at most 24h"),
        (float("nan"), "nan is out of bounds: more than 0 and at most 24h"),
        ("9" * 500 + "h", "'" + "9" * 59 + " is out of bounds: more than 0 and at most 24h"),
    ],
)
def test_wrong_durations(text: object, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_duration(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10MiB", 10 * 1024**2),
        ("512KiB", 512 * 1024),
        ("1 GiB", 1024**3),
        ("1.5MB", 1_500_000),
        ("1500", 1500),
        (1500, 1500),
        ("1B", 1),
        ("unlimited", None),
    ],
)
def test_sizes(text: object, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10M", "'10M': the unit 'M' is not known, write 10MiB"),
        ("10mb", "'10mb': the unit 'mb' is not known, write 10MB"),
        ("10parsecs", "'10parsecs': the unit 'parsecs' is not known, write 10MiB, 512KiB or unlimited"),
        ("0", "'0': zero means different things to different people: write 1B or unlimited"),
        ("0.1B", "'0.1B': zero means different things to different people: write 1B or unlimited"),
        ("-1", "'-1' is no size: write 10MiB, 512KiB or unlimited"),
        (True, "True is no size: write 10MiB, 512KiB or unlimited"),
        (None, "nothing is no size: write 10MiB, 512KiB or unlimited"),
        ("9" * 400, "'" + "9" * 59 + " is out of bounds: at most 1024GiB, or unlimited"),
    ],
)
def test_wrong_sizes(text: object, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_size(text)
    assert str(raised.value) == message


@given(st.integers(1, 86_400_000))
def test_a_formatted_duration_reads_back(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)


@given(st.integers(1, 2**40) | st.integers(1, 1024).map(lambda number: number * 2**20) | st.none())
def test_a_formatted_size_reads_back(size: int | None) -> None:
    assert parse_size(format_size(size)) == size


def test_formats_are_the_short_ones() -> None:
    assert [format_duration(seconds) for seconds in (0, 0.5, 1.5, 30, 90, 7200)] == [
        "0s",
        "500ms",
        "1500ms",
        "30s",
        "90s",
        "2h",
    ]
    assert [format_size(size) for size in (1, 1536, 10 * 2**20, None)] == ["1B", "1536B", "10MiB", "unlimited"]
