"""Paths that two parsers take for two paths."""

from __future__ import annotations

from conformance.corpus.case import Bad, get, named

PATHS = {
    "above the root": b"/..",
    "above the root, and back": b"/../a",
    "above the root, deeper": b"/a/../../b",
    "above the root, escaped": b"/%2e%2e/a",
    "above the root, half escaped": b"/.%2e/a",
    "above the root, upper case": b"/%2E%2E/a",
    "above the root, empty segments": b"//../a",
    "above the root at the end": b"/a/../..",
    "slash, escaped": b"/a%2fb",
    "slash, escaped, upper case": b"/a%2Fb",
    "slash, escaped, at the beginning": b"/%2f",
    "slash, escaped, two": b"/%2f%2fevil.test",
    "slash, escaped, dots": b"/a/..%2fb",
    "slash, escaped, dots escaped": b"/a/%2e%2e%2fb",
    "backslash": b"/a\\b",
    "backslash, dots": b"/a\\..\\b",
    "backslash at the beginning": b"/\\evil.test",
    "backslash, escaped": b"/a%5cb",
    "backslash, escaped, dots": b"/a/..%5Cb",
    "NUL, escaped": b"/a%00",
    "NUL, escaped, extension": b"/a%00.html",
    "parameters on dots": b"/a/..;/b",
    "parameters on dots, named": b"/a/..;x=1/b",
    "parameters on dots, at the end": b"/a/..;",
    "parameters on one dot": b"/a/.;/b",
    "parameters on nothing": b"/a/;/b",
    "parameters on nothing, named": b"/;a=b/c",
    "parameters on dots, escaped": b"/a/..%3b/b",
    "parameters on dots, all escaped": b"/a/%2e%2e%3B/b",
    "escape: alone": b"/%",
    "escape: one digit": b"/%2",
    "escape: no digits": b"/%zz",
    "escape: half": b"/%2g",
    "escape: double percent": b"/%%32%65",
    "escape: unicode": b"/%u002e",
    "escape: sign": b"/%+2",
    "escape: hexadecimal mark": b"/%0x2",
    "escape: at the end": b"/a%",
    "escape: at the end, one digit": b"/a%2",
    "escape: upper half": b"/%g0",
    "high octet": b"/caf\xe9",
    "UTF-8": b"/caf\xc3\xa9",
    "overlong dot": b"/\xc0\xae\xc0\xae/a",
    "overlong slash": b"/a\xc0\xafb",
    "full-width slash": b"/a\xef\xbc\x8fb",
    "double quote": b'/a"b',
    "less than": b"/a<b",
    "greater than": b"/a>b",
    "tab": b"/a\tb",
    "NUL": b"/a\x00b",
    "vertical tab": b"/a\x0bb",
    "delete": b"/a\x7fb",
    "fragment": b"/a#b",
    "fragment, dots": b"/a#/../b",
}

CASES: list[Bad] = [
    *named("path", {name: get(line=b"GET " + path + b" HTTP/1.1\r\n") for name, path in PATHS.items()}),
    *named(
        "path in absolute form",
        {
            name: get(line=b"GET http://corpus.test" + path + b" HTTP/1.1\r\n")
            for name, path in PATHS.items()
            if not name.startswith("high octet")
        },
    ),
]
