"""Real processes: small Python programs that answer, end, or refuse to."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from run_system.children import Child, ChildError, ChildPlan
from system_harness.ports import free_ports
from system_harness.processes import session_of

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()"

Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Child] = []

    def start_one(program: str, *arguments: str, ready_url: str = "") -> Child:
        plan = ChildPlan("one", (sys.executable, "-c", program, *arguments), {"GIVEN": "kept"}, ready_url)
        started.append(Child(plan, tmp_path / "log" / "one.log"))
        return started[-1]

    yield start_one
    for child in started:
        child.kill()


def test_a_child_is_ready_when_its_url_answers_and_gone_when_stopped(start: Start) -> None:
    [port] = free_ports(1)
    child = start(SERVER, str(port), "204", ready_url=f"http://127.0.0.1:{port}/")
    child.wait_ready(30)
    assert child.stop(10)
    assert not child.is_ready()


def test_a_proxy_in_the_environment_is_not_asked(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    start(SERVER, str(port), "204", ready_url=f"http://127.0.0.1:{port}/").wait_ready(30)


def test_an_error_answer_is_not_ready(start: Start) -> None:
    [port] = free_ports(1)
    child = start(SERVER, str(port), "503", ready_url=f"http://127.0.0.1:{port}/")
    with pytest.raises(ChildError, match="one was not ready within 1 s"):
        child.wait_ready(1)


def test_a_child_that_dies_before_it_is_ready_shows_its_last_lines(start: Start) -> None:
    child = start("print('first'); raise SystemExit('no database')", ready_url="http://127.0.0.1:1/")
    with pytest.raises(ChildError, match=r"(?s)one ended with status 1; .*one\.log:\n  first\n  no database"):
        child.wait_ready(30)


def test_only_the_end_of_a_long_log_is_shown(start: Start) -> None:
    child = start("print(*range(100), sep='\\n'); raise SystemExit(3)")
    with pytest.raises(ChildError) as raised:
        child.wait_end(30)
    assert str(raised.value).splitlines()[1:] == [f"  {number}" for number in range(85, 100)]


def test_a_child_killed_by_a_signal_is_told_apart_and_an_empty_log_is_said(start: Start) -> None:
    child = start("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(ChildError, match=r"(?s)one was killed by SIGKILL.*\(empty\)"):
        child.wait_end(30)


def test_a_preparation_that_ends_well_is_waited_for_with_its_environment(start: Start) -> None:
    child = start("import os; print(os.environ['GIVEN'], 'PATH' in os.environ)")
    child.wait_end(30)
    assert child.last_lines() == ["kept True"]


def test_a_preparation_that_takes_too_long_is_an_error(start: Start) -> None:
    with pytest.raises(ChildError, match="not done within 0 s"):
        start("import time; time.sleep(60)").wait_end(0.2)


def test_a_child_that_ignores_the_request_to_stop_is_killed(start: Start) -> None:
    child = start(STUBBORN)
    wait_for_line(child)
    assert not child.stop(0.3)
    assert child.process.returncode == -signal.SIGKILL


def test_whoever_is_in_a_hurry_does_not_wait(start: Start) -> None:
    child = start(STUBBORN)
    wait_for_line(child)
    began = time.monotonic()
    assert not child.stop(60, is_hurried=lambda: True)
    assert time.monotonic() - began < 30


def test_what_a_child_started_ends_with_it(start: Start) -> None:
    child = start(PARENT)
    while not session_of(child.process.pid) - {child.process.pid}:
        time.sleep(0.02)
    child.stop(10)
    while session_of(child.process.pid):  # killed, but perhaps not yet gone; the test's timeout is the assertion
        time.sleep(0.02)


def wait_for_line(child: Child) -> None:
    while not child.log.read_text():
        time.sleep(0.02)
