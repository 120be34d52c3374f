import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moongate.filters.content_digest import read_digest
from moongate.filters.signature_form import SignatureRefused


def lines(**digests: bytes) -> bytes:
    said = ", ".join(f"sha-{name[3:]}=:{base64.b64encode(each).decode()}:" for name, each in digests.items())
    return f"Content-Digest: {said}\r\n".encode()


def field(body: bytes) -> bytes:
    return lines(sha256=hashlib.sha256(body).digest())


@given(st.lists(st.binary(max_size=20)), st.binary(min_size=1, max_size=5))
def test_a_body_in_pieces_is_the_body(pieces: list[bytes], more: bytes) -> None:
    body = b"".join(pieces)
    right, longer = read_digest(field(body)), read_digest(field(body))
    for piece in pieces:
        right.update(piece)
        longer.update(piece)
    longer.update(more)
    assert right.verdict() is None
    wrong = longer.verdict()
    assert wrong is not None
    assert (wrong.failure.status, wrong.reason) == (401, "content_digest")
    assert wrong.fields == ((b"WWW-Authenticate", b"Signature"),)


def test_the_strongest_counts() -> None:
    both = lines(sha256=hashlib.sha256(b"a").digest(), sha512=hashlib.sha512(b"b").digest())
    check = read_digest(both)
    check.update(b"b")
    assert check.verdict() is None


def test_a_digest_of_another_length_is_not_the_body_s() -> None:
    check = read_digest(lines(sha256=b"short"))
    assert check.verdict() is not None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Content-Digest: \r\n",
        b"Content-Digest: md5=:AAAA:\r\n",
        b"Content-Digest: sha-256=AAAA\r\n",
        b"Content-Digest: sha-256=(:AAAA:)\r\n",
        b"Content-Digest: sha-256=:AAAA\r\n",
        b"Digest: SHA-256=AAAA\r\n",
        b"Content-Digest: " + b"x" * 3000 + b"\r\n",
    ],
)
def test_what_says_nothing_of_the_body(text: bytes) -> None:
    with pytest.raises(SignatureRefused, match="content_digest"):
        read_digest(text)
