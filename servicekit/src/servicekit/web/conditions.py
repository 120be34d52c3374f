"""Conditional requests (RFC 9110 section 13): If-Match on changes, If-None-Match on reads."""

import re

from flask import Request, Response

from servicekit.core.idempotency import Answer
from servicekit.core.values import ANY, Expected
from servicekit.web.answers import respond
from servicekit.web.problems import RefusalError

_VERSION = re.compile(r"[1-9][0-9]{0,14}")
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


def expected(request: Request, required: bool = True) -> Expected:
    """The versions that `If-Match` allows. Raises RefusalError 428 where it is required and absent.

    What is no list of ETags of ours names no version, and so matches none.
    """
    text = request.headers.get("If-Match")
    if text is None and required:
        detail = "send If-Match with the ETag you decided on, or * to overwrite whatever is there"
        raise RefusalError(428, "if_match_missing", detail)
    if text is None or text.strip() == "*":
        return ANY
    # Strong comparison: a weak tag matches nothing, and neither does one we never gave.
    strong = [tag for weak, tag in _TAG.findall(text) if not weak]
    return Expected(frozenset(int(tag) for tag in strong if _VERSION.fullmatch(tag)))


def unless_known(request: Request, answer: Answer) -> Response:
    """The answer, or 304 when `If-None-Match` names its ETag (weak comparison)."""
    text = request.headers.get("If-None-Match", "")
    etag = answer.headers["ETag"]
    if text.strip() == "*" or any(f'"{tag}"' == etag for _, tag in _TAG.findall(text)):
        return Response(status=304, headers={"ETag": etag})
    return respond(answer)
