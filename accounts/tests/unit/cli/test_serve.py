"""`accounts serve`."""

from pathlib import Path

import httpx
import pytest

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run
from servicekit.testing.served import Served


def test_it_refuses_a_database_without_its_peppers(services: Services, run: Run) -> None:
    path = Path(services.settings.pepper_file)
    path.rename(path.with_name("elsewhere"))
    assert "cannot be read" in run("serve", "--port", "0", status=1)
    services.peppers.create()
    assert "restore its own file" in run("serve", "--port", "0", status=1)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_it_is_the_issuer_that_its_own_address_says(services: Services) -> None:
    """Also where the address comes from an option, and the port from the system."""
    environ = {"ACCOUNTS_PEPPER_FILE": services.settings.pepper_file}
    with Served("accounts", services.settings.database_url, environ) as served:
        told = httpx.get(f"{served.base_url}/.well-known/oauth-authorization-server").json()
    assert (told["issuer"], told["token_endpoint"]) == (served.base_url, f"{served.base_url}/oauth/token")
