from collections.abc import Sequence

from moongate.config import Problem
from moongate.control.journal import Journal


class Noting:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def complain_of(self, problems: Sequence[Problem]) -> None:
        self.lines.append(f"{len(problems)} of a file")

    def start_failure(self, error: OSError) -> str:
        return f"no {error.filename}"


def test_each_line_carries_the_generation_once_there_is_one() -> None:
    console = Noting()
    journal = Journal(console)
    journal.say("no worker started")
    journal.generation = 3
    journal.say("worker 1 was killed")
    journal.complain_of([Problem("moongate", 0, 0, "no such certificate"), Problem("f.yaml", 1, 1, "no")])
    journal.complain_of([Problem("moongate", 0, 0, "again")])
    assert console.lines == [
        "moongate: no worker started",
        "moongate (generation 3): worker 1 was killed",
        "moongate (generation 3): no such certificate",
        "1 of a file",
        "moongate (generation 3): again",
    ]
    assert journal.start_failure(OSError(1, "x", "a:1")) == "no a:1"
