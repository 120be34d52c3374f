"""What is deployed with: linted, consistent with each other, and no more open than it says."""

from __future__ import annotations

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
    assert len(DOCKERFILES) >= 2
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


def test_the_config_in_the_composition_is_right_and_names_its_services() -> None:
    config = DEPLOY / "gateway.yaml"
    command = (sys.executable, "-m", "moongate", "check", str(config))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    hosts = re.findall(r"http://([a-z]+):(\d+)", config.read_text())
    for host, port in hosts:
        dockerfile = DEPLOY / COMPOSE["services"][host]["build"]["context"] / host / "Dockerfile"
        assert f"EXPOSE {port}" in dockerfile.read_text()


def test_the_unit_is_one(tmp_path: Path) -> None:
    systemd_analyze = tool("systemd-analyze")
    program = Path(sys.executable).parent / "moongate"
    for name in ("moongate.service", "moongate.socket"):
        text = (DEPLOY / name).read_text().replace("/opt/moongate/bin/moongate", str(program))
        (tmp_path / name).write_text(text)
    units = (str(tmp_path / "moongate.service"), str(tmp_path / "moongate.socket"))
    done = subprocess.run((systemd_analyze, "verify", *units), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
