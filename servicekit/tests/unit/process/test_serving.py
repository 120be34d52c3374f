"""The server. That it serves and stops is shown by the services, as real processes."""

import socket

import pytest

from servicekit.core.errors import CannotListenError
from servicekit.process.serving import ServePlan, free_port, serve


def test_a_taken_port_is_refused_even_to_who_would_share_it() -> None:
    with socket.socket() as taken:
        # As granian itself binds: the option that would let two servers share one port unnoticed.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            serve(ServePlan("notes", "nowhere:nothing", "127.0.0.1", port, 1))


def test_a_free_port_is_found() -> None:
    assert free_port("127.0.0.1", 0) > 0
    with pytest.raises(OverflowError):
        free_port("127.0.0.1", 65536)
