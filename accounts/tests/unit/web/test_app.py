"""The application."""

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts.web.app import create_app


def test_several_applications_live_in_one_process(services: Services) -> None:
    for _ in range(2):
        assert create_app(services).test_client().get("/healthz").json == {"status": "ok"}


def test_everybody_may_ask_how_it_is(services: Services) -> None:
    stranger = create_app(services).test_client()
    assert [stranger.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3


def test_a_path_has_one_spelling(gateway: FlaskClient) -> None:
    for path in ("/internal//v1/snapshot", "/internal/v1//snapshot", "/internal/v1/snapshot/x"):
        assert gateway.get(path).status_code == 404
