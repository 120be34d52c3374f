"""Files of cases and the configs they are about, from disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from moongate.cli.files import CASES_SUFFIX, ConfigFiles, read_bytes
from moongate.compile.cases import Ground
from moongate.compile.compiler import compile_config
from moongate.compile.passage import pass_filters
from moongate.config import MAX_CONFIG_BYTES, ConfigInvalid, Problem
from moongate.config.cases import Cases, parse_cases
from moongate.filters import Tools
from moongate.proxy.preview import upstream_head
from moongate.stores.key_sets import KeySets
from moongate.stores.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.compile import Snapshot
    from moongate.compile.offline import Decision


class LoadedCases(NamedTuple):
    """A file of cases and the config it is about, compiled."""

    cases: Cases
    config_path: str
    snapshot: Snapshot

    @property
    def ground(self) -> Ground:
        """What they are run on: nobody is known but those whom cases name."""
        return Ground(self.snapshot, Tools(Replica(), KeySets()), self.write)

    def write(self, decision: Decision) -> bytes:
        """The head that a service would be sent: from a stranger's address, over plain HTTP. Raise ValueError where a
        filter lets it go no further."""
        head, route = decision.head, decision.route
        assert head is not None
        assert route is not None
        passage = decision.passage or pass_filters(route, head, Tools())
        if passage.answer is not None or not passage.is_decided:
            raise ValueError(f"filter {passage.steps[-1].kind} {passage.steps[-1].verdict}")
        return upstream_head(passage.exchange, head, route, self.snapshot.trusted_proxies)


def cases_files(paths: Sequence[str]) -> list[str]:
    """Every file of cases: those named, and those right in directories named (the working directory where none is)."""
    found: list[str] = []
    for path in paths or ["."]:
        try:
            inside = sorted(str(each) for each in Path(path).iterdir() if each.name.endswith(CASES_SUFFIX))
        except OSError:  # no directory, or none that can be looked into: reading it says why
            inside = [path]
        found += inside
    return found


def load_cases(path: str) -> LoadedCases:
    """The cases at ``path``. Raise `ConfigInvalid` with what is wrong with them, or with their config."""
    try:
        text = read_bytes(path, MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigInvalid([Problem(path, 0, 0, f"cannot be read: {error.strerror}")]) from None
    cases = parse_cases(text, path)
    config_path = str(Path(path).parent / cases.config.config)
    variables = {**os.environ, **cases.config.environment}
    config = ConfigFiles(variables).read(config_path)
    return LoadedCases(cases, config_path, compile_config(config, 1))
