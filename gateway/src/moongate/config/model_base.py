"""What every part of the config model has in common."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from moongate.config.schema_types import DURATION_SCHEMA
from moongate.config.units import parse_duration, parse_pause

Duration: TypeAlias = Annotated[float, BeforeValidator(parse_duration), WithJsonSchema(DURATION_SCHEMA)]
Pause: TypeAlias = Annotated[float, BeforeValidator(parse_pause), WithJsonSchema(DURATION_SCHEMA)]
"""A duration that may be nothing: ``0s``."""


class StrictModel(BaseModel):
    """Frozen, refuses unknown keys, and never shows a value in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        coerce_numbers_to_str=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )
