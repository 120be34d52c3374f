"""Messages that are unusual and well: refusing one is a mistake."""

from __future__ import annotations

from conformance.corpus.case import HOST, Good, get, post

LONG_PATH = b"/" + b"a" * 8191

CASES: list[Good] = [
    Good("bare minimum", get(), b"GET /"),
    Good("one empty line before", b"\r\n" + get(), b"GET /"),
    Good("several empty lines before", b"\r\n\r\n\r\n" + get(), b"GET /"),
    Good("HTTP/1.0", get(line=b"GET /a HTTP/1.0\r\n"), b"GET /a"),
    Good("HTTP/1.0 kept alive", get(b"Connection: keep-alive\r\n", line=b"GET /a HTTP/1.0\r\n"), b"GET /a"),
    Good(
        "HTTP/1.0 and a length",
        post(b"Content-Length: 2\r\n", body=b"hi", line=b"POST / HTTP/1.0\r\n"),
        b"POST /",
        b"hi",
    ),
    Good("HTTP/1.0, an unneeded expectation", get(b"Expect: 100-continue\r\n", line=b"GET / HTTP/1.0\r\n"), b"GET /"),
    Good("absolute form", get(line=b"GET http://corpus.test/a?b HTTP/1.1\r\n"), b"GET /a?b"),
    Good("absolute form, other case", get(line=b"GET HTTP://CORPUS.test/A HTTP/1.1\r\n"), b"GET /A"),
    Good("absolute form, no path", get(line=b"GET http://corpus.test HTTP/1.1\r\n"), b"GET /"),
    Good("absolute form, query only", get(line=b"GET http://corpus.test?a HTTP/1.1\r\n"), b"GET /?a"),
    Good("absolute form, https", get(line=b"GET https://corpus.test/ HTTP/1.1\r\n"), b"GET /"),
    Good("absolute form, HTTP/1.0 without Host", get(line=b"GET http://corpus.test/ HTTP/1.0\r\n", host=b""), b"GET /"),
    Good("OPTIONS", get(line=b"OPTIONS / HTTP/1.1\r\n"), b"OPTIONS /"),
    Good("HEAD", get(line=b"HEAD / HTTP/1.1\r\n"), b"HEAD /"),
    Good(
        "DELETE with a body",
        post(b"Content-Length: 2\r\n", body=b"hi", line=b"DELETE /a HTTP/1.1\r\n"),
        b"DELETE /a",
        b"hi",
    ),
    Good("GET with a body", post(b"Content-Length: 2\r\n", body=b"hi", line=b"GET /a HTTP/1.1\r\n"), b"GET /a", b"hi"),
    Good("POST without a length", get(line=b"POST /a HTTP/1.1\r\n"), b"POST /a"),
    Good("POST with nothing", post(b"Content-Length: 0\r\n"), b"POST /"),
    Good("PROPFIND", get(line=b"PROPFIND / HTTP/1.1\r\n"), b"PROPFIND /"),
    Good("M-SEARCH", get(line=b"M-SEARCH / HTTP/1.1\r\n"), b"M-SEARCH /"),
    Good("no white space", get(b"X-A:1\r\n", host=b"Host:corpus.test\r\n"), b"GET /"),
    Good("much white space", get(b"X-A: \t 1 \t \r\n", host=b"Host: \t corpus.test \t\r\n"), b"GET /"),
    Good("empty values", get(b"X-A:\r\n", b"X-B: \r\n", b"Accept:\t\r\n"), b"GET /"),
    Good("lower case", get(host=b"host: corpus.test\r\n"), b"GET /"),
    Good("upper case", get(host=b"HOST: CORPUS.TEST\r\n"), b"GET /"),
    Good("a host with a port", get(host=b"Host: corpus.test:8080\r\n"), b"GET /"),
    Good("a host with a dot behind", get(host=b"Host: corpus.test.\r\n"), b"GET /"),
    Good("an address as host", get(host=b"Host: 127.0.0.1\r\n"), b"GET /"),
    Good("an IPv6 address as host", get(host=b"Host: [2001:db8::1]:80\r\n"), b"GET /"),
    Good("a host with an underscore", get(host=b"Host: my_service\r\n"), b"GET /"),
    Good("Host is not the first field", get(b"X-B: 1\r\n", HOST, host=b"X-A: 1\r\n"), b"GET /"),
    Good("high octets in a value", get("X-A: caf\u00e9 \u2603\r\n".encode()), b"GET /"),
    Good("latin-1 in a value", get(b"X-A: caf\xe9\r\n"), b"GET /", fields=((b"X-A", b"caf\xe9"),)),
    Good("tabs in a value", get(b"X-A: a\tb\r\n"), b"GET /", fields=((b"X-A", b"a\tb"),)),
    Good("every token character", get(b"!#$%&'*+-.^`|~09azAZ: 1\r\n"), b"GET /"),
    Good("quotes and brackets in a value", get(b'X-A: "a\\"b" (c) <d> [e] {f}\r\n'), b"GET /"),
    Good("the same field twice", get(b"X-A: 1\r\nX-A: 2\r\n"), b"GET /", fields=((b"X-A", b"1"), (b"X-A", b"2"))),
    Good("a length with zeros before", post(b"Content-Length: 002\r\n", body=b"hi"), b"POST /", b"hi"),
    Good("a length with white space", post(b"Content-Length:\t2 \t\r\n", body=b"hi"), b"POST /", b"hi"),
    Good("chunked", post(b"Transfer-Encoding: chunked\r\n", body=b"2\r\nhi\r\n0\r\n\r\n"), b"POST /", b"hi"),
    Good(
        "chunked, other case", post(b"transfer-encoding:CHUNKED \r\n", body=b"2\r\nhi\r\n0\r\n\r\n"), b"POST /", b"hi"
    ),
    Good(
        "chunked, extensions",
        post(b"Transfer-Encoding: chunked\r\n", body=b'1;a\r\nh\r\n1 ; a = "b;\\"c" ;d\r\ni\r\n0;e\r\n\r\n'),
        b"POST /",
        b"hi",
    ),
    Good(
        "chunked, zeros before",
        post(b"Transfer-Encoding: chunked\r\n", body=b"0000000000000002\r\nhi\r\n0000\r\n\r\n"),
        b"POST /",
        b"hi",
    ),
    Good(
        "chunked, upper and lower case sizes",
        post(b"Transfer-Encoding: chunked\r\n", body=b"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
        b"POST /",
        b"0123456789" * 2,
    ),
    Good(
        "chunked, trailers that are dropped",
        post(b"Transfer-Encoding: chunked\r\n", body=b"2\r\nhi\r\n0\r\nX-A: 1\r\nContent-Length: 9\r\n\r\n"),
        b"POST /",
        b"hi",
    ),
    Good("chunked and empty", post(b"Transfer-Encoding: chunked\r\n", body=b"0\r\n\r\n"), b"POST /"),
    Good(
        "a field that connection names",
        get(b"X-A: 1\r\nConnection: x-a\r\n"),
        b"GET /",
        without=(b"x-a", b"connection"),
    ),
    Good("an empty connection list", get(b"Connection: ,, ,\r\n"), b"GET /", without=(b"connection",)),
    Good(
        "an upgrade that is not allowed",
        get(b"Connection: upgrade\r\nUpgrade: h2c\r\n"),
        b"GET /",
        without=(b"upgrade",),
    ),
    Good("TE without Connection", get(b"TE: deflate\r\n"), b"GET /", without=(b"te",)),
    Good(
        "names with underscores", get(b"X_A: 1\r\nContent_Length: 9\r\n"), b"GET /", without=(b"x_a", b"content_length")
    ),
    Good("Proxy-Connection", get(b"Proxy-Connection: keep-alive\r\n"), b"GET /", without=(b"proxy-connection",)),
    Good("forwarding fields of a stranger", get(b"X-Real-IP: 1.1.1.1\r\n"), b"GET /", without=(b"x-real-ip",)),
    Good("an empty query", get(line=b"GET /a? HTTP/1.1\r\n"), b"GET /a?"),
    Good("question marks in the query", get(line=b"GET /a?b?c HTTP/1.1\r\n"), b"GET /a?b?c"),
    Good("what browsers send raw in a query", get(line=b"GET /?a|b^`{}[]'\\ HTTP/1.1\r\n"), b"GET /?a|b^`{}[]'\\"),
    Good("slashes and dots in the query", get(line=b"GET /a?/../%2f%zz HTTP/1.1\r\n"), b"GET /a?/../%2f%zz"),
    Good("dots that stay below the root", get(line=b"GET /a/b/../c/./d HTTP/1.1\r\n"), b"GET /a/c/d"),
    Good("empty segments", get(line=b"GET //a///b// HTTP/1.1\r\n"), b"GET /a/b/"),
    Good("escaped letters", get(line=b"GET /%61%2e%7Eb HTTP/1.1\r\n"), b"GET /a.~b"),
    Good("escapes in lower case", get(line=b"GET /%c3%a9 HTTP/1.1\r\n"), b"GET /%C3%A9"),
    Good("an escaped percent sign", get(line=b"GET /%252e%252e/ HTTP/1.1\r\n"), b"GET /%252e%252e/"),
    Good("parameters", get(line=b"GET /a;v=1/b HTTP/1.1\r\n"), b"GET /a;v=1/b"),
    Good("sub-delimiters", get(line=b"GET /!$&'()*+,=:@ HTTP/1.1\r\n"), b"GET /!$&'()*+,=:@"),
    Good("what browsers send raw in a path", get(line=b"GET /a|b[] HTTP/1.1\r\n"), b"GET /a%7Cb%5B%5D"),
    Good("a well-known path", get(line=b"GET /.well-known/a HTTP/1.1\r\n"), b"GET /.well-known/a"),
    Good("three dots", get(line=b"GET /... HTTP/1.1\r\n"), b"GET /..."),
    Good("a target as long as may be", get(line=b"GET " + LONG_PATH + b" HTTP/1.1\r\n"), b"GET " + LONG_PATH),
    Good("a field as long as may be", get(b"X-A: " + b"a" * 8187 + b"\r\n"), b"GET /"),
    Good("as many fields as may be", get(b"X-A: 1\r\n" * 99), b"GET /"),
]

# Well by the RFCs, and refused all the same: each with its reason.
REFUSED_BY_MISTAKE: dict[str, tuple[bytes, str]] = {
    "a host with an empty port": (
        get(host=b"Host: corpus.test:\r\n"),
        "RFC 3986 allows the empty port; resolvers and frameworks do not agree on what it means",
    ),
    "a host of sub-delimiters": (
        get(host=b"Host: a!b\r\n"),
        "RFC 3986's reg-name is wider than any name that resolves",
    ),
    "an absolute form with the default port": (
        get(line=b"GET http://corpus.test:80/ HTTP/1.1\r\n"),
        "equal to Host only for whoever knows the scheme's port: both must be spelled alike",
    ),
}
