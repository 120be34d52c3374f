"""Sockets from systemd and words to it; whole processes with both are in tests/integration/test_systemd.py."""

import os
import socket
from pathlib import Path

from moongate.control.activation import Given, Notifier, given_sockets, unserved_warning
from moongate.net.listener import bind


def test_only_what_was_handed_to_this_process_counts() -> None:
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a", "PATH": "/"}
    assert given_sockets(environ) == []
    assert environ == {"PATH": "/"}, "not for children"
    assert given_sockets({}) == []
    assert given_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "many"}) == []


def test_sockets_by_their_address_each_slot_with_its_own() -> None:
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    given = Given([sock])
    assert given.group("127.0.0.2", port, 1) is None
    group = given.group("127.0.0.1", port, 3)
    assert group is not None
    assert len({each.fileno() for each in group} - {sock.fileno()}) == 3
    assert {each.getsockname() for each in group} == {("127.0.0.1", port)}
    assert given.without_listener([("127.0.0.1", 1)]) == [("127.0.0.1", port)]
    assert given.without_listener([("127.0.0.1", port)]) == []
    for each in group:
        each.close()
    socket.create_connection(("127.0.0.1", port), timeout=5).close()  # still there for a later config
    given.close()
    assert sock.fileno() == -1


def test_a_socket_that_nobody_listens_to_is_told_how_to_be_heard() -> None:
    assert "no listener has `bind: 127.0.0.1:80`" in unserved_warning("127.0.0.1", 80)
    assert "bind: [::]:80" in unserved_warning("::", 80)


def test_what_is_said_to_systemd(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    for name, address in ((str(path), str(path)), (f"@moongate-{os.getpid()}", f"\0moongate-{os.getpid()}")):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            environ = {"NOTIFY_SOCKET": name}
            notifier = Notifier(environ)
            assert environ == {}
            notifier.ready("generation 1 is served")
            notifier.reloading()
            notifier.stopping()
            assert manager.recv(1000) == b"READY=1\nSTATUS=generation 1 is served"
            assert manager.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert manager.recv(1000).startswith(b"STOPPING=1\n")


def test_nobody_asked_or_nobody_hears() -> None:
    Notifier({}).ready("x")
    Notifier({"NOTIFY_SOCKET": "/no/such/socket"}).ready("x")
