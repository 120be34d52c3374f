"""Who a request says it is from: no spelling of a stranger's field passes for the gateway's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.answers import answers_in, log_lines
from conformance.corpus.case import get

if TYPE_CHECKING:
    from conformance.wire import Wire
    from gateway_harness.recording_origin import Recorded

CLOSE = b"Connection: close\r\n"
OWN = {
    b"x-forwarded-for": [b"127.0.0.1"],
    b"x-forwarded-proto": [b"http"],
    b"x-forwarded-host": [b"corpus.test"],
    b"x-forwarded-port": [],
    b"forwarded": [],
    b"x-real-ip": [],
}


def forward(wire: Wire, *lines: bytes) -> Recorded:
    with wire.origin.expect(1) as requests:
        wire.talk(get(*lines, CLOSE))
    return requests[0]


def assert_own(request: Recorded) -> None:
    for name, values in OWN.items():
        assert request.values(name) == values, name
    [request_id] = request.values(b"x-request-id")
    assert len(request_id) == 32
    assert not [name for name, _ in request.fields if b"_" in name]


@pytest.mark.parametrize(
    "line",
    [
        b"X-Forwarded-For: 10.0.0.1\r\n",
        b"x-forwarded-for: 127.0.0.1\r\nX-FORWARDED-FOR: 10.0.0.1\r\n",
        b"X-Forwarded-For:\r\n",
        b"X-Real-IP: 127.0.0.1\r\n",
        b"Forwarded: for=127.0.0.1;host=evil.test;proto=https\r\n",
        b"X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n",
        b"X_Forwarded_For: 10.0.0.1\r\n",
        b"X-Forwarded_For: 10.0.0.1\r\n",
        b"X_Real_IP: 10.0.0.1\r\n",
        b"X-Request-Id: mine\r\n",
        b"X_Request_Id: mine\r\n",
        b"Connection: X-Forwarded-For\r\n",
        b"Connection: x-forwarded-for, x-forwarded-host, x-forwarded-proto, x-request-id, host, via\r\n",
        b"X-Forwarded-For: 10.0.0.1\r\nConnection: X-Forwarded-For\r\n",
    ],
    ids=repr,
)
def test_a_stranger_can_not_speak_for_the_gateway(line: bytes, wire: Wire) -> None:
    request = forward(wire, line)
    assert_own(request)
    assert request.values(b"host") == [b"corpus.test"]
    assert request.values(b"via") == [b"1.1 moongate"]


_names = st.sampled_from([*OWN, b"x-request-id", b"via", b"x-client", b"connection", b"x_forwarded_for", b"forwarded"])
_lines = st.tuples(
    _names.flatmap(lambda name: st.sampled_from([name, name.upper(), name.title(), name.replace(b"-", b"_")])),
    st.sampled_from(
        [b"127.0.0.1", b"::1", b"10.0.0.1, 10.0.0.2", b"unknown", b"", b"x-forwarded-for", b"for=127.0.0.1"]
    ),
).map(lambda pair: pair[0] + b": " + pair[1] + b"\r\n")


@given(lines=st.lists(_lines, max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_fields_of_a_stranger_change_what_the_gateway_says(lines: list[bytes], wire: Wire) -> None:
    # An option that is no token would be refused; that is another matter.
    well = [
        line
        for line in lines
        if not line.lower().startswith(b"connection: ") or line[12:-2].replace(b"-", b"").isalpha()
    ]
    assert_own(forward(wire, *well))


@pytest.mark.parametrize(
    "name",
    [b"Authorization", b"Cookie", b"Cache-Control", b"traceparent", b"tracestate", b"Host", b"Content-Length", b"Via"],
)
def test_connection_can_not_make_a_field_vanish_that_others_rely_on(name: bytes, wire: Wire) -> None:
    value = b"0" if name == b"Content-Length" else b"a"
    lines = b"" if name == b"Host" else name + b": " + value + b"\r\n"
    request = forward(wire, lines, b"Connection: " + name + b"\r\n", b"X-A: 1\r\n")
    values = request.values(name.lower())
    assert values[:1] == [b"corpus.test" if name == b"Host" else value]
    assert request.values(b"connection") == []


@pytest.mark.parametrize("name", [b"X-User", b"X-F5-Auth-Token", b"X-Custom"])
def test_connection_removes_any_other_field(name: bytes, wire: Wire) -> None:
    request = forward(wire, name + b": 1\r\n", b"Connection: " + name.lower() + b"\r\n", name + b": 2\r\n")
    assert request.values(name.lower()) == []


@pytest.mark.parametrize(
    "line",
    [
        b"X_User: 1\r\n",
        b"Content_Length: 5\r\n",
        b"Transfer_Encoding: chunked\r\n",
        b"Host_: a\r\n",
        b"_: 1\r\n",
        b"X-A_B: 1\r\n",
    ],
)
def test_names_with_underscores_reach_nobody(line: bytes, wire: Wire) -> None:
    assert_own(forward(wire, line))


@pytest.mark.parametrize("name", [b"X-HTTP-Method-Override", b"X-HTTP-Method", b"X-Method-Override"])
def test_the_method_is_the_one_in_the_request_line(name: bytes, wire: Wire) -> None:
    assert forward(wire, name + b": DELETE\r\n").method == b"GET"


@pytest.mark.parametrize(
    "path",
    [
        b"/a/../b",
        b"/a//b",
        b"/./b",
        b"/%61",
        b"/a%20b",
        b"/a;v=1",
        b"/[a]",
        b"/a/%2e%2e/b",
        b"//reads/a",
        b"/x/../reads/a",
        b"/%72eads/a",
        b"/reads/./a",
        b"/reads//a",
        b"/a%252fb",
    ],
)
def test_the_forwarded_path_matches_the_same_route_again(path: bytes, wire: Wire) -> None:
    """Sent a second time as it was forwarded, it takes the same route and is forwarded the same."""
    taken = []
    for _ in range(2):
        with wire.origin.expect(1) as requests:
            [answer] = answers_in(wire.talk(get(CLOSE, line=b"GET " + path + b" HTTP/1.1\r\n")))
        path = requests[0].path
        [line] = log_lines(wire, [answer])
        taken.append((path, line["route"], line["path"]))
    assert taken[0] == taken[1]
    assert taken[0][2] == path.decode()
