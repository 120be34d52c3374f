import errno
import socket

import pytest

from moongate.compile import ListenerPlan
from moongate.control.sockets import OwnPort, Sockets, addresses, of_slot
from moongate.net.listener import bind

LOOPBACK, SIX = ListenerPlan("127.0.0.1", 0), ListenerPlan("::1", 0)


def refuses(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_every_slot_has_a_socket_for_every_listener() -> None:
    sockets = Sockets(3)
    bound = sockets.bind([LOOPBACK, SIX])
    where = addresses(bound)
    assert [host for host, _ in where] == ["127.0.0.1", "::1"]
    for slot in range(3):
        assert [sock.getsockname()[:2] for sock in of_slot(bound, slot)] == where
    assert len({id(sock) for slot in range(3) for sock in of_slot(bound, slot)}) == 6
    sockets.adopt(bound)
    sockets.close()
    assert all(refuses(address) for address in where)


def test_what_stays_is_the_same_socket_and_what_goes_is_closed() -> None:
    sockets = Sockets(2)
    before = sockets.bind([LOOPBACK, SIX])
    sockets.adopt(before)
    after = sockets.bind([SIX])
    assert of_slot(after, 1)[0] is of_slot(before, 1)[1]
    assert not refuses(addresses(before)[0]), "nothing is closed before it is adopted"
    sockets.adopt(after)
    assert refuses(addresses(after)[0]) is False
    assert of_slot(before, 0)[0].fileno() == -1
    sockets.close()


def test_a_refused_reload_closes_only_what_it_bound() -> None:
    sockets = Sockets(2)
    before = sockets.bind([LOOPBACK])
    sockets.adopt(before)
    refused = sockets.bind([LOOPBACK, SIX])
    new = addresses(refused)[1]
    sockets.discard(refused)
    assert refuses(new)
    assert not refuses(addresses(before)[0])
    sockets.close()


def test_a_port_of_ones_own_is_not_called_another_programs() -> None:
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    sockets = Sockets(1)
    sockets.adopt(sockets.bind([ListenerPlan("127.0.0.1", port)]))
    with pytest.raises(OwnPort) as raised:
        sockets.bind([ListenerPlan("0.0.0.0", port)])
    assert (raised.value.errno, raised.value.own) == (errno.EADDRINUSE, f"127.0.0.1:{port}")
    sockets.close()


def test_one_that_can_not_be_bound_takes_the_other_new_ones_along() -> None:
    sockets = Sockets(2)
    with bind("::1", 0) as taken:
        port = taken.getsockname()[1]
        free = bind("127.0.0.1", 0)
        first = ListenerPlan("127.0.0.1", free.getsockname()[1])
        free.close()
        with pytest.raises(OSError) as raised:
            sockets.bind([first, ListenerPlan("::1", port)])
    assert raised.value.filename == f"[::1]:{port}"
    assert refuses(("127.0.0.1", first.port))


def test_more_than_can_be_handed_over_are_refused_in_words() -> None:
    with pytest.raises(OSError) as raised:
        Sockets(1).bind([ListenerPlan("127.0.0.1", port) for port in range(1, 252)])
    assert raised.value.filename == "more than 250 addresses"
