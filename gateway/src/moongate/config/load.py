"""Text in, `Config` out, or every problem there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from moongate.config.document import Document
from moongate.config.interpolation import EMPTY_ENVIRONMENT, Environment
from moongate.config.model import Config
from moongate.config.problem import ConfigInvalid, Finding, Problem
from moongate.config.references import reference_problems
from moongate.config.sources import Sources
from moongate.config.wording import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moongate.config.code_sources import CodeSources

    Judges = Mapping[str, Callable[[str], object]]

_EMPTY: Final = "the config is empty: `moongate init` writes one to start from"


def parse(
    text: bytes | str, source: str, judges: Judges | None = None, environment: Environment = EMPTY_ENVIRONMENT
) -> Config:
    """The config in ``text``; ``source`` names it in problems. Raise `ConfigInvalid` with all of them."""
    return parse_parts([(text, source)], judges, environment)


def parse_parts(
    parts: Sequence[tuple[bytes | str, str]], judges: Judges | None = None, environment: Environment = EMPTY_ENVIRONMENT
) -> Config:
    """The config that several texts make up: lists are joined in order, everything else stands in one of them.

    ``judges`` raise ValueError for a path (`PATH_JUDGE` of the model) or a host (`HOST_JUDGE`) that is no pattern; they
    come from the room that knows patterns, so that their problems stand beside all others.
    """
    sources = Sources(_documents(parts), environment)
    problems = sources.problems
    if sources.data is None:
        raise ConfigInvalid([*problems, sources.problem(Finding((), _EMPTY))])
    if not isinstance(sources.data, dict):
        raise ConfigInvalid(
            [*problems, sources.problem(Finding((), "a config is a mapping that starts with `version: 1`"))]
        )
    data, sources.data = sources.data, None
    return validated(data, sources, problems, judges)


def validated(data: Any, sources: Sources | CodeSources, problems: list[Problem], judges: Judges | None) -> Config:
    """The config in ``data``, which stands in ``sources``. Raise `ConfigInvalid` with its problems and ``problems``."""
    config: Config | None = None
    found: list[Finding] = []
    try:
        config = Config.model_validate(data, context=judges)
    except ValidationError as error:
        found += findings(error)
    found += reference_problems(data)
    told = {(each.source, each.line, each.col) for each in problems}
    # What is wrong with a value that could not even be read is no news.
    problems += [each for each in map(sources.problem, found) if (each.source, each.line, each.col) not in told]
    if problems or config is None:
        raise ConfigInvalid(problems)
    return config.read_from(sources)


def text_problems(parts: Sequence[tuple[bytes | str, str]]) -> list[Problem]:
    """What keeps each text from being read, for when the rest can not be judged because some part is missing."""
    problems: list[Problem] = []
    for text, source in parts:
        try:
            Document(text, source).read()
        except ConfigInvalid as invalid:
            problems += invalid.problems
    return problems


def _documents(parts: Sequence[tuple[bytes | str, str]]) -> list[Document]:
    """Every text that is one; raise `ConfigInvalid` with the problems of all that are none."""
    try:
        return [Document(text, source) for text, source in parts]
    except ConfigInvalid:
        raise ConfigInvalid(text_problems(parts)) from None


def for_target(url: str, bind: str | None = None) -> Config:
    """The config of ``moongate run --to URL``: one service, one route that takes everything. Nobody operates it, so it
    has no admin address and leaves without notice."""
    data: dict[str, Any] = {
        "version": 1,
        "admin": "off",
        "drain": {"notice": "0s"},
        "services": {"target": {"targets": [url]}},
        "routes": [{"name": "everything", "match": {"path": "/**"}, "service": "target", "upgrade": "websocket"}],
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
