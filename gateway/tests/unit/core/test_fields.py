"""Kinds of field names: what passes, what is dropped, what somebody must read; and a memory that cannot be filled."""

from __future__ import annotations

import pytest

from moongate.core.fields import DROP, NOT_REMOVABLE, PASS, REQUEST_KINDS, RESPONSE_KINDS, FieldKinds, is_settable


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"Accept", PASS),
        (b"X-Custom", PASS),
        (b"Authorization", PASS),
        (b"Via", PASS),
        (b"Trailer", PASS),
        (b"Host", b"host"),
        (b"host", b"host"),
        (b"hOsT", b"host"),
        (b"CONTENT-LENGTH", b"content-length"),
        (b"Transfer-Encoding", b"transfer-encoding"),
        (b"TE", b"te"),
        (b"Connection", b"connection"),
        (b"Upgrade", b"upgrade"),
        (b"Expect", b"expect"),
        (b"X-Forwarded-For", b"x-forwarded-for"),
        (b"X-Real-IP", b"x-real-ip"),
        (b"Forwarded", b"forwarded"),
        (b"X-Forwarded-Prefix", b"x-forwarded-prefix"),
        (b"x-FORWARDED-anything", b"x-forwarded-anything"),
        (b"X-Forwarded", PASS),
        (b"X-Original-URL", DROP),
        (b"X-Rewrite-Url", DROP),
        (b"X-HTTP-Method-Override", DROP),
        (b"X-Method-Override", DROP),
        (b"X-HTTP-Method", DROP),
        (b"X-Request-Id", b"x-request-id"),
        (b"Keep-Alive", DROP),
        (b"Proxy-Connection", DROP),
        (b"Proxy-Authorization", DROP),
        (b"HTTP2-Settings", DROP),
        (b"http2-settings", DROP),
    ],
)
def test_kinds_of_request_fields(name: bytes, kind: bytes) -> None:
    assert REQUEST_KINDS.of(name) == kind
    assert REQUEST_KINDS.of(name) == kind  # remembered now


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"Content-Type", PASS),
        (b"Set-Cookie", PASS),
        (b"Content-Length", b"content-length"),
        (b"Keep-Alive", b"keep-alive"),
        (b"Connection", b"connection"),
        (b"X-Request-Id", DROP),
        (b"Proxy-Authenticate", DROP),
        (b"Proxy-Connection", DROP),
    ],
)
def test_kinds_of_response_fields(name: bytes, kind: bytes) -> None:
    assert RESPONSE_KINDS.of(name) == kind


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"Content_Length", b"x_user", b"_", b"A_B-C"])
def test_an_underscore_is_dropped_from_requests_and_passes_in_responses(name: bytes) -> None:
    assert REQUEST_KINDS.of(name) == DROP
    assert RESPONSE_KINDS.of(name) == PASS


@pytest.mark.parametrize(
    ("name", "may"),
    [
        (b"x-tenant", True),
        (b"x-forwarded-prefix", True),
        (b"X-Forwarded-User", True),
        (b"x-forwarded-client-cert", False),
        (b"x-forwarded-for", False),
        (b"x-original-url", False),
        (b"host", False),
        (b"x-client-id", False),
        (b"x_tenant", False),
    ],
)
def test_what_a_config_may_set(name: bytes, may: bool) -> None:
    assert is_settable(name) is may


def test_what_connection_can_not_remove_is_spelled_in_lower_case() -> None:
    assert all(name == name.lower() for name in NOT_REMOVABLE)
    assert {b"authorization", b"cookie", b"cache-control"} <= NOT_REMOVABLE


def test_a_spelling_is_known_once_it_was_asked_for() -> None:
    kinds = FieldKinds(frozenset((b"host",)), frozenset((b"gone",)), underscored=DROP)
    assert kinds.known(b"X-New") is None
    kinds.of(b"X-New")
    assert kinds.known(b"X-New") == PASS
    assert kinds.known(b"x-new") is None
    assert kinds.known(b"Host") == b"host"
    assert kinds.known(b"Gone") == DROP


def test_invented_names_fill_the_memory_for_nobody() -> None:
    kinds = FieldKinds(frozenset((b"host",)), frozenset(), underscored=DROP)
    for number in range(10_000):
        kinds.of(b"X-%d" % number)
    assert sum(kinds.known(b"X-%d" % number) is not None for number in range(10_000)) <= 2048
    kinds.of(b"X-Late")
    assert kinds.known(b"X-Late") == PASS
    assert kinds.known(b"Host") == b"host"


def test_a_long_name_is_judged_and_not_remembered() -> None:
    kinds = FieldKinds(frozenset(), frozenset(), underscored=DROP)
    assert kinds.of(b"x" * 65) == PASS
    assert kinds.known(b"x" * 65) is None
    assert kinds.of(b"x" * 64) == PASS
    assert kinds.known(b"x" * 64) == PASS


@pytest.mark.parametrize(
    "name",
    [
        b"X-Client-Cert",
        b"X-Client-Certificate",
        b"Client-Cert",
        b"client-cert-chain",
        b"X-SSL-Client-Verify",
        b"X-SSL-Client-S-DN",
        b"x-ssl-anything",
        b"SSL-Client-Subject-DN",
        b"X-Forwarded-Client-Cert",
        b"X-Amzn-Mtls-Clientcert-Leaf",
        b"X-ARR-ClientCert",
    ],
)
def test_what_others_say_of_a_certificate_goes_no_further(name: bytes) -> None:
    assert REQUEST_KINDS.of(name) == DROP
    assert RESPONSE_KINDS.of(name) == PASS
