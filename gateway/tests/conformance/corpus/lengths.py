"""Content-Length that two readers could take for two lengths, or one of them for none."""

from __future__ import annotations

from conformance.corpus.case import SMUGGLED, Bad, named, post

VALUES = {
    "empty": b"",
    "space": b" ",
    "plus": b"+5",
    "minus": b"-5",
    "minus nothing": b"-0",
    "plus nothing": b"+0",
    "hexadecimal": b"0x5",
    "hexadecimal digits": b"5a",
    "octal": b"0o5",
    "binary": b"0b101",
    "exponent": b"5e0",
    "decimal point": b"5.0",
    "decimal comma": b"5,0",
    "underscore": b"5_0",
    "thousands": b"1'000",
    "two equal": b"5, 5",
    "two equal, no space": b"5,5",
    "two unequal": b"5, 6",
    "two with a semicolon": b"5;5",
    "trailing comma": b"5,",
    "leading comma": b",5",
    "two by space": b"5 5",
    "two by tab": b"5\t5",
    "parameter": b"5;q=1",
    "quoted": b'"5"',
    "single quoted": b"'5'",
    "bracketed": b"[5]",
    "comment": b"5 (five)",
    "words": b"five",
    "nan": b"nan",
    "infinity": b"Infinity",
    "none": b"None",
    "overflow of 64 bits": b"18446744073709551621",
    "overflow of 63 bits": b"9223372036854775813",
    "overflow of 32 bits, and more": b"42949672960000000000",
    "nineteen digits": b"1000000000000000000",
    "very many digits": b"9" * 400,
    "many zeros": b"0" * 40 + b"5",
    "arabic digits": "٥".encode(),
    "full-width digits": "５".encode(),
    "superscript": b"\xb2",
    "no-break space": b"\xa05",
    "no-break space behind": b"5\xa0",
    "NUL": b"5\x00",
    "NUL before": b"\x005",
    "vertical tab": b"\x0b5",
    "form feed behind": b"5\x0c",
    "carriage return": b"5\r",
    "carriage return before": b"\r5",
    "line feed behind": b"5\n",
    "delete": b"5\x7f",
    "escaped": b"%35",
    "chunked": b"chunked",
}

SECOND = {
    "equal": b"Content-Length: 5\r\nContent-Length: 5\r\n",
    "shorter first": b"Content-Length: 0\r\nContent-Length: 5\r\n",
    "shorter last": b"Content-Length: 5\r\nContent-Length: 0\r\n",
    "another case": b"Content-Length: 5\r\ncontent-length: 5\r\n",
    "apart": b"Content-Length: 5\r\nX-A: 1\r\nContent-Length: 5\r\n",
    "three": b"Content-Length: 5\r\n" * 3,
    "empty last": b"Content-Length: 5\r\nContent-Length:\r\n",
    "empty first": b"Content-Length:\r\nContent-Length: 5\r\n",
    "other spelling of the same": b"Content-Length: 5\r\nContent-Length: 05\r\n",
    "space before the colon": b"Content-Length: 5\r\nContent-Length : 5\r\n",
    "tab before the colon": b"Content-Length: 5\r\nContent-Length\t: 6\r\n",
    "folded": b"Content-Length: 5\r\nContent-Length:\r\n 6\r\n",
    "behind a bare line feed": b"Content-Length: 5\r\nX-A: 1\nContent-Length: 6\r\n",
    "behind a bare carriage return": b"Content-Length: 5\r\nX-A: 1\rContent-Length: 6\r\n",
    "behind a NUL": b"Content-Length: 5\r\nX-A: 1\x00Content-Length: 6\r\n",
}

CASES: list[Bad] = [
    *named("length", {name: post(b"Content-Length: " + v + b"\r\n", body=b"hello") for name, v in VALUES.items()}),
    *named(
        "length of GET",
        {n: post(b"Content-Length:" + v + b"\r\n", line=b"GET /a HTTP/1.1\r\n") for n, v in VALUES.items()},
    ),
    *named(
        "length before a good one",
        {
            name: post(b"Content-Length: " + v + b"\r\nContent-Length: 5\r\n", body=b"hello")
            for name, v in VALUES.items()
        },
    ),
    *named("two lengths", {name: post(lines, body=b"hello" + SMUGGLED) for name, lines in SECOND.items()}),
    *named(
        "two lengths, HTTP/1.0",
        {name: post(lines, body=b"hello", line=b"POST / HTTP/1.0\r\n") for name, lines in SECOND.items()},
    ),
]
