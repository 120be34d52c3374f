"""The control process as it is started: what cannot be served is told, and nothing is left behind."""

import subprocess
import sys
from pathlib import Path

from gateway_harness.gateway_process import OPERATED, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin
from moongate.net.listener import bind


def start(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "moongate", "run", str(path), "--workers", "2", *more)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_what_no_worker_can_serve_is_told_once_and_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(
        f"version: 1\nadmin: off\nlisteners: [{{bind: '127.0.0.1:0'}}]\naccess_log: {tmp_path}/no/log\n"
        + one_service("http://127.0.0.1:1")
    )
    done = start(path)
    assert done.stderr == f"moongate: cannot open the access log {tmp_path}/no/log: No such file or directory\n"
    assert done.returncode == 1


def test_a_port_that_another_gateway_has_is_taken(tmp_path: Path) -> None:
    with (
        ScriptedOrigin() as origin,
        running_gateway(tmp_path, one_service(origin.url), workers=2) as gateway,
    ):
        done = start(tmp_path / "gateway.yaml", "--bind", f"127.0.0.1:{gateway.port}")
    assert done.stderr == (
        f"moongate: cannot listen on 127.0.0.1:{gateway.port}: the port is taken by another program; "
        "choose another with --bind HOST:PORT or `listeners`\n"
    )
    assert done.returncode == 1


def test_an_admin_address_that_somebody_wrote_down_is_had_or_nothing_starts(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    with bind("127.0.0.1", 0) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        path.write_text(
            f"version: 1\nlisteners: [{{bind: '127.0.0.1:0'}}]\nadmin: {{bind: '{where}'}}\n"
            + one_service("http://127.0.0.1:1")
        )
        done = start(path)
    assert done.stderr == (
        f"moongate: cannot listen on {where}: the port is taken by another program; choose another with `admin`\n"
    )
    assert done.returncode == 1


def test_control_needs_neither_the_data_planes_loop_nor_its_parser(tmp_path: Path) -> None:
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), workers=1) as gateway:
        mapped = Path(f"/proc/{gateway.process.pid}/maps").read_text()
        assert "pydantic" in mapped
        assert "uvloop" not in mapped
        assert "httptools" not in mapped


def test_what_serves_operators_brings_no_loop_of_its_own(tmp_path: Path) -> None:
    with running_gateway(tmp_path, one_service("http://127.0.0.1:1"), workers=1, head=OPERATED) as gateway:
        assert gateway.admin("GET", "/readyz") == (200, {"status": "ready"})
        assert "uvloop" not in Path(f"/proc/{gateway.process.pid}/maps").read_text()
