"""An OpenAPI 3.1 description, made from the models that validate and a table of operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

MERGE = ("application/merge-patch+json", "application/json")
"""What the body of a PATCH may come as."""

PROBLEMS = {
    400: "malformed: not JSON, an unknown parameter, a value out of range, a header that is missing or wrong",
    404: "no such thing",
    409: "in conflict with what is there",
    412: "it has changed since the version in If-Match",
    413: "the body is too large",
    415: "the body has another media type",
    422: "well-formed, but not acceptable; `errors` says where",
    428: "If-Match is missing",
    503: "the database cannot answer now",
}

_REF = "#/components/schemas/{model}"
_ETAG = {"ETag": {"description": "the version, for If-Match", "schema": {"type": "string"}}}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer` is the model of a success, `paged` when it comes in lists.

    `key` and `match` say whether `Idempotency-Key` and `If-Match` are understood, and required.
    """

    method: str
    path: str
    name: str
    summary: str
    status: int = 200
    answer: type[BaseModel] | None = None
    paged: bool = False
    body: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    query: type[BaseModel] | None = None
    key: bool | None = None
    match: bool | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """What a service answers. `parameters` describes those in its paths: name to {description, schema}.

    `problem` is the model of its problem documents, `problems` says what each status means; `models` are described
    though no operation names them.
    """

    title: str
    description: str
    operations: Sequence[Operation]
    parameters: Mapping[str, Mapping[str, Any]]
    problem: type[BaseModel]
    problems: Mapping[int, str] = field(default_factory=lambda: PROBLEMS)
    models: Sequence[type[BaseModel]] = ()


def describe(api: Api, needs_key: bool) -> dict[str, Any]:
    """The document; with `needs_key` the idempotency keys that an operation may demand are demanded."""
    paths: dict[str, Any] = {}
    for operation in api.operations:
        path = paths.setdefault(operation.path, {"parameters": _path_parameters(operation.path, api)})
        path[operation.method] = _operation(operation, api, needs_key)
    for name, text in (("healthz", "The process answers"), ("readyz", "The database answers and has the schema")):
        paths[f"/{name}"] = {"get": _health(name, text)}
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": "1", "description": api.description},
        "paths": paths,
        "components": {"schemas": _schemas(api)},
    }


def _schemas(api: Api) -> dict[str, Any]:
    models: dict[type[BaseModel], None] = dict.fromkeys((api.problem, *api.models))
    patches = set()
    for operation in api.operations:
        models |= {model: None for model in (operation.answer, operation.body) if model is not None}
        if operation.body is not None and operation.media_types == MERGE:
            patches.add(operation.body.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    found: dict[str, Any] = definitions["$defs"]
    for name in patches:
        for member in found[name]["properties"].values():
            member.pop("default", None)  # what is absent from a patch stays as it is: it has no default
    return found


def _operation(operation: Operation, api: Api, needs_key: bool) -> dict[str, Any]:
    parameters = _query_parameters(operation.query) + _header_parameters(operation, needs_key)
    document: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    if parameters:
        document["parameters"] = parameters
    if operation.body is not None:
        schema = {"schema": _reference(operation.body)}
        document["requestBody"] = {"required": True, "content": dict.fromkeys(operation.media_types, schema)}
    document["responses"] = {
        str(operation.status): success(operation),
        **{str(code): _problem(text, api.problem) for code, text in api.problems.items()},
    }
    return document


def success(operation: Operation) -> dict[str, Any]:
    """The answer of an operation that succeeds; one thing that has a version has its ETag."""
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.answer is None:
        return answer
    schema = _reference(operation.answer)
    if operation.paged:
        schema = {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {"items": {"type": "array", "items": schema}, "next_cursor": {"type": ["string", "null"]}},
        }
    elif "version" in operation.answer.model_fields:
        answer["headers"] = _ETAG
    answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}


def _problem(text: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": _reference(model)}}}


def _health(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": text, "content": content}, "503": {"description": "No", "content": content}}
    return {"operationId": name, "summary": text, "responses": responses}


def _path_parameters(path: str, api: Api) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **described}
        for name, described in api.parameters.items()
        if f"{{{name}}}" in path
    ]


def _header_parameters(operation: Operation, needs_key: bool) -> list[dict[str, Any]]:
    found = []
    if operation.key is not None:
        schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"}
        text = "a fresh value for each request, the same one when it is sent again"
        found.append(_header("Idempotency-Key", operation.key and needs_key, text, schema))
    if operation.match is not None:
        schema = {"type": "string", "pattern": '^("[0-9]{1,15}"|\\*)$'}
        found.append(_header("If-Match", operation.match, "the ETag decided on, or *", schema))
    return found


def _header(name: str, required: bool, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def _query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    found = []
    document = model.model_json_schema()
    demanded = document.get("required", ())
    for name, schema in document["properties"].items():
        # In a query string what is absent is left out: there is no null.
        choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
        if choices:
            schema.pop("default", None)
            schema.update(choices[0])
        parameter = {"name": name, "in": "query", "required": name in demanded, "schema": schema}
        if schema.get("type") == "object":
            parameter |= {"style": "deepObject", "explode": True}
        found.append(parameter)
    return found
