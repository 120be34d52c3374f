"""Where fuzzing begins: the corpora, what is done to their entries, and how long it goes on.

``MOONGATE_FUZZ=deep`` looks at twenty times as many messages, other ones at each run; otherwise it is the same few
at each run, so that a test that passed goes on passing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

IS_DEEP = os.environ.get("MOONGATE_FUZZ") == "deep"
FUZZ = settings(
    max_examples=4000 if IS_DEEP else 200,
    derandomize=not IS_DEEP,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TIME = pytest.mark.timeout(3600 if IS_DEEP else 120)

_CORPUS = Path(__file__).parent / "corpus"
_OPERATIONS = ("insert", "delete", "replace", "double a line", "swap lines")


def corpus(name: str) -> list[bytes]:
    """The entries of one corpus: a line each, escaped as in a Python literal."""
    lines = (_CORPUS / f"{name}.txt").read_text("ascii").splitlines()
    return [line.encode("ascii").decode("unicode_escape").encode("latin-1") for line in lines]


_tokens = st.sampled_from(corpus("tokens"))


@st.composite
def mutated(draw: DrawFn, seeds: list[bytes], most: int = 3) -> bytes:
    """One of ``seeds`` after up to ``most`` changes."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, most))):
        data = _changed(draw, data)
    return data


def _changed(draw: DrawFn, data: bytes) -> bytes:
    operation = draw(st.sampled_from(_OPERATIONS))
    place = draw(st.integers(0, len(data)))
    if operation == "insert":
        return data[:place] + draw(_tokens) + data[place:]
    if operation == "replace":
        return data[:place] + draw(_tokens) + data[place + 1 :]
    if operation == "delete":
        return data[:place] + data[place + draw(st.integers(1, 4)) :]
    lines = data.split(b"\r\n")
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    if operation == "double a line":
        lines.insert(other, lines[one])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


def cut_in_pieces(data: bytes) -> SearchStrategy[list[bytes]]:
    """``data`` in pieces, none of them empty."""
    if len(data) < 2:
        return st.just([data] if data else [])
    places = st.lists(st.integers(1, len(data) - 1), max_size=8, unique=True).map(sorted)
    return places.map(lambda at: [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)])


_token = st.text("abcXYZ019-!", min_size=1, max_size=8).map(str.encode)
_names = st.one_of(st.sampled_from([b"Accept", b"Cookie", b"X-A", b"x-b"]), _token.map(lambda name: b"X-" + name))
_IN_VALUES = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))
_values = st.lists(st.sampled_from(_IN_VALUES), max_size=12).map(lambda octets: bytes(octets).strip(b" \t"))
_space = st.sampled_from([b"", b" ", b"\t", b"  "])
field_lines = st.lists(
    st.tuples(_names, _space, _values, _space).map(lambda parts: parts[0] + b":" + b"".join(parts[1:]) + b"\r\n"),
    max_size=5,
).map(b"".join)
_chunk_ends = st.sampled_from([b"", b";a", b";a=b", b';a="b;c"', b";a;b=1"])
bodies = st.binary(max_size=40)


@st.composite
def chunked(draw: DrawFn, body: bytes, trailers: SearchStrategy[bytes] = field_lines) -> bytes:
    """``body`` as chunks, however cut, with extensions and trailers."""
    data = b""
    for piece in draw(cut_in_pieces(body)):
        size = draw(st.sampled_from([b"%x", b"%X", b"00%x"])) % len(piece)
        data += size + draw(_chunk_ends) + b"\r\n" + piece + b"\r\n"
    return data + b"0" + draw(_chunk_ends) + b"\r\n" + draw(trailers) + b"\r\n"


@st.composite
def framed(draw: DrawFn, start: bytes) -> bytes:
    """A whole message: ``start`` and its first lines, more fields, and a body framed either way, or none."""
    lines, body = draw(field_lines), draw(bodies)
    framing = draw(st.sampled_from(("length", "chunked", "none")))
    if framing == "length":
        return start + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if framing == "chunked":
        return start + b"Transfer-Encoding: chunked\r\n" + lines + b"\r\n" + draw(chunked(body))
    return start + lines + b"\r\n"


_methods = st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PROPFIND"])
_targets = st.sampled_from([b"/", b"/a", b"/a/b?c", b"/%20?", b"/a/../b", b"//a", b"http://h/x", b"/a?%zz"])
requests = st.tuples(_methods, _targets).flatmap(lambda line: framed(b"%b %b HTTP/1.1\r\nHost: h\r\n" % line))
_statuses = st.sampled_from([b"200 OK", b"404", b"500 ", b"301 \xe9", b"299 a b"])
responses = _statuses.flatmap(lambda status: framed(b"HTTP/1.1 %b\r\n" % status))
