"""The documentation page."""

from flask.testing import FlaskClient

from invsys.web.operations import OPERATIONS


def test_every_operation_is_there(client: FlaskClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in answer.text
        assert operation.summary in answer.text
    assert "<script" not in answer.text
