from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.proxying import head_of
from gateway_harness.sides import NotingDownstream
from moongate.core.edits import FieldEdits
from moongate.core.errors import MessageRefused
from moongate.core.message import RequestHead
from moongate.proxy.forwarding import client_address, client_authority, client_scheme, forwarded_lines, is_trusted

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"), ip_network("fe80::/64"))
STRANGER, PROXY = "192.0.2.7", "10.0.0.1"


def head_with(*lines: str) -> RequestHead:
    fields = "".join(f"{line}\r\n" for line in lines)
    return head_of(f"GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:10.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("", False),
        ("unknown", False),
        ("10.0.0.1:80", False),
        ("010.0.0.1", False),
        ("fe80::1%eth0", True),  # as a peer on the same link is told
    ],
)
def test_trusted_are_those_of_the_networks(address: str, expected: bool) -> None:
    assert is_trusted(address, TRUSTED) is expected
    assert not is_trusted(address, ())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((), PROXY),
        (("198.51.100.1",), "198.51.100.1"),
        (("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        (("198.51.100.1, 10.9.9.9, 10.8.8.8",), "198.51.100.1"),
        (("198.51.100.1", "10.9.9.9"), "198.51.100.1"),
        (("10.9.9.9",), "10.9.9.9"),
        (("198.51.100.1, nonsense, 10.9.9.9",), "10.9.9.9"),
        (("nonsense",), PROXY),
        ((" , ,198.51.100.1,, ",), "198.51.100.1"),
        (("2001:DB9:0::1",), "2001:db9::1"),
        (("::ffff:198.51.100.1",), "198.51.100.1"),
        (("fe80::1%eth0",), PROXY),
        (("fe80::1%" + "x" * 500,), PROXY),
    ],
)
def test_behind_a_trusted_proxy_it_is_the_right_most_stranger(said: tuple[str, ...], expected: str) -> None:
    head = head_with(*(f"X-Forwarded-For: {value}" for value in said))
    assert client_address(head, PROXY, TRUSTED) == expected
    assert client_address(head, STRANGER, TRUSTED) == STRANGER
    assert client_address(head, PROXY, ()) == PROXY


NAMES = st.sampled_from(
    [
        "X-Forwarded-For",
        "x-forwarded-for",
        "Forwarded",
        "X-Real-IP",
        "X_Forwarded_For",
        "X-Forwarded",
        "Via",
        "Client-IP",
        "True-Client-IP",
        "X-Client-IP",
        "CF-Connecting-IP",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
    ]
)
ADDRESSES = (
    st.ip_addresses().map(str) | st.just("10.0.0.9") | st.just("unknown") | st.text("0123456789.:,% \"'", max_size=20)
)
FIELDS = st.lists(st.tuples(NAMES, st.lists(ADDRESSES, max_size=4).map(", ".join)), max_size=6)


@given(FIELDS)
def test_no_field_of_a_strangers_changes_its_address(fields: list[tuple[str, str]]) -> None:
    head = head_with(*(f"{name}: {value}" for name, value in fields))
    downstream = NotingDownstream(STRANGER)
    assert client_address(head, STRANGER, TRUSTED) == STRANGER
    assert forwarded_lines(head, downstream, b"a.test", TRUSTED) == (
        b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"
    )


@given(FIELDS)
def test_what_stands_left_of_the_last_strangers_address_is_its_own_invention(fields: list[tuple[str, str]]) -> None:
    """A proxy that appends, as all do: whatever the client said before, the address that the proxy saw counts."""
    head = head_with(*(f"{name}: {value}" for name, value in fields), "X-Forwarded-For: 198.51.100.1")
    assert client_address(head, PROXY, TRUSTED) == "198.51.100.1"


@given(FIELDS)
def test_the_address_is_always_one(fields: list[tuple[str, str]]) -> None:
    head = head_with(*(f"{name}: {value}" for name, value in fields))
    address = client_address(head, PROXY, TRUSTED)
    assert str(ip_address(address)) == address
    assert "%" not in address


def test_a_strangers_lines_are_made_once_for_a_connection() -> None:
    downstream = NotingDownstream("2001:db9::1")
    lines = forwarded_lines(head_with(), downstream, b"a.test", TRUSTED)
    assert lines == b"X-Forwarded-For: 2001:db9::1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"
    assert forwarded_lines(head_with("X-Forwarded-For: 1.1.1.1"), downstream, b"b.test", ()) == lines.replace(
        b"a.test", b"b.test"
    )


