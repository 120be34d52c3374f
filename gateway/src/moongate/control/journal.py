"""What happens in the control process, told to people: each line with the generation that is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.config import Problem


class Console(Protocol):
    """How people are told."""

    def say(self, text: str) -> None: ...
    def complain_of(self, problems: Sequence[Problem]) -> None: ...
    def start_failure(self, error: OSError) -> str:
        """Why an address can not be bound, in words."""


class Journal:
    """Lines as ``moongate (generation 3): worker 1 (pid 4711) was killed by SIGKILL``; ``generation`` is 0 before
    anything is served, and not told then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.generation = 0

    def say(self, event: str) -> None:
        """One line."""
        where = f" (generation {self.generation})" if self.generation else ""
        self._console.say(f"moongate{where}: {event}")

    def complain_of(self, problems: Sequence[Problem]) -> None:
        """Every problem; those that stand in a file with their line."""
        for problem in problems:
            if not problem.line and problem.source == "moongate":
                self.say(problem.message)
        written = [problem for problem in problems if problem.line or problem.source != "moongate"]
        if written:
            self._console.complain_of(written)

    def start_failure(self, error: OSError) -> str:
        """Why an address can not be bound, in words."""
        return self._console.start_failure(error)
