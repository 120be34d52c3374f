"""Other line ends than CR LF, at every place where a request has one."""

from __future__ import annotations

from conformance.corpus.case import SMUGGLED, Bad

TEMPLATE = (b"POST / HTTP/1.1", b"Host: corpus.test", b"Content-Length: 5", b"X-A: 1", b"")
PLACES = ("request line", "Host", "length", "last field", "empty line")

# What comes instead of CR LF. Behind the empty line the body begins, and any octets are well there: LF by itself does
# not end the head, so only what leaves no CR LF CR LF behind is tried at that place.
OTHERS = {
    "LF": b"\n",
    "CR": b"\r",
    "LF CR": b"\n\r",
    "CR CR LF": b"\r\r\n",
    "CR NUL LF": b"\r\x00\n",
    "LF LF": b"\n\n",
    "CR LF SP": b"\r\n ",
    "vertical tab": b"\x0b",
    "form feed": b"\x0c",
    "next line": b"\x85\n",
    "line separator": b"\xe2\x80\xa8\n",
    "NUL": b"\x00\n",
    "escaped": b"%0d%0a\n",
}


def _with(place: int, other: bytes) -> bytes:
    lines = [line + (other if index == place else b"\r\n") for index, line in enumerate(TEMPLATE)]
    return b"".join(lines) + b"hello" + SMUGGLED


def _cases() -> list[Bad]:
    cases = []
    for place, where in enumerate(PLACES):
        for name, other in OTHERS.items():
            if other == b"\r\n " and where == "empty line":
                continue  # that is the body
            cases.append(Bad(f"line end: {name} behind {where}", _with(place, other)))
    for name, other in OTHERS.items():
        everywhere = b"".join(line + other for line in TEMPLATE) + b"hello" + SMUGGLED
        cases.append(Bad(f"line end: {name} everywhere", everywhere))
    for name, before in {
        "LF": b"\n",
        "CR": b"\r",
        "CR CR LF": b"\r\r\n",
        "LF CR": b"\n\r",
        "CR LF LF": b"\r\n\n",
        "space": b" ",
        "CR LF space": b"\r\n ",
        "tab": b"\t",
        "NUL": b"\x00",
        "vertical tab": b"\x0b",
        "byte order mark": b"\xef\xbb\xbf",
        "a field": b"X-A: 1\r\n",
        "a digit": b"0\r\n",
        "a last chunk": b"0\r\n\r\n",
    }.items():
        cases.append(Bad(f"before the request: {name}", before + _with(-1, b"")))
    return cases


CASES: list[Bad] = _cases()
