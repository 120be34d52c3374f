"""What a person wrote, as a typed model; and everything that is wrong with it, at once, with its place.

Purpose: read YAML, validate it into frozen `*Config` models, word every problem as file:line:col: message.
May import: core.
May touch: nothing outside its arguments; text is handed in.
I/O: no.
Tested by: tests/unit/config and the golden files under tests/golden.
"""

from moongate.config.builder import Gateway
from moongate.config.document import MAX_CONFIG_BYTES
from moongate.config.interpolation import EMPTY_ENVIRONMENT, Environment
from moongate.config.load import for_target, parse, parse_parts, text_problems
from moongate.config.model import (
    Config,
    DefaultsConfig,
    ListenerConfig,
    MatchConfig,
    RouteConfig,
    ServiceConfig,
    TargetConfig,
    TimeoutsConfig,
)
from moongate.config.problem import ConfigInvalid, Problem

__all__ = [
    "EMPTY_ENVIRONMENT",
    "MAX_CONFIG_BYTES",
    "Config",
    "ConfigInvalid",
    "DefaultsConfig",
    "Environment",
    "Gateway",
    "ListenerConfig",
    "MatchConfig",
    "Problem",
    "RouteConfig",
    "ServiceConfig",
    "TargetConfig",
    "TimeoutsConfig",
    "for_target",
    "parse",
    "parse_parts",
    "text_problems",
]
