"""Descriptions of APIs."""

from pydantic import BaseModel

from servicekit.web.openapi import MERGE, Api, Operation, describe
from servicekit.web.shapes import Closed, Cursor, Limit, ProblemOut


class ThingOut(BaseModel):
    id: str
    version: int


class ThingPatch(Closed):
    name: str = ""


class ThingQuery(Closed):
    of: str
    limit: Limit = 50
    cursor: Cursor | None = None
    label: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it


API = Api(
    title="things",
    description="Things.",
    operations=(
        Operation("get", "/things", "list_things", "Find", answer=ThingOut, paged=True, query=ThingQuery),
        Operation("post", "/things", "create_thing", "Add", status=201, answer=ThingOut, key=True),
        Operation(
            "patch",
            "/things/{id}",
            "patch_thing",
            "Change",
            answer=ThingOut,
            body=ThingPatch,
            media_types=MERGE,
            key=False,
            match=True,
        ),
    ),
    parameters={"id": {"description": "its id", "schema": {"type": "string"}}},
    problem=ProblemOut,
)


def test_parameters_come_from_the_models_and_headers_from_the_table() -> None:
    paths = describe(API, needs_key=True)["paths"]
    parameters = {one["name"]: one for one in paths["/things"]["get"]["parameters"]}
    assert parameters["limit"]["schema"]["maximum"] == 500
    assert (parameters["cursor"]["schema"]["type"], "default" in parameters["cursor"]["schema"]) == ("string", False)
    assert parameters["label"]["style"] == "deepObject"
    assert [name for name, one in parameters.items() if one["required"]] == ["of"]
    changed = paths["/things/{id}"]
    assert [one["name"] for one in changed["parameters"]] == ["id"]
    assert [(one["name"], one["required"]) for one in changed["patch"]["parameters"]] == [
        ("Idempotency-Key", False),
        ("If-Match", True),
    ]


def test_a_key_that_may_be_demanded_is_so_only_where_the_service_does() -> None:
    for needed in (True, False):
        parameters = describe(API, needed)["paths"]["/things"]["post"]["parameters"]
        assert [one["required"] for one in parameters] == [needed]


def test_answers_have_etags_pages_and_problems() -> None:
    document = describe(API, needs_key=True)
    page = document["paths"]["/things"]["get"]["responses"]["200"]
    assert "next_cursor" in page["content"]["application/json"]["schema"]["properties"]
    assert "headers" not in page
    made = document["paths"]["/things"]["post"]["responses"]
    assert "ETag" in made["201"]["headers"]
    assert "application/problem+json" in made["412"]["content"]
    assert "default" not in document["components"]["schemas"]["ThingPatch"]["properties"]["name"]
    assert {"/healthz", "/readyz"} <= document["paths"].keys()
