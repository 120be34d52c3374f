"""Somebody at the pages. They ask the use cases alone, which are tested on both engines, so one engine is enough."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.service.bootstrapping import Beginning
from accounts.web.app import create_app
from accounts_harness.person import Person


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def stranger(services: Services) -> Person:
    return Person(create_app(services).test_client())


@pytest.fixture
def person(stranger: Person, beginning: Beginning) -> Person:
    """Signed in as the first admin."""
    assert stranger.sign_in(token=beginning.admin_token).status_code == 303
    return stranger
