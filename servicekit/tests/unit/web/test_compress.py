"""gzip."""

import gzip
import json

from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip"}


def test_a_long_list_is_compressed_for_who_wants_it(client: FlaskClient) -> None:
    for number in range(20):
        client.post("/notes", json={"text": f"note {number}"})
    plain, packed = client.get("/notes"), client.get("/notes", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_what_has_a_strong_etag_keeps_its_bytes(client: FlaskClient) -> None:
    made = client.post("/notes", json={"text": "x" * 5000}, headers=GZIP)
    assert "Content-Encoding" not in made.headers
    assert "Content-Encoding" not in client.get(made.headers["Location"], headers=GZIP).headers
