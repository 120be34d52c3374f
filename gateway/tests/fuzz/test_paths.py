"""Paths: canonical once and for all, and never a path that another parser takes for another."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from fuzz.seeds import FUZZ, TIME, corpus, mutated
from moongate.core.errors import MessageRefused
from moongate.protocol.http1.target import canonical_path, host_of

pytestmark = TIME

any_paths = st.one_of(mutated(corpus("paths"), most=6), st.binary(max_size=24)).map(
    lambda path: b"/" + path.lstrip(b"/")
)
_CANONICAL = re.compile(rb"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)+")


def canonical(path: bytes) -> bytes | None:
    try:
        return canonical_path(path)
    except MessageRefused:
        return None


@FUZZ
@given(any_paths)
def test_a_canonical_path_is_final(path: bytes) -> None:
    once = canonical(path)
    if once is not None:
        assert canonical(once) == once


@FUZZ
@given(any_paths)
def test_every_way_to_read_a_canonical_path_leads_to_the_same_place(path: bytes) -> None:
    once = canonical(path)
    if once is None:
        return
    assert _CANONICAL.fullmatch(once)
    ways = {
        # decoded before it is split, or after; with parameters or without; dots resolved or not
        posixpath.normpath(unquote_to_bytes(once)),
        posixpath.normpath(b"/".join(unquote_to_bytes(segment) for segment in once.split(b"/"))),
        posixpath.normpath(unquote_to_bytes(posixpath.normpath(once))),
    }
    assert len(ways) == 1
    without = b"/".join(segment.partition(b";")[0] for segment in unquote_to_bytes(once).split(b"/"))
    assert posixpath.normpath(without).count(b"/") == posixpath.normpath(unquote_to_bytes(once)).count(b"/")


@FUZZ
@given(any_paths)
def test_a_canonical_path_leads_where_the_path_led(path: bytes) -> None:
    once = canonical(path)
    if once is not None:
        assert posixpath.normpath(unquote_to_bytes(once)) == posixpath.normpath(
            unquote_to_bytes(path).replace(b"//", b"/")
        )


@FUZZ
@given(st.one_of(mutated([b"h", b"a.b:80", b"[::1]:8080", b"192.0.2.1"], most=6), st.binary(max_size=20)))
def test_a_host_is_a_name_or_an_address(authority: bytes) -> None:
    host = host_of(authority)
    if host is not None:
        assert re.fullmatch(rb"[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\]", host)
        assert authority.lower().startswith(host)
        assert re.fullmatch(rb"\.?(?::[0-9]{1,5})?", authority[len(host) :])
