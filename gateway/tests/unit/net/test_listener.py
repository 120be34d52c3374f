import contextlib
import errno
import socket

import pytest

from moongate.core import limits
from moongate.net.listener import address_of, bind, bind_group, bound_unsent


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_bound_socket_listens_and_says_where(host: str) -> None:
    with bind(host, 0) as sock:
        assert address_of(sock)[0] == host
        assert address_of(sock)[1] > 0
        assert not sock.getblocking()
        with socket.create_connection(address_of(sock), timeout=5):
            pass


def test_a_taken_port_is_known_at_once() -> None:
    with bind("127.0.0.1", 0) as sock, pytest.raises(OSError) as raised:
        bind("127.0.0.1", address_of(sock)[1])
    assert raised.value.errno == errno.EADDRINUSE


def test_an_address_of_another_machine() -> None:
    with pytest.raises(OSError) as raised:
        bind("192.0.2.1", 0)
    assert raised.value.errno == errno.EADDRNOTAVAIL
    assert raised.value.filename == "192.0.2.1:0"


def test_all_ipv6_addresses_leave_ipv4_to_others() -> None:
    for _ in range(20):  # another program may hold the port of the one that was chosen
        with bind("::", 0) as sock:
            try:
                bind("0.0.0.0", address_of(sock)[1]).close()
            except OSError:
                continue
            return
    pytest.fail("no port was free for both")


def test_a_port_whose_connections_linger_can_be_taken_again() -> None:
    with bind("127.0.0.1", 0) as sock:
        address = address_of(sock)
        client = socket.create_connection(address, timeout=5)
        sock.setblocking(True)
        accepted, _ = sock.accept()
        accepted.close()  # this side closes first, and so stays in TIME_WAIT
        client.close()
    bind(*address).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_group_shares_one_port_and_each_of_it_is_given_connections(host: str) -> None:
    group = bind_group(host, 0, 3)
    [address] = {address_of(sock) for sock in group}
    clients = [socket.create_connection(address, timeout=5) for _ in range(100)]
    for sock in group:
        sock.accept()[0].close()
    for each in (*clients, *group):
        each.close()


@pytest.mark.parametrize("count", [1, 2])
def test_a_group_takes_no_port_that_another_group_has(count: int) -> None:
    group = bind_group("127.0.0.1", 0, 2)
    port = address_of(group[0])[1]
    with pytest.raises(OSError) as raised:
        bind_group("127.0.0.1", port, count)
    assert (raised.value.errno, raised.value.filename) == (errno.EADDRINUSE, f"127.0.0.1:{port}")
    for sock in group:
        sock.close()
    for sock in bind_group("127.0.0.1", port, 2):
        sock.close()


def test_the_queue_of_one_is_not_lost_while_nobody_accepts_from_it() -> None:
    """A worker that died leaves its socket to its successor: a duplicate that is closed takes nobody along."""
    group = bind_group("127.0.0.1", 0, 2)
    clients = [socket.create_connection(address_of(group[0]), timeout=5) for _ in range(20)]
    for sock in group:
        sock.dup().close()
    served = 0
    for sock in group:
        while True:
            try:
                sock.accept()[0].close()
            except BlockingIOError:
                break
            served += 1
    assert served == 20
    for each in (*clients, *group):
        each.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="the kernel has no such bound")
def test_the_kernel_keeps_little_for_a_client_that_does_not_read() -> None:
    with bind("127.0.0.1", 0) as sock:
        bound_unsent(sock)
        with socket.create_connection(address_of(sock), timeout=5) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(True)
            accepted, _ = sock.accept()
            with accepted:
                accepted.setblocking(False)
                kept = 0
                with contextlib.suppress(BlockingIOError):
                    while True:
                        kept += accepted.send(bytes(4096))
    assert kept < limits.UNSENT_BYTES + 256 * 1024, "beside it what is on its way, and in the client's own kernel"
