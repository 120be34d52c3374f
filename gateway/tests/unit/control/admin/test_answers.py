import json

from moongate.control.admin.answers import AdminRefused, answer, plain, problem


def test_a_refusal_is_a_problem_like_those_that_clients_get() -> None:
    response = problem(AdminRefused(401, "credentials_invalid", "Send it.", generation=3))
    assert json.loads(bytes(response.body)) == {
        "type": "about:blank",
        "title": "A token is needed",
        "status": 401,
        "detail": "Send it.",
        "code": "credentials_invalid",
        "origin": "gateway",
        "generation": 3,
    }
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == 'Bearer realm="moongate admin"'


def test_nothing_is_kept_by_a_cache() -> None:
    for response in (
        answer({"a": 1}, headers={"ETag": '"x"'}),
        plain(b"a", "text/plain"),
        problem(AdminRefused(404, "", "")),
    ):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
    assert json.loads(bytes(answer({"a": 1}).body)) == {"a": 1}