def test_a_trusted_proxy_is_continued() -> None:
    head = head_with(
        "X-Forwarded-For: 198.51.100.1",
        "X-Forwarded-For: 198.51.100.2",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Proto: gopher",
        "X-Forwarded-Host: shop.test",
        "X-Forwarded-Port: 8443",
        "X-Real-IP: 198.51.100.9",
        "Forwarded: for=198.51.100.1",
    )
    assert forwarded_lines(head, NotingDownstream(PROXY), b"a.test", TRUSTED) == (
        b"X-Forwarded-For: 198.51.100.1, 198.51.100.2, 10.0.0.1\r\n"
        b"X-Forwarded-Proto: https\r\n"
        b"X-Forwarded-Host: shop.test\r\n"
        b"X-Forwarded-Port: 8443\r\n"
        b"Forwarded: for=198.51.100.1, for=10.0.0.1;proto=http\r\n"
    )


def test_whatever_else_is_called_so_is_a_trusted_proxys_to_say_and_filters_to_change() -> None:
    head = head_with("X-Forwarded-Prefix: /a", "x-forwarded-uri: /b", "X-Original-URL: /c")
    assert head.section.lines == b""
    own = b"X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"
    lines = forwarded_lines(head, NotingDownstream(PROXY), b"a.test", TRUSTED)
    assert lines == own + b"X-Forwarded-Prefix: /a\r\nX-Forwarded-Uri: /b\r\n"
    edits = FieldEdits(frozenset((b"x-forwarded-prefix", b"x-forwarded-for", b"accept")))
    edited = forwarded_lines(head, NotingDownstream(PROXY), b"a.test", TRUSTED, edits)
    assert edited == own + b"X-Forwarded-Uri: /b\r\n", "and who it was for is no filter's to change"
    stranger = forwarded_lines(head, NotingDownstream(STRANGER), b"a.test", TRUSTED)
    assert stranger == own.replace(b"10.0.0.1", b"192.0.2.7")


def test_a_trusted_proxy_that_says_nothing() -> None:
    assert forwarded_lines(head_with(), NotingDownstream("2001:db8::1"), b"a.test", TRUSTED) == (
        b"X-Forwarded-For: 2001:db8::1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"
    )


def test_an_ipv6_proxy_is_quoted_in_forwarded() -> None:
    lines = forwarded_lines(head_with("Forwarded: for=_x"), NotingDownstream("2001:db8::1"), b"a.test", TRUSTED)
    assert b'Forwarded: for=_x, for="[2001:db8::1]";proto=http\r\n' in lines


@given(st.binary(max_size=60))
def test_no_octets_of_a_proxys_break_out_of_a_line(value: bytes) -> None:
    raw = b"GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: " + value + b"\r\nForwarded: " + value + b"\r\n\r\n"
    try:
        head = head_of(raw)
    except MessageRefused:
        return
    if head is None:
        return
    lines = forwarded_lines(head, NotingDownstream(PROXY), b"a.test", TRUSTED)
    assert lines.count(b"\n") == lines.count(b"\r\n") == lines.count(b"\r")
    assert all(line.startswith((b"X-Forwarded-", b"Forwarded: ")) for line in lines.split(b"\r\n")[:-1])


@pytest.mark.parametrize(
    ("peer", "said", "expected"),
    [
        (STRANGER, ["X-Forwarded-Proto: https"], "http"),
        (PROXY, ["X-Forwarded-Proto: https"], "https"),
        (PROXY, ["X-Forwarded-Proto: HTTP"], "http"),
        (PROXY, ["X-Forwarded-Proto: gopher"], "http"),
        (PROXY, [], "http"),
    ],
)
def test_how_the_client_spoke(peer: str, said: list[str], expected: str) -> None:
    assert client_scheme(head_with(*said), NotingDownstream(peer), TRUSTED) == expected


@pytest.mark.parametrize(
    ("peer", "said", "expected"),
    [
        (STRANGER, ["X-Forwarded-Host: b.test"], b"a.test"),
        (PROXY, ["X-Forwarded-Host: b.test:8443"], b"b.test:8443"),
        (PROXY, ["X-Forwarded-Host: b.test", "X-Forwarded-Host: c.test"], b"b.test"),
        (PROXY, [], b"a.test"),
    ],
)
def test_where_the_client_thinks_it_is(peer: str, said: list[str], expected: bytes) -> None:
    assert client_authority(head_with(*said), NotingDownstream(peer), TRUSTED) == expected
