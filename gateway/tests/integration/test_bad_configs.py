"""What is no config at all: each is told in a line, in bounded time and memory, and ends with status 1."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
# One process for all of them, with as much memory as a small container has: what grows without bound dies here.
CHECK_ALL = """
import resource, sys
from moongate.cli.main import main
resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))
for path in sys.argv[1:]:
    sys.stderr.write(f"# {main(['check', path])} {path}\\n")
"""


def laughs(line: str) -> str:
    return "version: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        line.format(c=c, all=", ".join([f"*{p}"] * 10)) for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bad")
    noise = random.Random(1)
    (root / "garbage").mkdir()
    (root / "garbage" / "a.yaml").write_bytes(b"\xff" + noise.randbytes(100_000))
    (root / "garbage" / "b.toml").write_bytes(b"\xff" + noise.randbytes(5000))
    (root / "garbage" / "c.yml").write_bytes(b"\x00\x01")
    (root / "garbage" / "d.yaml").mkdir()
    (root / "garbage" / "e.yaml").symlink_to("nowhere")
    os.mkfifo(root / "garbage" / "f.yaml")
    with (root / "huge.yaml").open("wb") as file:
        file.truncate(50 * MIB)
    texts = {
        "bomb.yaml": laughs("{c}: &{c} [{all}]\n"),
        "merge.yaml": laughs("{c}: &{c} {{<<: [{all}], {c}: 1}}\n").replace("[x, x, x, x, x, x, x, x, x, x]", "{x: 1}"),
        "recursive.yaml": "version: 1\nservices: &s {a: *s}\nroutes: []\n",
        "deep.yaml": "a: " + "[" * 100_000,
        "deep.toml": "a = " + "[" * 100_000,
        "long.yaml": f"version: 1\nservices: {{a: {{targets: ['{'a' * MIB}']}}}}\nroutes: []\n",
        "twice.yaml": "version: 1\n" + "x: 1\n" * 20_000,
        "many.yaml": "version: 1\nroutes:\n" + "  - {name: x}\n" * 500_000,
    }
    for name, text in texts.items():
        (root / name).write_text(text)
    return root


def test_each_is_told_in_bounded_time_and_memory(folder: Path) -> None:
    paths = sorted(str(path) for path in folder.iterdir())
    done = subprocess.run(
        (sys.executable, "-c", CHECK_ALL, *paths, "/dev/zero", "/proc/self/mem"),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stderr.splitlines()
    ended = [line for line in lines if line.startswith("# ")]
    assert len(ended) == len(paths) + 2
    assert all(line.startswith("# 1 ") for line in ended)
    assert max(map(len, lines)) < 1500
    said = done.stderr.replace(f"{folder}/", "")
    for line in (
        "garbage/a.yaml:1:1: not UTF-8: byte 0xFF; save the file as UTF-8",
        "garbage/b.toml:1:1: not UTF-8: byte 0xFF; save the file as UTF-8",
        "garbage/c.yml:1:1: not YAML: the character U+0000 is not allowed in it",
        "garbage/d.yaml: is no regular file",
        "garbage/e.yaml: is a link to nowhere, which is not there",
        "garbage/f.yaml: is no regular file",
        "huge.yaml: larger than 16 MiB, which no config is",
        "more than 1,000,000 values, aliases counted each time they are used",
        "recursive.yaml:2:18: alias *s stands inside the value it stands for",
        "deep.yaml:1:35: nested deeper than 32 levels",
        "deep.toml:1:1: nested too deeply",
        "twice.yaml:3:1: `x` stands twice here, first in line 2",
        "/dev/zero: is no regular file",
    ):
        assert line in said, line


def test_warnings_are_told_beside_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "secret").chmod(0o644)
    config = tmp_path / "gateway.yaml"
    config.write_text("version: 1\nservices: {a: {targets: ['${file:secret}']}}\nroutes: []\n")
    command = (sys.executable, "-m", "moongate", "check", str(config))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "everybody may read it: chmod o-r [secret-readable]" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
