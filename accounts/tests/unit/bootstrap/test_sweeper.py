"""The sweeper."""

import logging

import pytest

from accounts.bootstrap import sweeper
from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services


def test_a_database_that_is_gone_is_left_for_the_next_round(caplog: pytest.LogCaptureFixture) -> None:
    services = build_services(Settings(database_url="postgresql://127.0.0.1:1/none"))
    logging.getLogger("accounts").propagate = True  # an application made earlier may have taken it
    with caplog.at_level(logging.WARNING):
        sweeper.sweep(services)
    assert "skips a round" in caplog.text
    services.close()


def test_it_can_be_stopped(services: Services) -> None:
    sweeper.sweep(services)
    sweeper.start(services).set()
