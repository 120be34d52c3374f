"""The values of shapes."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from accounts.web.fields import Action, Line, Scope, Time


def test_a_time_is_seconds_inside() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Time)
    assert adapter.validate_python("2027-01-31T01:00:00+01:00") == 1_801_353_600
    assert adapter.validate_python("2027-01-31t00:00:00.999z") == 1_801_353_600
    for wrong in ("2027-01-31", "2027-01-31T00:00:00", 1_801_353_600, "1801353600", "2027-02-31T00:00:00Z", None):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)
    for wrong in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(ValidationError, match="between the years 1 and 9999 in UTC"):
            adapter.validate_python(wrong)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [(Line, "Ünïted Inc.", "a\u202eb"), (Scope, "cars:read", 'a"b'), (Action, "*", "Read")],
)
def test_patterns_mean_the_same_to_pydantic(kind: Any, good: str, bad: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    assert adapter.validate_python(good) == good
    for wrong in (bad, ""):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)
