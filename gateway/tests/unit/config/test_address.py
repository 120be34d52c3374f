"""Addresses taken apart, and every wrong one told what to write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.config.address import parse_bind, parse_dns_server, parse_target_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://a.internal", ("a.internal", 80, False)),
        ("http://A.Internal:8000/", ("a.internal", 8000, False)),
        ("HTTP://127.0.0.1:1", ("127.0.0.1", 1, False)),
        ("http://[2001:DB8::1]:65535", ("2001:db8::1", 65535, False)),
        ("http://my_service.", ("my_service.", 80, False)),
        ("http://münchen.example", ("xn--mnchen-3ya.example", 80, False)),
    ],
)
def test_target_urls(url: str, address: tuple[str, int, bool]) -> None:
    assert parse_target_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http:",
        "http://",
        "http://a/b",
        "http://a/..",
        "http://a?",
        "http://a#",
        "http://u@a",
        "http://u:p@a",
        "http://a:0",
        "http://a:65536",
        "http://a:-1",
        "http://a:８０８０",
        "http://a b",
        "http://a\tb",
        "http://a\nb",
        "http://a\r\nHost: b",
        "http://a\x00",
        "http://a%2fb",
        "http://[::1",
        "http://[fe80::1%25eth0]",
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://2852039166",
        "http://0xa9fea9fe",
        "http://0xa9.254.169.254",
        "http://224.0.0.1",
        "http://[::]",
        "http://" + "a." * 127 + "com",
        "unix:///run/x",
        "file:///etc/passwd",
    ],
)
def test_wrong_target_urls(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_target_url(url)


@settings(max_examples=300)
@given(st.text(max_size=40) | st.text(alphabet="htp:/[]@.%0123456789abx#?\\", max_size=40).map("http://".__add__))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        host, port, _ = parse_target_url(text)
    except ValueError:
        return
    assert 1 <= port <= 65535
    assert host.isascii()
    assert host == host.lower()
    assert not set(host) & set("/@?#\\ \r\n\t%")


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("[::1]:65535", ("::1", 65535)),
        ("[::]:80", ("::", 80)),
        ("localhost:80", ("127.0.0.1", 80)),
    ],
)
def test_binds(text: str, bind: tuple[str, int]) -> None:
    assert parse_bind(text) == bind


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "8080",
        ":8080",
        "*:8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "127.0.0.1:00",
        "127.0.0.1:８",
        "::1:80",
        "[127.0.0.1]:80",
        "[::1]",
        "a.example:80",
        "http://127.0.0.1:80",
        "256.0.0.1:80",
        "127.0.0.1:-1",
    ],
)
def test_wrong_binds(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_bind(text)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("10.0.0.2", ("10.0.0.2", 53)),
        ("127.0.0.1:8600", ("127.0.0.1", 8600)),
        ("::1", ("::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
    ],
)
def test_dns_servers(text: str, server: tuple[str, int]) -> None:
    assert parse_dns_server(text) == server


@pytest.mark.parametrize(
    "text", ["", "dns.example", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:x", "[::1]", "http://10.0.0.2"]
)
def test_wrong_dns_servers(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_dns_server(text)
