"""A value that a config takes from a secret file or the environment is in no output of any command, right or wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-5e1f0c"
CONFIG = """\
version: 1
services: {{a: {{targets: [http://127.0.0.1:9]}}}}
routes:
  - name: keyed
    match: {{path: /a, headers: {{X-Key: '${{file:key}}'}}, query: {{token: '${{CANARY}}'}}}}
    service: a
    filters:
      - forward_auth: {{service: a, path: '/v?k=${{CANARY}}'}}
      - authorize: {{opa: {{service: a, path: '/v?k=${{CANARY}}'}}}}
      - authenticate:
          - introspection:
              {{service: a, path: '/i?${{CANARY}}', client_id: '${{CANARY}}', client_secret: '${{file:key}}'}}
  - {{name: rest, match: {{path: {rest}}}, service: a}}
"""
CASES = "cases: [{request: GET /a, expect: {route: keyed}}, {request: GET /, expect: {route: rest}}]\n"
COMMANDS = [
    ["check", "gateway.yaml"],
    ["routes", "gateway.yaml"],
    ["explain", "GET", "/a?token=x", "-H", "X-Key: y", "--all", "--config", "gateway.yaml"],
    ["diff", "gateway.yaml", "other.yaml"],
    ["diff", "other.yaml", "gateway.yaml"],
    ["test", "gateway_test.yaml"],
]
WRONG = {
    "as-a-url": ("http://127.0.0.1:9", "'${file:key}'"),
    "as-a-path": ("/rest", "'${file:key}'"),
    "as-a-service": ("service: a", "service: '${CANARY}'"),
    "as-a-number": ("version: 1", "version: ${CANARY}"),
    "as-a-method": ("path: /a,", "path: /a, methods: ['${CANARY}'],"),
    "as-a-header": ("'${file:key}'", '" ${file:key}\\n"'),
    "as-a-name": ("name: rest", "name: '${CANARY} '"),
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text(CANARY + "\n")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "gateway.yaml").write_text(CONFIG.format(rest="/rest"))
    (tmp_path / "other.yaml").write_text(CONFIG.format(rest="/**").replace("X-Key", "X-Other"))
    (tmp_path / "gateway_test.yaml").write_text(CASES)
    return tmp_path


def output_of(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "moongate", *arguments],
        cwd=directory,
        env={**os.environ, "CANARY": CANARY},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0] + "-" + command[1])
def test_commands_on_a_right_config(directory: Path, command: list[str]) -> None:
    for arguments in (command, [*command, "--json"]):
        output = output_of(directory, *arguments)
        assert output
        assert CANARY not in output


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_messages_about_a_wrong_config(directory: Path, wrong: tuple[str, str]) -> None:
    path = directory / "gateway.yaml"
    path.write_text(path.read_text().replace(*wrong))
    for command in (["check"], ["check", "--json"], ["run", "--bind", "127.0.0.1:0"]):
        output = output_of(directory, *command)
        assert "gateway.yaml" in output
        assert CANARY not in output
