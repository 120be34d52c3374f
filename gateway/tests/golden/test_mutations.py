"""Configs with typing mistakes: each is read, or refused with problems that have a place; never anything else."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_harness.golden import split_golden
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.lint import lint
from moongate.config import ConfigInvalid, Environment, parse

HERE = Path(__file__).parent
TEXTS = {path: split_golden(path)[0].decode() for path in sorted((HERE / "right").iterdir())}
ENVIRONMENT = Environment({"X": "x"}.get, lambda _source, _path: "hunter2")
PIECES = [
    *"{}[]:,-#&*!|>'\"%@`\n\t ~=.$",
    "${X}",
    "${file:k}",
    "${",
    "<<: ",
    "null",
    "true",
    "1e999",
    "\u0000",
    "é",
    "- ",
    "&a ",
    "*a ",
    ": {",
    "[[",
]


def mutated(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 4)):
        at, size = random.randrange(len(text) + 1), random.choice([0, 0, 1, 2, 5, 20])
        lines = text.split("\n")
        kind = random.randrange(4)
        if kind == 0:
            text = text[:at] + random.choice(PIECES) + text[at + size :]
        elif kind == 1:
            text = text[:at] + text[at + size :]
        elif kind == 2:
            one, other = random.randrange(len(lines)), random.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            text = "\n".join(lines)
        else:
            lines.insert(random.randrange(len(lines)), random.choice(lines))
            text = "\n".join(lines)
    return text


def run(text: str, name: str) -> None:
    try:
        config = parse(text, name, JUDGES, ENVIRONMENT)
        problems = lint(config, compile_config(config, 1))
    except ConfigInvalid as invalid:
        problems = list(invalid.problems)
        assert problems
    for problem in problems:
        assert problem.source == name
        assert 1 <= problem.line <= text.count("\n") + 2, problem
        assert problem.col >= 1
        assert problem.message
        assert "hunter2" not in str(problem)


@pytest.mark.parametrize("suffix", [".yaml", ".toml"])
@settings(max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_mutations(suffix: str, seed: int) -> None:
    random = Random(seed)
    path = random.choice([path for path in TEXTS if path.suffix == suffix])
    run(mutated(TEXTS[path], random), f"f{suffix}")
