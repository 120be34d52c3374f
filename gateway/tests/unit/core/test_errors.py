"""The table of answers: codes and statuses are promises, and what a client reads gives nothing away."""

from __future__ import annotations

import re

import pytest

from moongate.core import errors
from moongate.core.errors import Failure, MessageRefused, Side

FAILURES = [value for value in vars(errors).values() if isinstance(value, Failure)]
PROMISED = {
    "bad_request": 400,
    "body_too_large": 413,
    "dependency_unavailable": 503,
    "headers_too_large": 431,
    "internal": 500,
    "method_not_allowed": 405,
    "overloaded": 503,
    "draining": 503,
    "request_timeout": 408,
    "route_not_found": 404,
    "upstream_protocol_error": 502,
    "upstream_timeout": 504,
    "upstream_unreachable": 502,
    "uri_too_long": 414,
    "version_not_supported": 505,
}


def test_a_code_has_one_status_and_those_promised_keep_their_status() -> None:
    by_code = {failure.code: failure.status for failure in FAILURES}
    assert all(by_code[failure.code] == failure.status for failure in FAILURES)
    assert PROMISED.items() <= by_code.items()


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code)
def test_status_side_and_wording_agree(failure: Failure) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", failure.code)
    assert failure.side is {4: Side.DOWNSTREAM, 5: failure.side}[failure.status // 100]
    if failure.status in {502, 504}:
        assert failure.side is Side.UPSTREAM
    assert failure.title.isascii()
    assert failure.title
    assert not failure.title.endswith(".")
    assert not failure.detail or failure.detail.endswith(".")


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code)
def test_503_says_when_to_come_back_and_nothing_else_does(failure: Failure) -> None:
    assert bool(failure.retry_after) == (failure.status == 503)


@pytest.mark.parametrize("status", [400, 408, 413, 414, 417, 431, 501, 505])
def test_a_request_that_was_not_read_to_its_end_closes_its_connection(status: int) -> None:
    assert all(failure.closes for failure in FAILURES if failure.status == status)


def test_a_refusal_carries_its_failure_and_a_reason_for_the_log() -> None:
    refused = MessageRefused(errors.BAD_REQUEST, "cl_te")
    assert refused.failure is errors.BAD_REQUEST
    assert refused.reason == "cl_te"
    assert str(refused) == "bad_request: cl_te"
