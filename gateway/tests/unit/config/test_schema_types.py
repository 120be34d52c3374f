"""The patterns of the schema take what the parsers take."""

from __future__ import annotations

import re

import pytest

from moongate.config.schema_types import DURATION_SCHEMA, SIZE_SCHEMA
from moongate.config.units import parse_duration, parse_size


@pytest.mark.parametrize("text", ["500ms", "30s", "1m30s", "1.5h", "30", "s", "30 s", "-1s", ""])
def test_durations(text: str) -> None:
    try:
        parse_duration(text)
    except ValueError:
        assert not re.search(DURATION_SCHEMA["pattern"], text)
    else:
        assert re.search(DURATION_SCHEMA["pattern"], text)


@pytest.mark.parametrize("text", ["10MiB", "1.5 MB", "7", "7B", "unlimited", "10M", "mib", "-1", "", "unlimited!"])
def test_sizes(text: str) -> None:
    try:
        parse_size(text)
    except ValueError:
        assert not re.search(SIZE_SCHEMA["pattern"], text)
    else:
        assert re.search(SIZE_SCHEMA["pattern"], text)
