"""A launcher in a process of its own, with two small children in place of the real ones."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from run_system.children import ChildError
from run_system.launcher import claim, port_problems
from system_harness.ports import free_ports

TOOLS = Path(__file__).resolve().parents[4] / "tools"
LAUNCH = """
import pathlib, sys
from run_system.children import ChildPlan
from run_system.launcher import launch
from run_system.plan import SystemPlan

port, other, first, second = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
def serve(name, number, program):
    command = (sys.executable, "-c", program, str(number))
    return ChildPlan(name, command, {"FRONT": str(port)}, f"http://127.0.0.1:{number}/")
plan = SystemPlan(
    url=f"http://127.0.0.1:{port}", logs=pathlib.Path("log"), key_file=pathlib.Path("demo.key"),
    ports={"PORT": port, "OTHER_PORT": other},
    preparations=(ChildPlan("prepare", (sys.executable, "-c", "print('prepared', file=open('demo.key', 'w'))"), {}),),
    children=(serve("service", other, first), serve("front", port, second)),
)
sys.exit(launch(plan, lambda line: print(line, flush=True)))
"""
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("pid", __import__("os").getpid(), flush=True)
server.serve_forever()
"""


class Launcher:
    def __init__(self, directory: Path, service: str = SERVER, front: str = SERVER) -> None:
        self.port, self.other = free_ports(2)
        self.directory = directory
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(self.port), str(self.other), service, front],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(TOOLS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout

    def read_until(self, text: str) -> str:
        read = ""
        while text not in read:
            line = self.output.readline()
            assert line, f"ended before it said {text!r}: {read}"
            read += line
        return read

    def end(self) -> tuple[int, str]:
        rest = self.output.read()
        self.output.close()
        return self.process.wait(30), rest

    def nobody_listens(self) -> bool:
        for port in (self.port, self.other):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return False
        return True


@pytest.fixture
def launchers() -> Iterator[list[Launcher]]:
    started: list[Launcher] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(30)
        one.output.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_in_reverse_order_with_status_0(
    tmp_path: Path, launchers: list[Launcher], number: signal.Signals
) -> None:
    launchers.append(one := Launcher(tmp_path))
    said = one.read_until("# 409")
    assert said.index("prepare: done") < said.index("service: ready") < said.index("front: ready")
    one.process.send_signal(number)
    status, rest = one.end()
    assert status == 0
    assert rest.index("front: stopped") < rest.index("service: stopped")
    assert "Traceback" not in rest
    assert one.nobody_listens()


def test_a_directory_that_another_uses_or_nobody_may_write_is_told_before_anything_is_started(
    tmp_path: Path, launchers: list[Launcher]
) -> None:
    launchers.append(one := Launcher(tmp_path))
    one.read_until("# 409")
    launchers.append(other := Launcher(tmp_path))
    assert other.end() == (1, "another `make run` uses .: stop it, or try `make run STATE=.-2`\n")
    one.process.terminate()
    assert one.end()[0] == 0
    with pytest.raises(ChildError, match=r"^/proc/none cannot be written to: .*: try `make run STATE=DIRECTORY`$"):
        claim(Path("/proc/none"))


def test_a_child_that_dies_takes_the_system_down_and_its_last_words_are_shown(
    tmp_path: Path, launchers: list[Launcher]
) -> None:
    launchers.append(one := Launcher(tmp_path))
    one.read_until("# 409")
    pid = int((tmp_path / "log" / "service.log").read_text().split()[1])
    os.kill(pid, signal.SIGKILL)
    status, rest = one.end()
    assert status == 1
    assert "service was killed by SIGKILL; the end of log/service.log:\n  pid" in rest
    assert "front: stopped" in rest
    assert "service: stopped" not in rest
    assert one.nobody_listens()


def test_a_child_that_dies_while_starting_stops_those_already_there(tmp_path: Path, launchers: list[Launcher]) -> None:
    launchers.append(one := Launcher(tmp_path, front="raise SystemExit('bad config')"))
    status, rest = one.end()
    assert status == 1
    assert "front ended with status 1" in rest
    assert "bad config" in rest
    assert "service: stopped" in rest
    assert one.nobody_listens()


def test_a_child_that_never_answers_can_be_interrupted(tmp_path: Path, launchers: list[Launcher]) -> None:
    launchers.append(one := Launcher(tmp_path, service="import time; time.sleep(60)"))
    one.read_until("service: starting")
    one.process.send_signal(signal.SIGINT)
    assert one.end()[0] == 0


def test_a_second_signal_does_not_wait_for_a_child_that_ignores_the_first(
    tmp_path: Path, launchers: list[Launcher]
) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER
    launchers.append(one := Launcher(tmp_path, front=deaf))
    one.read_until("# 409")
    began = time.monotonic()
    one.process.send_signal(signal.SIGINT)
    one.read_until("Stopping")  # the kernel merges two signals that are pending at once
    one.process.send_signal(signal.SIGINT)
    status, rest = one.end()
    assert (status, time.monotonic() - began < 9) == (0, True)
    assert "front: killed" in rest
    assert one.nobody_listens()


def test_a_taken_port_is_one_line_that_says_what_to_type_and_nothing_starts(
    tmp_path: Path, launchers: list[Launcher]
) -> None:
    launchers.append(one := Launcher(tmp_path))
    one.read_until("# 409")
    taken = subprocess.run(
        [sys.executable, "-c", LAUNCH, str(one.port), str(free_ports(1)[0]), SERVER, SERVER],
        cwd=tmp_path / "log",
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == 1
    assert taken.stdout.startswith(f"port {one.port} is taken: try `make run PORT=")
    assert taken.stdout.count("\n") == 1
    assert not (tmp_path / "log" / "log").exists()


def test_a_port_that_is_taken_while_others_start_is_told_as_well(tmp_path: Path, launchers: list[Launcher]) -> None:
    take = "import os, socket; taken = socket.create_server(('127.0.0.1', int(os.environ['FRONT'])))"
    both = SERVER.replace("server =", f"{take}\nserver =")
    launchers.append(one := Launcher(tmp_path, service=both))
    status, rest = one.end()
    assert status == 1
    assert f"port {one.port} is taken: try `make run PORT=" in rest
    assert "front: starting" not in rest
    assert "service: stopped" in rest
    assert one.nobody_listens()


def test_the_port_that_is_proposed_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        [problem] = port_problems({"PORT": held.getsockname()[1]})
        assert port_problems({"PORT": int(problem.rstrip("`").rpartition("=")[2])}) == []


def test_two_taken_ports_are_not_told_to_become_one() -> None:
    first, second = neighbours()
    with first, second:
        ports = {"PORT_INVSYS": first.getsockname()[1], "PORT_ACCOUNTS": second.getsockname()[1]}
        told = [int(problem.rstrip("`").rpartition("=")[2]) for problem in port_problems(ports)]
    assert len({*told, *ports.values()}) == 4


def neighbours() -> tuple[socket.socket, socket.socket]:
    """Two sockets on ports that follow each other."""
    while True:
        first, second = socket.socket(), socket.socket()
        first.bind(("127.0.0.1", 0))
        try:
            second.bind(("127.0.0.1", first.getsockname()[1] + 1))
        except OSError:
            first.close()
            second.close()
        else:
            return first, second


def test_two_settings_cannot_share_a_port() -> None:
    assert len(port_problems({"PORT": 9000, "PORT_INVSYS": 9000})) == 2
