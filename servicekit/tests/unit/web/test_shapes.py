"""Shapes."""

import pytest
from pydantic import TypeAdapter, ValidationError

from servicekit.web.shapes import Limit, NoQuery


def test_unknown_members_are_refused_and_limits_hold() -> None:
    with pytest.raises(ValidationError):
        NoQuery.model_validate({"a": 1})
    for wrong in (0, 501):
        with pytest.raises(ValidationError):
            TypeAdapter(Limit).validate_python(wrong)
