"""`/v1/plans`, on both engines."""

from flask.testing import FlaskClient

PLAN = {"name": "standard", "rate": {"requests": 100, "seconds": 1}, "burst": 200}


def test_a_plan_from_beginning_to_end(client: FlaskClient) -> None:
    quota = {"requests": 1000, "period": "day"}
    made = client.post("/v1/plans", json={**PLAN, "quota": quota})
    assert (made.status_code, made.json["quota"], made.json["concurrency"]) == (201, quota, None)
    assert client.get("/v1/plans/standard").json == made.json
    patch = {"rate": {"requests": 5, "seconds": 60}, "quota": None, "concurrency": 3}
    changed = client.patch("/v1/plans/standard", json=patch, headers={"If-Match": '"1"'}).json
    assert changed == {**made.json, **patch, "version": 2}
    holder = client.post("/v1/clients", json={"name": "Acme", "plan": "standard"}).json
    assert client.delete("/v1/plans/standard").json["code"] == "plan_in_use"
    assert client.patch(f"/v1/clients/{holder['id']}", json={"plan": None}).status_code == 200
    assert client.delete("/v1/plans/standard").status_code == 204
    assert client.get("/v1/plans").json["items"] == []


def test_what_is_wrong_is_pointed_at(client: FlaskClient) -> None:
    for pointer, wrong in (
        ("/name", {"name": "Big Plan"}),
        ("/rate/requests", {"rate": {"requests": 0, "seconds": 1}}),
        ("/burst", {"burst": 0}),
        ("/quota/period", {"quota": {"requests": 1, "period": "week"}}),
        ("/concurrency", {"concurrency": "1"}),
    ):
        answer = client.post("/v1/plans", json={**PLAN, **wrong})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_what_is_no_name_is_not_found(client: FlaskClient) -> None:
    for name in ("%00", "Big", "x" * 65):
        path = f"/v1/plans/{name}"
        for answer in (client.get(path), client.patch(path, json={"burst": 1}), client.delete(path)):
            assert (answer.status_code, answer.json["code"]) == (404, "plan_not_found")
