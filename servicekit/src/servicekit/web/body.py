"""Request bodies and query strings, strictly: what is malformed never reaches a model, what is unknown never passes."""

import json
import math
import re
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError

from servicekit.web.problems import RefusalError, body_errors, pointer, query_errors

M = TypeVar("M", bound=BaseModel)

MAX_DEPTH = 32
"""Nesting of a body; what services ask for needs 3 or so; members that take any JSON may use the rest."""
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
READ_SIZE = 64 * 1024
MAX_PASSED_OVER = 16 * 1024 * 1024
MAX_DIGITS = 64
"""Digits of a number; no double and no 64-bit integer needs more, and Python's conversion is quadratic in them."""


def read_body(request: Request, model: type[M], media_types: tuple[str, ...] = ("application/json",)) -> tuple[M, Any]:
    """The body as `model`, and as it was sent.

    Raises RefusalError: 415 for another media type, 400 for what is no strict JSON, 422 for what `model` refuses.
    """
    if request.mimetype not in media_types:
        detail = f"send the body as JSON, with Content-Type: {' or '.join(media_types)}"
        raise RefusalError(415, "unsupported_media_type", detail)
    data = read_bytes(request)
    if not data:
        raise RefusalError(400, "bad_json", "there is no body: send JSON, {} at the least")
    value = parse_json(data)
    try:
        return model.model_validate(value), value
    except ValidationError as error:
        found = body_errors(error, model)
        first = found[0]
        detail = f"{first['pointer'] or 'the body'}: {first['detail']}"
        raise RefusalError(422, "validation_failed", detail, errors=found) from None


def parse_json(data: bytes) -> Any:
    """Strict JSON. Raises RefusalError 400, or 422 for text that no database could keep."""
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except RecursionError:
        raise RefusalError(400, "bad_json", f"it nests deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise RefusalError(400, "bad_json", f"it is not JSON: {error}") from None
    _check_tree(value)
    return value


def read_nothing(request: Request) -> None:
    """Raises RefusalError 422 for a body where none means anything."""
    if read_bytes(request):
        raise RefusalError(422, "unexpected_body", "this request has no body: send none")


def read_query(request: Request, model: type[M]) -> M:
    """The query string as `model`. Raises RefusalError 400 for a repeated or unknown parameter, or a bad value."""
    repeated = sorted(name for name, values in request.args.lists() if len(values) > 1)
    if repeated:
        found = [{"parameter": name, "code": "repeated", "detail": "give it once"} for name in repeated]
        raise RefusalError(400, "bad_query", f"the parameter {repeated[0]} is given twice", errors=found)
    try:
        return model.model_validate_strings(_parameters(request))
    except ValidationError as error:
        found = query_errors(error, model)
        first = found[0]
        raise RefusalError(400, "bad_query", f"{first['parameter']}: {first['detail']}", errors=found) from None


def _parameters(request: Request) -> dict[str, Any]:
    """The query string, `label[fleet]=acme` as the member `fleet` of `label` (deepObject in OpenAPI)."""
    found: dict[str, Any] = {}
    for name, value in request.args.items():
        if "\x00" in value or "\x00" in name:
            error = {"parameter": name.replace("\x00", ""), "code": "bad_text", "detail": "contains a NUL character"}
            raise RefusalError(400, "bad_query", f"{error['parameter']}: contains a NUL character", errors=[error])
        family, bracket, key = name.partition("[")
        if bracket and key.endswith("]") and isinstance(found.get(family, {}), dict):
            found.setdefault(family, {})[key[:-1]] = value
        else:
            found[name] = value
    return found


def read_bytes(request: Request) -> bytes:
    """The body, at most `MAX_CONTENT_LENGTH` bytes in memory, whether or not it was announced by a length.

    Raises RefusalError 413.
    """
    limit = request.max_content_length or 0
    stream = request.environ["wsgi.input"]
    parts: list[bytes] = []
    room = limit + 1
    while room and (part := stream.read(min(room, READ_SIZE))):
        parts.append(part)
        room -= len(part)
    if not room or (request.content_length or 0) > limit:
        _pass_over(stream)
        raise RefusalError(413, "body_too_large", f"the body is larger than {limit} bytes")
    return b"".join(parts)


def _pass_over(stream: Any) -> None:
    """Read on and keep nothing: a caller that is still sending when we close may never see the answer."""
    room = MAX_PASSED_OVER
    while room > 0 and (part := stream.read(READ_SIZE)):
        room -= len(part)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:80]!r} appears twice in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > MAX_DIGITS or math.isinf(float(digits)):
        raise ValueError("a number is larger or longer than a double can hold")
    return float(digits)


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _check_tree(value: Any, path: tuple[int | str, ...] = ()) -> None:
    """Refuse NUL (PostgreSQL cannot store it), lone surrogates (no UTF-8 has them) and depth, each by its pointer.

    Pointers are made for what is refused only: one for each member of a long list below a long key would not fit in
    any memory.
    """
    if len(path) > MAX_DEPTH:
        raise RefusalError(400, "bad_json", f"the body nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_text(path, value)
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_text(path, key)
            _check_tree(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check_tree(member, (*path, index))


def _check_text(path: tuple[int | str, ...], text: str) -> None:
    if found_at := _UNKEEPABLE.search(text):
        what = "a NUL character" if found_at[0] == "\x00" else "a lone surrogate"
        where = pointer(path)
        found = [{"pointer": where, "code": "bad_text", "detail": f"contains {what}"}]
        raise RefusalError(422, "validation_failed", f"{where or 'the body'}: contains {what}", errors=found)
