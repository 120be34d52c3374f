"""`invsys serve`."""

import socket

import httpx
import pytest

from invsys.cli.main import main
from invsys_harness import ServedInvsys
from servicekit.testing.databases import Databases


def test_it_refuses_a_database_without_schema(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.empty("sqlite"))
    assert main(["serve", "--port", "0"]) == 1
    assert capsys.readouterr().err == "invsys: the database has no schema yet: run `invsys migrate`\n"


def test_it_refuses_a_taken_port(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated("sqlite"))
    with socket.socket() as taken:
        # As granian itself binds: the option that would let two servers share one port unnoticed.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert capsys.readouterr().err == f"invsys: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_it_stops_politely_and_serves_the_same_data_again() -> None:
    with ServedInvsys() as served:
        made = httpx.post(f"{served.base_url}/api/cars", json={"name": "a"}).json()
        served.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(served.base_url)
        served.start()
        assert httpx.get(f"{served.base_url}/api/cars/{made['id']}").json() == made
