"""`/v1/decisions` and `/v1/who-can`, on both engines."""

from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts_harness.making import make_client, make_grant


def test_a_decision_names_its_grant(client: FlaskClient, services: Services) -> None:
    acme, other = make_client(services), make_client(services, "Other")
    make_grant(services, acme, "a/*", "read")
    decided = client.get(f"/v1/decisions?client={acme.id}&resource=a/b&action=read").json
    assert (decided["is_allowed"], decided["reason"], decided["grant"]["resource"]) == (True, "granted", "a/*")
    decided = client.get(f"/v1/decisions?client={other.id}&resource=a/b&action=read").json
    assert (decided["is_allowed"], decided["reason"], decided["grant"]) == (False, "nothing_granted", None)
    found = client.get("/v1/who-can?resource=a/b&action=read").json["items"]
    assert [(one["client_name"], one["is_allowed"]) for one in found] == [("Acme", True), ("Other", False)]
    page = client.get("/v1/who-can?resource=a/b&action=read&limit=1")
    following = page.headers["Link"].partition(">")[0].lstrip("<")
    assert client.get(following).json["items"][0]["client_name"] == "Other"


def test_what_is_no_question(client: FlaskClient) -> None:
    assert client.get("/v1/decisions?client=cl_x&resource=a&action=read").status_code == 400
    assert client.get("/v1/who-can?resource=a&action=*").status_code == 400
    assert client.get("/v1/who-can?resource=/a&action=read").status_code == 422
    missing = client.get(f"/v1/decisions?client=cl_{'0' * 18}&resource=a&action=read")
    assert missing.json["code"] == "client_not_found"
