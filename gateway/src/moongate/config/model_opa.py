"""Open Policy Agent, as a person writes it."""

from __future__ import annotations

from moongate.config.model_asking import AskingConfig
from moongate.config.model_values import HeaderNames  # noqa: TC001 - pydantic reads it


class OpaConfig(AskingConfig):
    """A policy of Open Policy Agent: `path` is /v1/data/ and the rule's package and name. The rule is true, or an
    object whose `allow` is, where the request may go on; undefined is no."""

    headers: HeaderNames = ()
    """Header fields of the request that the policy sees, under input.headers, by their names in lower case."""
