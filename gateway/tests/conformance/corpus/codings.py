"""Transfer-Encoding alone and beside Content-Length: CL.TE, TE.CL, TE.TE, and spellings that only one side knows."""

from __future__ import annotations

from conformance.corpus.case import CODING, MALFORMED, SMUGGLED, Bad, post

BODY = b"0\r\n\r\n"

# Lines that some server takes for Transfer-Encoding: chunked, and some does not.
SPELLINGS = {
    "x": b"Transfer-Encoding: xchunked\r\n",
    "chunkedx": b"Transfer-Encoding: chunkedx\r\n",
    "chunk": b"Transfer-Encoding: chunk\r\n",
    "empty": b"Transfer-Encoding:\r\n",
    "identity": b"Transfer-Encoding: identity\r\n",
    "gzip": b"Transfer-Encoding: gzip\r\n",
    "list, chunked last": b"Transfer-Encoding: gzip, chunked\r\n",
    "list, chunked first": b"Transfer-Encoding: chunked, gzip\r\n",
    "list, identity last": b"Transfer-Encoding: chunked, identity\r\n",
    "list, identity first": b"Transfer-Encoding: identity, chunked\r\n",
    "list, no space": b"Transfer-Encoding: identity,chunked\r\n",
    "list, twice": b"Transfer-Encoding: chunked, chunked\r\n",
    "trailing comma": b"Transfer-Encoding: chunked,\r\n",
    "leading comma": b"Transfer-Encoding: ,chunked\r\n",
    "semicolon": b"Transfer-Encoding: chunked;\r\n",
    "parameter": b"Transfer-Encoding: chunked;foo=bar\r\n",
    "quoted": b'Transfer-Encoding: "chunked"\r\n',
    "single quoted": b"Transfer-Encoding: 'chunked'\r\n",
    "two words": b"Transfer-Encoding: chunked x\r\n",
    "Kelvin sign": b"Transfer-Encoding: chun\xe2\x84\xaaed\r\n",
    "long s": "Transfer-Encoding: chunked\u017f\r\n".encode(),
    "no-break space": b"Transfer-Encoding:\xa0chunked\r\n",
    "no-break space behind": b"Transfer-Encoding: chunked\xa0\r\n",
    "next line": b"Transfer-Encoding: chunked\x85\r\n",
    "byte order mark": b"Transfer-Encoding: \xef\xbb\xbfchunked\r\n",
    "NUL behind": b"Transfer-Encoding: chunked\x00\r\n",
    "NUL before": b"Transfer-Encoding: \x00chunked\r\n",
    "NUL within": b"Transfer-Encoding: chu\x00nked\r\n",
    "vertical tab": b"Transfer-Encoding:\x0bchunked\r\n",
    "vertical tab behind": b"Transfer-Encoding: chunked\x0b\r\n",
    "form feed": b"Transfer-Encoding:\x0cchunked\r\n",
    "file separator": b"Transfer-Encoding: chunked\x1c\r\n",
    "delete": b"Transfer-Encoding: chunked\x7f\r\n",
    "space before the colon": b"Transfer-Encoding : chunked\r\n",
    "tab before the colon": b"Transfer-Encoding\t: chunked\r\n",
    "vertical tab before the colon": b"Transfer-Encoding\x0b: chunked\r\n",
    "NUL before the colon": b"Transfer-Encoding\x00: chunked\r\n",
    "space before the name": b" Transfer-Encoding: chunked\r\n",
    "tab before the name": b"\tTransfer-Encoding: chunked\r\n",
    "space within the name": b"Transfer Encoding: chunked\r\n",
    "slash in the name": b"Transfer/Encoding: chunked\r\n",
    "high octet in the name": b"Transfer\x96Encoding: chunked\r\n",
    "no colon": b"Transfer-Encoding chunked\r\n",
    "equals sign": b"Transfer-Encoding= chunked\r\n",
    "folded value": b"Transfer-Encoding:\r\n chunked\r\n",
    "folded value, tab": b"Transfer-Encoding:\r\n\tchunked\r\n",
    "folded twice": b"Transfer-Encoding:\r\n \r\n chunked\r\n",
    "folded behind": b"Transfer-Encoding: chunked\r\n \r\n",
    "folded into a list": b"Transfer-Encoding: identity,\r\n chunked\r\n",
    "folded name": b"Transfer-Encoding\r\n : chunked\r\n",
    "behind a bare line feed": b"X-A: 1\nTransfer-Encoding: chunked\r\n",
    "behind a bare carriage return": b"X-A: 1\rTransfer-Encoding: chunked\r\n",
    "behind LF CR": b"X-A: 1\n\rTransfer-Encoding: chunked\r\n",
    "ends with a bare line feed": b"Transfer-Encoding: chunked\n",
    "ends with CR CR LF": b"Transfer-Encoding: chunked\r\r\n",
    "ends with a bare carriage return": b"Transfer-Encoding: chunked\rX-A: 1\r\n",
    "second, chunked": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "second, identity": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "second, identity first": b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    "second, another case": b"Transfer-Encoding: chunked\r\ntransfer-encoding: x\r\n",
    "second, empty": b"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
    "second, odd": b"Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n",
}

# Well spelled, and still ambiguous beside a length or in HTTP/1.0.
PLAIN = {
    "plain": b"Transfer-Encoding: chunked\r\n",
    "lower case": b"transfer-encoding: chunked\r\n",
    "upper case": b"TRANSFER-ENCODING: CHUNKED\r\n",
    "no space": b"Transfer-Encoding:chunked\r\n",
    "tab": b"Transfer-Encoding:\tchunked\t\r\n",
}


def _cases() -> list[Bad]:
    length = b"Content-Length: %d\r\n" % len(BODY + SMUGGLED)
    cases = []
    for name, lines in SPELLINGS.items():
        cases.append(Bad(f"coding: {name}", post(lines, body=BODY), CODING))
    for name, lines in {**SPELLINGS, **PLAIN}.items():
        statuses = MALFORMED if name in PLAIN else CODING
        cases.append(Bad(f"CL.TE: {name}", post(length, lines, body=BODY + SMUGGLED), statuses))
        cases.append(Bad(f"TE.CL: {name}", post(lines, b"Content-Length: 4\r\n", body=b"5c\r\n" + SMUGGLED), statuses))
    for name, lines in PLAIN.items():
        for line in (b"POST / HTTP/1.0\r\n", b"GET / HTTP/1.0\r\n"):
            version = f"coding in HTTP/1.0 {line[:4].decode().strip()}: {name}"
            cases.append(Bad(version, post(lines, body=BODY, line=line)))
        zero = post(lines, b"Content-Length: 0\r\n", body=BODY + SMUGGLED)
        cases.append(Bad(f"coding and no length: {name}", zero))
    return cases


CASES: list[Bad] = _cases()
