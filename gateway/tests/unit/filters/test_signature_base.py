"""The octets that are signed: the RFC's own examples, and those of a second hand."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway_harness.exchanges import exchange_of
from gateway_harness.proxying import head_of
from moongate.core.exchange import Exchange, Imagined
from moongate.filters.content_digest import read_digest
from moongate.filters.signature_base import component, judge_coverage, signature_base
from moongate.filters.signature_form import SignatureRefused, read_signature

# RFC 9421 appendix B.2: the request, and what was signed of it by the keys of appendix B.1.
REQUEST = (
    b"POST /foo?param=Value&Pet=dog HTTP/1.1\r\n"
    b"Host: example.com\r\n"
    b"Date: Tue, 20 Apr 2021 02:07:55 GMT\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Digest: sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BN"
    b"NyealdVLvRwEmTHWXvJwew==:\r\n"
    b"Content-Length: 18\r\n"
)
BODY = b'{"hello": "world"}'
B25 = (
    b'Signature-Input: sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"\r\n'
    b"Signature: sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:\r\n"
)
B26 = (
    b'Signature-Input: sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    b';created=1618884473;keyid="test-key-ed25519"\r\n'
    b"Signature: sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:\r\n"
)
SECRET = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
ED25519_PEM = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
"""


def signed(more: bytes) -> Exchange:
    return Exchange(b"id-1", 1, head_of(REQUEST + more + b"\r\n"), "192.0.2.7", 100.0)


def base_of(exchange: Exchange, key: str) -> tuple[bytes, bytes]:
    assert exchange.head is not None
    signature = read_signature(exchange.head.section.lines, (key,))
    return signature_base(exchange, signature), signature.octets


def test_the_rfc_s_hmac_sha256() -> None:
    base, octets = base_of(signed(B25), "test-shared-secret")
    assert base == (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        b'"@authority": example.com\n'
        b'"content-type": application/json\n'
        b'"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    )
    assert hmac.digest(SECRET, base, "sha256") == octets


def test_the_rfc_s_ed25519() -> None:
    base, octets = base_of(signed(B26), "test-key-ed25519")
    key = load_pem_public_key(ED25519_PEM)
    assert isinstance(key, Ed25519PublicKey)
    key.verify(octets, base)


def test_the_rfc_s_digest() -> None:
    head = signed(b"").head
    assert head is not None
    check = read_digest(head.section.lines)
    check.update(BODY)
    assert check.verdict() is None
    assert b"sha-512=:" + base64.b64encode(hashlib.sha512(BODY).digest()) in head.section.lines


def test_what_is_derived_from_the_request() -> None:
    raw = b"GET /a//b/../%7Ec?x=1&y=%20 HTTP/1.1\r\nHost: A.test:443\r\n\r\n"
    exchange = Imagined(head_of(raw), "192.0.2.7", is_secure=True)
    values = {
        "@method": b"GET",
        "@authority": b"a.test",
        "@scheme": b"https",
        "@path": b"/a/~c",
        "@query": b"?x=1&y=%20",
        "@request-target": b"/a/~c?x=1&y=%20",
        "@target-uri": b"https://a.test/a/~c?x=1&y=%20",
        "host": b"A.test:443",
    }
    assert {name: component(exchange, name) for name in values} == values
    plain = exchange_of(b"X-A: 1", b"x-a:  2 ", b"X-B:")
    assert component(plain, "@query") == b"?"
    assert component(plain, "@target-uri") == b"http://a.test/"
    assert component(plain, "x-a") == b"1, 2"
    assert component(plain, "x-b") == b""


@pytest.mark.parametrize(
    "name", ["@status", "@signature-params", "@query-param", "x-absent", "content-length", "x-high"]
)
def test_what_the_request_does_not_have(name: str) -> None:
    with pytest.raises(SignatureRefused, match="signature_component"):
        component(exchange_of(b"X-High: \xe9"), name)


@pytest.mark.parametrize(
    ("covered", "has_body", "is_enough"),
    [
        ("@method @target-uri", False, True),
        ("@method @authority @path @query", False, True),
        ("@method @target-uri content-digest", True, True),
        ("@method @target-uri", True, False),
        ("@target-uri", False, False),
        ("@method @authority @path", False, False),
        ("@method @path @query", False, False),
        ("@method @authority @query", False, False),
        ("@method @request-target", False, False),
        ("", False, False),
    ],
)
def test_no_part_that_counts_may_be_left_out(covered: str, has_body: bool, is_enough: bool) -> None:
    if is_enough:
        judge_coverage(covered.split(), has_body=has_body)
    else:
        with pytest.raises(SignatureRefused, match="signature_coverage"):
            judge_coverage(covered.split(), has_body=has_body)
