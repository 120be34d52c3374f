"""The corpus against a running gateway: nothing ambiguous reaches the service, nothing well is turned away."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from conformance.corpus import (
    chunks,
    codings,
    fields,
    good,
    hosts,
    lengths,
    line_ends,
    paths,
    request_lines,
)
from conformance.corpus.case import SMUGGLED, Bad, Good

if TYPE_CHECKING:
    from conformance.wire import Wire
    from gateway_harness.recording_origin import Recorded

FAMILIES = (lengths, codings, chunks, fields, line_ends, request_lines, hosts, paths)
BAD: list[Bad] = [case for family in FAMILIES for case in family.CASES]
_STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d\d\d) ")


def test_the_corpus_is_large_and_each_case_is_another() -> None:
    assert len({case.raw for case in BAD}) >= 500
    assert [name for name, count in Counter(case.name for case in BAD).items() if count > 1] == []
    assert len({case.name for case in good.CASES}) == len(good.CASES) >= 60
    assert len(good.REFUSED_BY_MISTAKE) <= 3


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_malformed_message_is_refused_and_reaches_nobody(case: Bad, wire: Wire) -> None:
    with wire.nothing_arrives(unless_unfinished=case.is_begun):
        assert_refused(wire.talk(case.raw + SMUGGLED), case)


@pytest.mark.parametrize("name", good.REFUSED_BY_MISTAKE)
def test_a_message_known_to_be_refused_by_mistake(name: str, wire: Wire) -> None:
    raw, _reason = good.REFUSED_BY_MISTAKE[name]
    with wire.nothing_arrives():
        assert_refused(wire.talk(raw), Bad(name, raw))


@pytest.mark.parametrize("case", good.CASES, ids=lambda case: case.name)
def test_a_well_message_arrives_and_its_connection_goes_on(case: Good, wire: Wire) -> None:
    with wire.origin.expect(1) as requests, wire.connect() as client:
        client.sendall(case.raw)
        assert b"HTTP/1.1 200 OK" in wire.read_head(client)
    assert_forwarded(requests[0], case)


@pytest.mark.parametrize("case", good.CASES, ids=lambda case: case.name)
def test_well_messages_one_behind_the_other(case: Good, wire: Wire) -> None:
    """The end of each is where the next begins, at both sides of the gateway."""
    if b"HTTP/1.0" in case.raw and b"keep-alive" not in case.raw:
        return
    following = Good("next", b"GET /next HTTP/1.1\r\nHost: corpus.test\r\nConnection: close\r\n\r\n", b"GET /next")
    with wire.origin.expect(2) as requests:
        answers = wire.talk(case.raw + following.raw)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    for request, expected in zip(requests, (case, following), strict=True):
        assert_forwarded(request, expected)


def assert_forwarded(request: Recorded, case: Good) -> None:
    assert request.method + b" " + request.path + request.query == case.line
    assert request.body == case.body
    names = {name.lower() for name, _ in request.fields}
    assert not names & set(case.without)
    for field in case.fields:
        assert field in request.fields
    assert request.values(b"x-forwarded-for") == [b"127.0.0.1"]


def assert_refused(answer: bytes, case: Bad) -> None:
    """One answer, a problem, and the end of the connection; nothing of the message is echoed."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = _STATUS_LINE.match(answer)
    assert status is not None, answer
    assert int(status[1]) in case.statuses, answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close" in head
    assert b"application/problem+json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"smuggled" not in answer.lower()
    assert b"corpus" not in answer
