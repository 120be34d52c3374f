"""Policies in Cedar, as a person writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moongate.config.model_base import StrictModel
from moongate.config.model_values import HeaderNames  # noqa: TC001 - pydantic reads it


class CedarConfig(StrictModel):
    """Policies in Cedar, which decide in the gateway itself; they need a library, `cedarpy`, which
    Moongate's extra `cedar` brings."""

    policies: Annotated[str, Field(min_length=1)]
    """The policies themselves, best as ${file:PATH}: one must permit the request, and none may forbid it."""
    headers: HeaderNames = ()
    """Header fields of the request that policies see, under context.headers, by their names in lower case."""
