import json

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from moongate.control.admin.openapi import Endpoint, document


class Body(msgspec.Struct):
    """What is sent."""

    name: str


async def nobody(_: Request) -> Response:
    return Response()


def test_every_endpoint_is_told_with_what_it_takes_and_how_it_refuses() -> None:
    endpoints = [
        Endpoint("GET", "/a", "Tells a.", nobody, query={"url": "Which."}),
        Endpoint("POST", "/a", "Changes a.", nobody, body=Body, statuses={409: "Not now."}),
    ]
    told = json.loads(json.dumps(document(endpoints)))
    assert told["openapi"] == "3.1.0"
    get, post = told["paths"]["/a"]["get"], told["paths"]["/a"]["post"]
    assert [each["name"] for each in get["parameters"]] == ["url"]
    assert set(post["responses"]) == {"200", "401", "403", "409"}
    reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert told["components"]["schemas"][reference.rpartition("/")[2]]["properties"] == {"name": {"type": "string"}}
    assert get["operationId"] != post["operationId"]
