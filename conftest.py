"""Loaded before any test: what the suites of the workspace share.

pytest names a test module by its path from here, so `invsys/tests/...` would come to life below an empty package named
`invsys`; the real ones are imported first, and stay.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

import accounts as accounts
import invsys as invsys
import servicekit as servicekit
from servicekit.testing.databases import running_postgres

# How long an example takes says more of the machine, and of what else runs on it, than of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the services of the workspace; each makes databases of its own in it."""
    with running_postgres() as url:
        yield url
