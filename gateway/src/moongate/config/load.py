"""Text in, `Config` out, or every problem there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from moongate.config.document import MAX_CONFIG_BYTES, Document
from moongate.config.model import HOST_JUDGE, PATH_JUDGE, Config
from moongate.config.problem import ConfigInvalid, Finding, Problem
from moongate.config.references import reference_problems
from moongate.config.wording import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Judges = Mapping[str, Callable[[str], object]]

__all__ = ["HOST_JUDGE", "MAX_CONFIG_BYTES", "PATH_JUDGE", "for_target", "parse"]


def parse(text: bytes | str, source: str, judges: Judges | None = None) -> Config:
    """The config in ``text``; ``source`` names it in problems. Raise `ConfigInvalid` with all of them.

    ``judges`` raise ValueError for a path (`PATH_JUDGE`) or host (`HOST_JUDGE`) that is no pattern; they come from
    the room that knows patterns, so that their problems stand beside all others.
    """
    document = Document(text, source)
    problems = list(document.flaws)
    if document.data is None:
        raise ConfigInvalid(
            [*problems, document.problem((), "the config is empty: `moongate init` writes one to start from")]
        )
    if not isinstance(document.data, dict):
        raise ConfigInvalid([*problems, document.problem((), "a config is a mapping that starts with `version: 1`")])
    config: Config | None = None
    found: list[Finding] = []
    try:
        config = Config.model_validate(document.data, context=judges)
    except ValidationError as error:
        found += findings(error)
    found += reference_problems(document.data)
    problems += [document.problem(each.loc, each.message, of_key=each.of_key) for each in found]
    if problems or config is None:
        raise ConfigInvalid(problems)
    return config.read_from(document)


def for_target(url: str, bind: str | None = None) -> Config:
    """The config of ``moongate run --to URL``: one service, one route that takes everything."""
    data: dict[str, Any] = {
        "version": 1,
        "services": {"target": {"targets": [url]}},
        "routes": [{"name": "everything", "match": {"path": "/**"}, "service": "target"}],
    }
    if bind is not None:
        data["listeners"] = [{"bind": bind}]
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise ConfigInvalid(
            Problem("--bind" if found.loc[0] == "listeners" else "--to", 0, 0, found.message)
            for found in findings(error)
        ) from None
