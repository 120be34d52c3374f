"""The import rules are configuration, so breaches are planted in a copy of the sources and the linter is run on it."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MEMBERS = ("servicekit/src", "gateway/src", "invsys/src", "accounts/src")
LINT_IMPORTS = Path(sysconfig.get_path("scripts")) / "lint-imports"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in MEMBERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(repository: Path) -> subprocess.CompletedProcess[str]:
    sources = os.pathsep.join(f"{repository}/{name}" for name in MEMBERS)
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": sources, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_sources_as_they_are_keep_every_contract(repository: Path) -> None:
    result = lint(repository)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("planted", "statement", "said"),
    [
        ("gateway/src/moongate/core/planted.py", "import moongate.net", "moongate.core.planted -> moongate.net"),
        ("gateway/src/moongate/core/planted.py", "import asyncio", "moongate.core.planted -> asyncio"),
        ("gateway/src/moongate/config/planted.py", "import socket", "moongate.config.planted -> socket"),
        ("gateway/src/moongate/protocol/planted.py", "import moongate.config", "moongate.protocol.planted"),
        ("gateway/src/moongate/core/planted.py", "import invsys", "moongate.core.planted -> invsys"),
        ("invsys/src/invsys/domain/planted.py", "import invsys.web", "invsys.domain.planted -> invsys.web"),
        ("invsys/src/invsys/domain/planted.py", "import servicekit.core", "invsys.domain.planted -> servicekit.core"),
        ("servicekit/src/servicekit/core/planted.py", "import invsys", "servicekit.core.planted -> invsys"),
        ("gateway/src/moongate/core/planted.py", "import servicekit", "moongate.core.planted -> servicekit"),
        ("gateway/src/moongate/attic/__init__.py", "", "moongate.attic"),
    ],
    ids=[
        "core to net",
        "core to asyncio",
        "config to socket",
        "siblings",
        "deployables",
        "domain to web",
        "domain to kit",
        "kit to service",
        "gateway to kit",
        "new room",
    ],
)
def test_a_planted_breach_is_named(repository: Path, planted: str, statement: str, said: str) -> None:
    path = repository / planted
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{statement}\n")
    result = lint(repository)
    assert result.returncode == 1, result.stderr
    assert said in result.stdout
