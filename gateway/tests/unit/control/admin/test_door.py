"""The admin address on real sockets: had or not had, moved, and given up."""

import asyncio
import errno

import pytest
from starlette.applications import Starlette

from gateway_harness.controlling import Supervised, run, until
from gateway_harness.operating import http_ask
from moongate.compile import AdminPlan
from moongate.control.admin.door import AdminUnbound, Door
from moongate.net.listener import address_of, bind

ANY = AdminPlan("127.0.0.1", 0)


def port_of(door: Door) -> int:
    assert door._bound.sock is not None
    return address_of(door._bound.sock)[1]


def test_it_follows_the_plan() -> None:
    async def work() -> None:
        held = Supervised(1)
        door = Door(held.journal)
        door.adopt(door.bind(ANY))
        door.open(Starlette, held.tasks)
        first = port_of(door)
        assert (await asyncio.to_thread(http_ask, first, "GET", "/")).status == 404
        door.adopt(door.bind(AdminPlan("127.0.0.1", 0, token="a" * 16)))
        assert (port_of(door), door.token) == (first, "a" * 16), "the same address stays"
        with bind("127.0.0.1", 0) as free:
            second = address_of(free)[1]
        door.adopt(door.bind(AdminPlan("127.0.0.1", second)))
        assert (await asyncio.to_thread(http_ask, second, "GET", "/")).status == 404
        await until(lambda: is_closed(first), "the first one is given up")
        door.adopt(door.bind(None))
        await until(lambda: is_closed(second), "there is none")
        assert held.said == [f"moongate: admin on http://127.0.0.1:{port}" for port in (first, second)]
        await held.tasks.cancel()

    run(work())


def is_closed(port: int) -> bool:
    try:
        bind("127.0.0.1", port).close()
    except OSError:
        return False
    return True


def test_a_taken_address_is_a_failure_where_somebody_asked_for_it_and_else_a_warning() -> None:
    held = Supervised(1)
    door = Door(held.journal)
    with bind("127.0.0.1", 0) as taken:
        port = address_of(taken)[1]
        with pytest.raises(AdminUnbound) as raised:
            door.bind(AdminPlan("127.0.0.1", port, is_required=True))
        assert (raised.value.errno, raised.value.filename) == (errno.EADDRINUSE, f"127.0.0.1:{port}")
        door.adopt(door.bind(AdminPlan("127.0.0.1", port)))
    [line] = held.said
    assert line.startswith(f"moongate: warning: no admin address, 127.0.0.1:{port} can not be had")
    door.close()


def test_what_was_bound_for_nothing_is_let_go_and_what_is_served_is_not() -> None:
    door = Door(Supervised(1).journal)
    bound = door.bind(ANY)
    door.discard(bound)
    assert bound.sock is not None
    assert bound.sock.fileno() == -1
    door.adopt(door.bind(ANY))
    door.discard(door.bind(ANY))
    assert port_of(door)
    door.close()
