"""`moongate run` as a real process: it listens only on a config that is right, and says so."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from moongate.cli.main import main
from moongate.cli.run import Terminal
from moongate.control.sockets import OwnPort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LISTENING = re.compile(r"moongate: listening on (http://127\.0\.0\.1:\d+) ")


class Echo(BaseHTTPRequestHandler):
    """Answers with the path that arrived."""

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its first line on stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moongate", "run", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        yield process, process.stderr.readline()
    finally:
        process.kill()
        process.communicate()


def test_serves_until_told_to_stop(origin: str) -> None:
    with running("--to", origin, "--bind", "127.0.0.1:0") as (process, line):
        announced = re.fullmatch(
            r"moongate: listening on (http://127\.0\.0\.1:\d+) \(1 listener, 1 route, 1 service, generation 1\)\n", line
        )
        assert announced, line
        with urllib.request.urlopen(announced[1] + "/a?b=c", timeout=10) as answer:
            assert (answer.status, answer.read()) == (200, b"/a?b=c")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == ""
    assert [json.loads(line)["path"] for line in out.splitlines()] == ["/a"]


def test_a_taken_port_is_one_line(origin: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        with running("--to", origin, "--bind", bind) as (process, line):
            out, rest = process.communicate(timeout=20)
    assert line == (
        f"moongate: cannot listen on {bind}: the port is taken by another program; "
        "choose another with --bind HOST:PORT or `listeners`\n"
    )
    assert (out, rest, process.returncode) == ("", "", 1)


def test_a_port_of_ones_own_is_told_so() -> None:
    failed = OwnPort(errno.EADDRINUSE, "Address already in use", "0.0.0.0:8080")
    failed.own = "127.0.0.1:8080"
    assert Terminal().start_failure(failed) == (
        "cannot listen on 0.0.0.0:8080: this gateway itself listens on 127.0.0.1:8080; a reload can not exchange one "
        "for the other, a restart can"
    )


def test_an_address_of_another_machine_is_one_line(origin: str) -> None:
    with running("--to", origin, "--bind", "192.0.2.1:8080") as (process, line):
        out, rest = process.communicate(timeout=20)
    assert line == (
        "moongate: cannot listen on 192.0.2.1:8080: this machine has no such address; 0.0.0.0 is every address it has\n"
    )
    assert (out, rest, process.returncode) == ("", "", 1)


def test_a_wrong_config_never_listens(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path.write_text(f"version: 1\nlisteners: [{{bind: 127.0.0.1:{port}}}]\nservices: {{}}\nroutes: []\n")
    done = subprocess.run(
        [sys.executable, "-m", "moongate", "run", str(path)], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 1
    assert "`routes` is empty" in done.stderr
    assert "listening" not in done.stderr


def test_a_config_and_a_url_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "gateway.yaml", "--to", "http://127.0.0.1:8000"]) == 2
    assert capsys.readouterr().err == "moongate run: give a CONFIG or --to URL, not both\n"


def test_workers_are_announced_with_what_they_may_use(origin: str, tmp_path: Path) -> None:
    with running("--to", origin, "--bind", "127.0.0.1:0", "--workers", "3") as (process, line):
        assert process.stderr is not None
        more = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert line.endswith("(1 listener, 1 route, 1 service, generation 1)\n")
    where = "one on each of the CPUs 0, 1, 2" if len(os.sched_getaffinity(0)) == 3 else "on any CPU"
    assert re.fullmatch(
        rf"moongate: 3 workers, {where}, with at most \d+ open files and \d+ connections each\n", more
    ), more


def test_one_worker_on_one_cpu_is_told_so(origin: str) -> None:
    cpu = min(os.sched_getaffinity(0))
    command = ("taskset", "--cpu-list", str(cpu), sys.executable, "-m", "moongate", "run", "--to", origin)
    with subprocess.Popen(
        [*command, "--bind", "127.0.0.1:0", "--workers", "1"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        assert process.stderr.readline().startswith(f"moongate: 1 worker, on CPU {cpu}, ")
        process.terminate()
        assert process.wait(20) == 0


def test_where_the_system_does_not_say_on_which_cpus_it_is_a_single_process(origin: str, tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text(f"version: 1\nservices: {{a: {{targets: [{origin}]}}}}\n")
    with config.open("a") as file:
        file.write("routes: [{name: a, match: {}, service: a}]\nadmin: off\ndrain: {notice: 0s}\n")
    program = f"""
import os, sys
del os.sched_getaffinity
from moongate.cli.main import main
from moongate.cli.run import Terminal
from moongate.control.sockets import OwnPort
sys.exit(main(["run", {str(config)!r}, "--bind", "127.0.0.1:0"]))
"""
    command = (sys.executable, "-c", program)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = LISTENING.match(line)
        assert found, line
        with urllib.request.urlopen(f"{found[1]}/hello", timeout=10) as answer:
            assert answer.read() == b"/hello"
        process.terminate()
        assert process.communicate(timeout=20)[1] == ""
        assert process.returncode == 0


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "", "99999", "\u0662"])
def test_a_number_of_workers_that_is_none(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["run", "--to", "http://127.0.0.1:1", f"--workers={number}"])
    assert raised.value.code == 2
    assert "is no number of processes from 0 to 1024" in capsys.readouterr().err
