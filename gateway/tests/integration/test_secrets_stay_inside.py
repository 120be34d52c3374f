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
HIDDEN = "canary5e1f0c"  # the same, where a hash or a key in base64 has to be
USERS = f"ada:$2b$04${HIDDEN.ljust(53, 'a')}\n"
KEY = HIDDEN.ljust(44, "A") + "\n"
CONFIG = """\
version: 1
services: {{a: {{targets: [http://127.0.0.1:9]}}}}
tokens: {{session_secrets: ['${{CANARY}}-and-twenty-characters-more']}}
filters:
  people:
    authenticate: [{{oidc: {{issuer: https://id.example.com, client_id: app, client_secret: '${{file:key}}'}}}}]
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
          - basic: {{users: '${{file:users}}'}}
          - hmac: {{keys: {{k1: {{client: c, secret: '${{file:hmac}}'}}}}}}
  - {{name: rest, match: {{path: {rest}}}, service: a, filters: [people]}}
"""
CASES = "cases: [{request: GET /a, expect: {route: keyed}}, {request: GET /, expect: {route: rest}}]\n"
COMMANDS = [
    ["check", "gateway.yaml"],
    ["routes", "gateway.yaml"],
    ["explain", "GET", "/a?token=x", "-H", "X-Key: y", "--all", "--config", "gateway.yaml"],
    ["diff", "gateway.yaml", "other.yaml"],
    ["diff", "other.yaml", "gateway.yaml"],
    ["explain", "GET", "http://localhost/", "-H", "Accept: text/html", "--config", "gateway.yaml"],
    ["test", "gateway_test.yaml"],
]
WRONG = {
    "as-a-url": ("http://127.0.0.1:9", "'${file:key}'"),
    "as-a-path": ("/rest", "'${file:key}'"),
    "as-a-service": ("service: a", "service: '${CANARY}'"),
    "as-a-number": ("version: 1", "version: ${CANARY}"),
    "as-a-method": ("path: /a,", "path: /a, methods: ['${CANARY}'],"),
    "as-a-header": ("'${file:key}'", '" ${file:key}\\n"'),
    "as-users": ("'${file:users}'", "'ada:${CANARY}'"),
    "as-a-key": ("'${file:hmac}'", "'${CANARY}'"),
    "as-a-client": ("client_id: app", "client_id: '${CANARY} '"),
    "as-a-callback": ("client_id: app", "client_id: app, callback: '${file:key}'"),
    "as-a-session": ("client_id: app", "client_id: app, session: '${file:key}'"),
    "as-a-client-secret": ("'${file:key}'}}]", "'${file:key} and more'}}]"),
    "as-a-session-secret": ("-and-twenty-characters-more", ""),
    "as-a-name": ("name: rest", "name: '${CANARY} '"),
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, text in (("key", CANARY + "\n"), ("users", USERS), ("hmac", KEY)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
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
        assert HIDDEN not in output


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_messages_about_a_wrong_config(directory: Path, wrong: tuple[str, str]) -> None:
    path = directory / "gateway.yaml"
    path.write_text(path.read_text().replace(*wrong))
    for command in (["check"], ["check", "--json"], ["run", "--bind", "127.0.0.1:0"]):
        output = output_of(directory, *command)
        assert "gateway.yaml" in output
        assert CANARY not in output
        assert HIDDEN not in output
