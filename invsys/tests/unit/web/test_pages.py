"""Pages."""

from flask.testing import FlaskClient


def test_a_page_links_to_the_next_until_the_last(client: FlaskClient) -> None:
    for number in range(5):
        client.post("/api/cars", json={"name": f"car {number}", "labels": {"fleet": "a&b=c"}})
    following = client.get("/api/cars?limit=2&sort=-name&label[fleet]=a%26b%3Dc")
    names = [item["name"] for item in following.json["items"]]
    pages = 1
    while "Link" in following.headers:
        assert following.headers["Link"].endswith('; rel="next"')
        following = client.get(following.headers["Link"].split(">")[0].lstrip("<"))
        names += [item["name"] for item in following.json["items"]]
        pages += 1
    assert names == [f"car {number}" for number in range(4, -1, -1)]
    assert (pages, following.json["next_cursor"]) == (3, None)


def test_a_full_last_page_says_that_it_is_the_last(client: FlaskClient) -> None:
    for number in range(2):
        client.post("/api/cars", json={"name": f"car {number}"})
    assert client.get("/api/cars?limit=2").json["next_cursor"] is None
