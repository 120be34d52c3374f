"""Who is let in."""

import pytest
from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts.service.bootstrapping import Beginning
from accounts.web.app import create_app


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/internal/v1/snapshot"),
        ("GET", "/internal/v1/changes?after=x"),
        ("POST", "/internal/v1/ask"),
        ("DELETE", "/internal/v1/used"),
        ("GET", "/internal/v1/none"),
        ("GET", "/v1/clients"),
        ("PUT", "/v1/none"),
    ],
)
def test_strangers_are_refused_whatever_else_is_wrong(
    services: Services, beginning: Beginning, method: str, path: str
) -> None:
    client = create_app(services).test_client()
    other = beginning.admin_token if path.startswith("/internal") else beginning.gateway_token
    for shown in ("", "Bearer", "Bearer x", f"Basic {other}", f"Bearer {other}", "Bearer " + "x" * 600):
        answer = client.open(path, method=method, headers={"Authorization": shown}, data=b"{")
        assert (answer.status_code, answer.json["code"]) == (401, "credentials_invalid")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="accounts"'


def test_a_credential_in_a_url_is_refused_and_not_repeated(gateway: FlaskClient, beginning: Beginning) -> None:
    for query in (f"epoch={beginning.gateway_token}", "epoch=mgs_0", "access_token=x", "password=x"):
        answer = gateway.get(f"/internal/v1/changes?after=0&{query}")
        assert (answer.status_code, answer.json["code"]) == (400, "secret_in_url")
        assert beginning.gateway_token not in answer.text
