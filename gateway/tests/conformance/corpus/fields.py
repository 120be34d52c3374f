"""Field lines that one reader drops, cuts or joins and another does not."""

from __future__ import annotations

from conformance.corpus.case import EXPECTATION, LONG, SMUGGLED, Bad, get, named

NOT_IN_NAMES = (
    [octet for octet in range(0x21) if octet not in (0x0A, 0x0D)]
    + list(b'"(),/;<=>?@[\\]{}\x7f')
    + [
        0x80,
        0xA0,
        0xC3,
        0xFF,
    ]
)
NOT_IN_VALUES = [octet for octet in range(0x20) if octet not in (0x09, 0x0A, 0x0D)] + [0x7F]


def _names() -> list[Bad]:
    cases = []
    for octet in NOT_IN_NAMES:
        raw = bytes((octet,))
        cases.append(Bad(f"name: octet {octet:02x} within", get(b"X-A" + raw + b"B: 1\r\n")))
        cases.append(Bad(f"name: octet {octet:02x} behind", get(b"X-A" + raw + b": 1\r\n")))
        cases.append(Bad(f"name: octet {octet:02x} before", get(raw + b"X-A: 1\r\n")))
    return cases


def _values() -> list[Bad]:
    cases = []
    for octet in NOT_IN_VALUES:
        raw = bytes((octet,))
        cases.append(Bad(f"value: octet {octet:02x} within", get(b"X-A: a" + raw + b"b\r\n")))
        cases.append(Bad(f"value: octet {octet:02x} before", get(b"X-A:" + raw + b"b\r\n")))
        cases.append(Bad(f"value: octet {octet:02x} behind", get(b"X-A: a" + raw + b"\r\n")))
    return cases


SHAPES = {
    "no colon": get(b"X-A\r\n"),
    "no colon, known name": get(b"X-A: 1\r\n", b"X-A\r\n"),
    "no colon, Host": get(b"Host\r\n"),
    "no colon, Content-Length": get(b"Content-Length\r\n"),
    "no colon, spaces": get(b"X-A 1\r\n"),
    "no name": get(b": 1\r\n"),
    "no name, no value": get(b":\r\n"),
    "only a space": get(b" \r\n"),
    "only a tab": get(b"\t\r\n"),
    "folded": get(b"X-A: 1\r\n 2\r\n"),
    "folded by tab": get(b"X-A: 1\r\n\t2\r\n"),
    "folded, nothing behind": get(b"X-A: 1\r\n \r\n"),
    "folded twice": get(b"X-A: 1\r\n 2\r\n 3\r\n"),
    "folded first line": get(b"X-A: 1\r\n", host=b" Host: corpus.test\r\n"),
    "folded Host": get(host=b"Host:\r\n corpus.test\r\n"),
    "folded Host, tab": get(host=b"Host: corpus\r\n\t.test\r\n"),
    "a request line among the fields": get(b"GET /smuggled HTTP/1.1\r\n"),
    "a request line with a colon": get(b"GET /smuggled HTTP/1.1: 1\r\n"),
    "a status line among the fields": get(b"HTTP/1.1 200 OK\r\n"),
    "space before the colon, Host": get(host=b"Host : corpus.test\r\n"),
    "tab before the colon, Host": get(host=b"Host\t: corpus.test\r\n"),
    "two names": get(b"X-A X-B: 1\r\n"),
    "quoted name": get(b'"X-A": 1\r\n'),
    "a name in brackets": get(b"[X-A]: 1\r\n"),
    "connection option with a space": get(b"Connection: close x\r\n"),
    "connection option with a parameter": get(b"Connection: close;x\r\n"),
    "connection option in quotes": get(b'Connection: "close"\r\n'),
    "connection option with an address": get(b"Connection: http://a/\r\n"),
    "connection option beyond ASCII": get(b"Connection: clos\xe9\r\n"),
    "Node CVE-2025-23167": get(b"X-A: 1\r\n\rX-B: 2\r\n"),
    "Node CVE-2023-30589": get(b"X-A: 1\rContent-Length: 5\r\n") + b"hello",
    "empty line of CR CR LF": get(b"X-A: 1\r\n\r\r\n") + SMUGGLED,
}

CASES: list[Bad] = [
    *_names(),
    *_values(),
    *named("field", SHAPES),
    *named(
        "expectation",
        {
            "empty": get(b"Expect:\r\n"),
            "unknown": get(b"Expect: 200-maybe\r\n"),
            "obfuscated": get(b"Expect: 100-continu\xe9\r\n"),
            "list": get(b"Expect: 100-continue, x\r\n"),
            "twice, one unknown": get(b"Expect: 100-continue\r\n", b"Expect: x\r\n"),
            "y before": get(b"Expect: y 100-continue\r\n"),
            "parameter": get(b"Expect: 100-continue;a=b\r\n"),
        },
        EXPECTATION,
    ),
    *named(
        "too large",
        {
            "target": get(line=b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n"),
            "query": get(line=b"GET /?" + b"a" * 8191 + b" HTTP/1.1\r\n"),
            "target without end": b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nX-A: ",
            "field": get(b"X-A: " + b"a" * 8188 + b"\r\n"),
            "field name": get(b"a" * 8200 + b": 1\r\n"),
            "field by white space": get(b"X-A:" + b" " * 8190 + b"1\r\n"),
            "fields": get(b"X-A: " + b"a" * 8000 + b"\r\n", b"X-B: " + b"b" * 8000 + b"\r\n", b"X-C: " + b"c" * 500),
            "101 fields": get(b"X-A: 1\r\n" * 100),
            "101 fields that would be dropped": get(b"X_A: 1\r\n" * 100),
            "many short fields": get(b"a:\r\n" * 4000),
        },
        LONG,
    ),
]
