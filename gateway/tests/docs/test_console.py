"""What the documents show is what the commands print: each is run again, in a copy of docs/examples.

``GOLDEN=write pytest gateway/tests/docs`` writes what they print now; read the diff before committing it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from gateway_harness.granted import fill_replica
from moongate.cli.main import main

DOCS = Path(__file__).parents[3] / "docs"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```(\w+) file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in DOCS.glob("*.md") if CONSOLE.search(page.read_text()) or FILE.search(page.read_text()))


def shown(commands: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    """The commands, each with what it prints to either stream, as a terminal shows it."""
    parts = []
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "moongate"
        capfd.readouterr()
        status = main(arguments)
        out, err = capfd.readouterr()
        parts.append(f"$ {command}\n{err}{out}" + (f"[exit status {status}]\n" if status else ""))
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "examples"
    shutil.copytree(DOCS / "examples", folder)
    fill_replica(folder)  # what a gateway with access.yaml would have heard of accounts
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    text = page.read_text()

    def rerun(block: re.Match[str]) -> str:
        commands = [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]
        return f"```console\n{shown(commands, capfd)}```"

    now = CONSOLE.sub(rerun, text)
    now = FILE.sub(lambda block: f"```{block[1]} file={block[2]}\n{(folder / block[2]).read_text()}```", now)
    if os.environ.get("GOLDEN") == "write":
        page.write_text(now)
        return
    assert text == now, f"{page.name}: read the difference; GOLDEN=write accepts it"


def test_there_are_pages() -> None:
    assert {"commands", "config"} <= {page.stem for page in PAGES}
