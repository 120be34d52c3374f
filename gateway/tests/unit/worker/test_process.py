"""A worker process without control: what it does when the other end of its channel is not what it should be."""

import socket
import subprocess
import sys

import msgspec

from moongate.worker.messages import Birth, Drain, Prepare, Started


def born(theirs: socket.socket) -> subprocess.Popen[bytes]:
    birth = msgspec.json.encode(Birth(theirs.fileno())).decode()
    command = (sys.executable, "-P", "-m", "moongate.worker", birth)
    return subprocess.Popen(command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE)


def frame(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + b"\0" + body


def test_it_ends_with_control_at_once_where_nothing_runs() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = born(theirs)
    with ours:
        ours.settimeout(20)
        assert ours.recv(100) == frame(Started())
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, b"")


def test_it_ends_before_it_served_anything() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = born(theirs)
    with ours:
        ours.sendall(frame(Drain()))
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, b"")


def test_what_is_no_snapshot_silences_it_so_that_control_replaces_it() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = born(theirs)
    with ours:
        ours.settimeout(20)
        assert ours.recv(100) == frame(Started())
        ours.sendall(frame(Prepare(1, b"nonsense")))
        ours.settimeout(0.5)
        try:
            assert ours.recv(100) == b"", "no answer"
        except TimeoutError:
            pass
        assert process.poll() is None
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert b"UnpicklingError" in errors
