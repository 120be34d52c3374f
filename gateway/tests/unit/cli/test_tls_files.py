"""`moongate check` opens the certificates, keys and CAs that a config names, as a start would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.certificates import Authority
from moongate.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

REST = "routes: [{name: a, match: {}, service: app}]\n"


def check(path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    path.write_text(f"version: 1\n{text}{REST}")
    status = main(["check", str(path)])
    said = capsys.readouterr()
    problems = [line for line in said.err.splitlines() if line.startswith(str(path))]
    assert (status, bool(problems)) in ((0, False), (1, True)), said
    return [line.removeprefix(str(path)) for line in problems]


def test_what_a_start_would_fail_by_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ca = Authority(tmp_path)
    good, other = ca.issue("a.example"), ca.issue("b.example")
    plain = "services: {app: {targets: ['http://127.0.0.1:1']}}\n"
    path = tmp_path / "gateway.yaml"

    def listener(tls: str) -> str:
        return f"listeners: [{{bind: '127.0.0.1:8443', tls: {{{tls}}}}}]\n{plain}"

    one = f"certificate: {good.certificate}, key: {good.key}"
    assert check(path, listener(one), capsys) == []
    assert check(path, listener(f"{one}, client_ca: {ca.pem}"), capsys) == []
    assert check(path, listener("certificate: no.pem, key: no.key"), capsys) == [
        ":2:43: no.pem: no such file in the working directory, or it can not be read [tls-files]"
    ]
    wrong = f"certificate: {good.certificate}, key: {other.key}"
    assert check(path, listener(f"certificates: [{{{one}}}, {{{wrong}}}]"), capsys) == [
        f":2:{59 + len(one) + 4}: {good.certificate} and {other.key}: key values mismatch [tls-files]"
    ]
    assert check(
        path, f"services: {{app: {{targets: ['https://127.0.0.1:1'], tls: {{ca: {good.key}}}}}}}\n", capsys
    ) == [f":2:57: {good.key}: no CA certificates can be read from it (no certificate or crl found) [tls-files]"]


def test_it_can_be_silenced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silence = "# moongate: allow tls-files because certbot writes them on the machine\n"
    listeners = "listeners: [{tls: {certificate: no.pem, key: no.key}}]\n"
    text = f"{silence}{listeners}services: {{app: {{targets: ['http://127.0.0.1:1']}}}}\n"
    assert check(tmp_path / "gateway.yaml", text, capsys) == []
    path = tmp_path / "gateway.yaml"
    key = tmp_path / "key"
    key.write_text("opensesame" * 4)
    key.chmod(0o604)
    text = "services: {app: {targets: ['http://127.0.0.1:1']}}\nadmin: {token: '${file:key}'}"
    assert check(path, text + "\n", capsys) == [f":3:17: {key}: everybody may read it: chmod o-r [secret-readable]"]
    assert check(path, text + " # moongate: allow secret-readable because it is a test\n", capsys) == []
