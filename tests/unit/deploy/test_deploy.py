"""What is deployed with: linted, consistent with each other, and no more open than it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
DOCKERFILES = sorted(ROOT.glob("*/Dockerfile"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


def test_dockerfiles_are_linted() -> None:
    assert len(DOCKERFILES) == 3
    done = subprocess.run((tool("hadolint"), *DOCKERFILES), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_made_of_what_is_sent_to_the_builder_and_runs_as_nobody(path: Path) -> None:
    text = path.read_text()
    copied = [
        line.split()[1].rstrip("/") for line in text.splitlines() if line.startswith("COPY ") and "--" not in line
    ]
    sent = [line[1:].partition("/")[0] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"]
    assert copied
    assert set(copied) <= set(sent)
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
    assert text.count("\nFROM ") + text.startswith("FROM ") == 2, "what builds stays behind"
    assert "HEALTHCHECK" in text


def test_only_the_gateway_can_be_reached() -> None:
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in services["gateway"]["ports"])
    assert COMPOSE["networks"]["services"]["internal"]
    assert all(service["networks"] == ["services"] for name, service in services.items() if name != "gateway")
    for service in services.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_accounts_is_bootstrapped_once_and_its_gateway_config_is_right(tmp_path: Path) -> None:
    """What the containers run, with directories here in place of their volumes."""
    places = {"/data": "data", "/peppers": "peppers", "/gateway/": "gateway/", "/var/lib/moongate": "gateway"}

    def here(text: str) -> str:
        for there, name in places.items():
            text = text.replace(there, str(tmp_path / name) + "/" * there.endswith("/"))
        return text

    for name in places.values():
        (tmp_path / name).mkdir(exist_ok=True)
    dockerfile = (ROOT / "accounts" / "Dockerfile").read_text()
    variables = dict(re.findall(r"(ACCOUNTS_[A-Z_]+)=(\S+)", dockerfile))
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **{name: here(value) for name, value in variables.items()},
    }
    command = [here(part) for part in COMPOSE["services"]["accounts-bootstrap"]["entrypoint"]]
    token = tmp_path / "gateway" / "gateway.token"
    kept = []
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
        kept.append((token.read_text(), token.stat().st_mode & 0o777))
    assert kept[0] == kept[1]
    assert kept[0][1] == 0o600
    config = tmp_path / "gateway.yaml"
    config.write_text(here((DEPLOY / "gateway.yaml").read_text()))
    check = (sys.executable, "-m", "moongate", "check", str(config))
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_config_in_the_composition_names_its_services() -> None:
    hosts = re.findall(r"http://([a-z]+):(\d+)", (DEPLOY / "gateway.yaml").read_text())
    assert {host for host, _ in hosts} == {"accounts", "invsys"}
    for host, port in hosts:
        service = COMPOSE["services"][host]
        assert f"EXPOSE {port}" in (DEPLOY / service["build"]["context"] / host / "Dockerfile").read_text()
        assert COMPOSE["services"]["gateway"]["depends_on"][host] == {"condition": "service_healthy"}
    assert f"{hosts[0][0]}:{hosts[0][1]}" in COMPOSE["services"]["accounts"]["environment"]["ACCOUNTS_ISSUER"]


def test_every_volume_is_mounted_where_its_image_has_a_place_for_it() -> None:
    for service in COMPOSE["services"].values():
        text = (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).read_text()
        [made] = re.findall(r"^RUN install -d -o 10001 -g 10001 (.*)$", text, re.MULTILINE)
        named = [volume.split(":") for volume in service["volumes"] if not volume.startswith(".")]
        assert {place for _, place in named} <= set(made.split())
        assert {name for name, _ in named} <= COMPOSE["volumes"].keys()


def test_under_systemd_there_is_a_place_for_what_a_config_keeps_beside_itself() -> None:
    """`replica` and the files of keys are relative to the working directory, and all else is read-only there."""
    lines = (DEPLOY / "moongate.service").read_text().splitlines()
    [state] = [line.partition("=")[2] for line in lines if line.startswith("StateDirectory=")]
    assert "ProtectSystem=strict" in lines
    assert f"WorkingDirectory=%S/{state}" in lines


def test_the_unit_is_one(tmp_path: Path) -> None:
    systemd_analyze = tool("systemd-analyze")
    program = Path(sys.executable).parent / "moongate"
    for name in ("moongate.service", "moongate.socket"):
        text = (DEPLOY / name).read_text().replace("/opt/moongate/bin/moongate", str(program))
        (tmp_path / name).write_text(text)
    units = (str(tmp_path / "moongate.service"), str(tmp_path / "moongate.socket"))
    done = subprocess.run((systemd_analyze, "verify", *units), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
