"""Pages."""

from flask.testing import FlaskClient


def test_a_page_links_to_the_next_until_the_last(client: FlaskClient) -> None:
    for number in range(5):
        client.post("/notes", json={"text": f"a&b= {number}"})
    following = client.get("/notes?limit=2&prefix=a%26b%3D")
    texts = [item["text"] for item in following.json["items"]]
    pages = 1
    while "Link" in following.headers:
        assert following.headers["Link"].endswith('; rel="next"')
        following = client.get(following.headers["Link"].split(">")[0].lstrip("<"))
        texts += [item["text"] for item in following.json["items"]]
        pages += 1
    assert texts == [f"a&b= {number}" for number in range(5)]
    assert (pages, following.json["next_cursor"]) == (3, None)


def test_a_full_last_page_says_that_it_is_the_last(client: FlaskClient) -> None:
    for number in range(2):
        client.post("/notes", json={"text": f"{number}"})
    assert client.get("/notes?limit=2").json["next_cursor"] is None
