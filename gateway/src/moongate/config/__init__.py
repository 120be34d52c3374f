"""What a person wrote, as a typed model; and everything that is wrong with it, at once, with its place.

Purpose: read YAML, validate it into frozen `*Config` models, word every problem as file:line:col: message.
May import: core.
May touch: nothing outside its arguments; text is handed in.
I/O: no.
Tested by: tests/unit/config and the golden files under tests/golden.
"""

from moongate.config.load import MAX_CONFIG_BYTES, for_target, parse
from moongate.config.model import (
    Config,
    ListenerConfig,
    MatchConfig,
    RouteConfig,
    ServiceConfig,
    TargetConfig,
    TimeoutsConfig,
)
from moongate.config.problem import ConfigInvalid, Problem

__all__ = [
    "MAX_CONFIG_BYTES",
    "Config",
    "ConfigInvalid",
    "ListenerConfig",
    "MatchConfig",
    "Problem",
    "RouteConfig",
    "ServiceConfig",
    "TargetConfig",
    "TimeoutsConfig",
    "for_target",
    "parse",
]
