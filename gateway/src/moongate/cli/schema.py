"""``moongate schema``: the JSON Schema of the config, for editors that complete and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.cli.terminal import FINE, say_json
from moongate.config.schema import config_schema

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no options; the description says what the output is for."""
    parser.epilog = (
        "Save it beside the config and begin the config with the line "
        "`# yaml-language-server: $schema=gateway.schema.json`: most editors complete and explain from then on."
    )


def run(_options: argparse.Namespace) -> int:
    """Print it."""
    say_json(config_schema())
    return FINE
