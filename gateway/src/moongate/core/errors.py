"""What can go wrong with an exchange, as values: one table decides status, wording and whether the connection survives.

A ``Failure`` is what a client may be told (its ``code`` and ``status`` are a promise); the ``reason`` beside it is for
the log alone. ``side`` says whose fault it is: retry, health and blame read it.
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple


class Side(enum.Enum):
    """Who failed."""

    DOWNSTREAM = "downstream"
    GATEWAY = "gateway"
    UPSTREAM = "upstream"


class Failure(NamedTuple):
    """One answer that the gateway gives itself, as problem+json (RFC 9457)."""

    code: str
    status: int
    title: str
    detail: str
    side: Side
    closes: bool = False  # the connection can not be trusted, or not be read, after this
    retry_after: int = 0  # seconds; 0 says nothing


_DOWN, _OWN, _UP = Side.DOWNSTREAM, Side.GATEWAY, Side.UPSTREAM

BAD_REQUEST = Failure(
    "bad_request",
    400,
    "The request is malformed or ambiguous",
    "It was not forwarded; send it as RFC 9112 has it.",
    _DOWN,
    closes=True,
)
CREDENTIALS_MISSING = Failure(
    "credentials_missing",
    401,
    "This request needs a credential",
    "Send an API key or an access token; the WWW-Authenticate field says which are taken.",
    _DOWN,
)
CREDENTIALS_INVALID = Failure(
    "credentials_invalid",
    401,
    "The credential is not valid",
    "It is mistyped, revoked or expired, or was made for another place.",
    _DOWN,
)
FORBIDDEN = Failure(
    "forbidden",
    403,
    "This client may not do that",
    "Ask whoever runs this API for a grant, with the request id.",
    _DOWN,
)
LOGIN_EXPIRED = Failure(
    "login_expired",
    400,
    "This login was not begun here, or too long ago",
    "A login is good for ten minutes, once, and in the browser that began it, which must keep cookies.",
    _DOWN,
    closes=True,
)
LOGIN_REFUSED = Failure(
    "login_refused",
    403,
    "The identity provider did not let you in",
    "The login was given up there, or this application is not open to you; whoever runs it can tell.",
    _DOWN,
)
ROUTE_NOT_FOUND = Failure(
    "route_not_found", 404, "No route matches this request", "Check the host and the path.", _DOWN
)
METHOD_NOT_ALLOWED = Failure(
    "method_not_allowed", 405, "This method is not allowed here", "The Allow field names the methods that are.", _DOWN
)
METHOD_REFUSED = Failure(
    "method_not_allowed",
    405,
    "This method is not allowed on any path",
    "It is unknown, or never passed on; the Allow field names the methods that routes take as a rule.",
    _DOWN,
    closes=True,
)
USUAL_METHODS: Final = (b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT")  # RFC 9110 15.5.6: with 405
REQUEST_TIMEOUT = Failure(
    "request_timeout",
    408,
    "The request did not arrive in time",
    "Send the request again on a new connection.",
    _DOWN,
    closes=True,
)
BODY_TOO_LARGE = Failure(
    "body_too_large",
    413,
    "The request body is too large",
    "Send less, or ask for a higher limit on this route.",
    _DOWN,
    closes=True,
)
URI_TOO_LONG = Failure(
    "uri_too_long", 414, "The request target is too long", "Put long values into the body.", _DOWN, closes=True
)
MISDIRECTED_REQUEST = Failure(
    "misdirected_request",
    421,
    "This connection was made to another host",
    "Open a connection whose TLS server name is the Host that is asked for.",
    _DOWN,
    closes=True,
)
EXPECTATION_FAILED = Failure(
    "expectation_failed",
    417,
    "Only the expectation 100-continue is known",
    "Send the request without the Expect field.",
    _DOWN,
    closes=True,
)
UPGRADE_REFUSED = Failure(
    "upgrade_refused", 403, "This route takes no such upgrade", "Use plain HTTP, or another route.", _DOWN
)
UPGRADE_REQUIRED = Failure(
    "upgrade_required", 426, "This WebSocket version is not spoken here", "Use the version named in the answer.", _DOWN
)
HEADERS_TOO_LARGE = Failure(
    "headers_too_large",
    431,
    "The request's header fields are too large",
    "Send fewer or shorter header fields; cookies are the usual cause.",
    _DOWN,
    closes=True,
)
RATE_LIMITED = Failure("rate_limited", 429, "Too many requests", "Try again after the time in Retry-After.", _DOWN)
INTERNAL = Failure(
    "internal",
    500,
    "The gateway failed on this request",
    "This is a fault of the gateway; its log knows more under the request id.",
    _OWN,
    closes=True,
)
CODING_NOT_IMPLEMENTED = Failure(
    "transfer_coding_unknown",
    501,
    "This transfer coding is unknown",
    "Use chunked, or a Content-Length.",
    _DOWN,
    closes=True,
)
UPSTREAM_UNREACHABLE = Failure(
    "upstream_unreachable",
    502,
    "The service can not be reached",
    "No connection could be made, and nothing was sent.",
    _UP,
)
UPSTREAM_PROTOCOL_ERROR = Failure(
    "upstream_protocol_error",
    502,
    "The service broke the protocol",
    "The connection broke or its answer made no sense; the request may have been acted on.",
    _UP,
)
OVERLOADED = Failure(
    "overloaded",
    503,
    "Too many requests wait for the service",
    "Try again after the time in Retry-After.",
    _OWN,
    retry_after=1,
)
NO_HEALTHY_TARGET = Failure(
    "no_healthy_target",
    503,
    "No place where the service runs is known",
    "Try again after the time in Retry-After.",
    _UP,
    retry_after=1,
)
DEPENDENCY_UNAVAILABLE = Failure(
    "dependency_unavailable",
    503,
    "This request can not be decided at present",
    "What the gateway has to ask does not answer; keep the credential and try again after the time in Retry-After.",
    _OWN,
    retry_after=1,
)
DRAINING = Failure(
    "draining",
    503,
    "The gateway is shutting down",
    "Try again; another instance will answer.",
    _OWN,
    closes=True,
    retry_after=1,
)
UPSTREAM_TIMEOUT = Failure(
    "upstream_timeout", 504, "The service did not answer in time", "The request may have been acted on.", _UP
)
VERSION_NOT_SUPPORTED = Failure(
    "version_not_supported", 505, "This HTTP version is not spoken here", "Use HTTP/1.1.", _DOWN, closes=True
)

# Never sent, only logged: nobody is left to read it.
CLIENT_GONE = Failure("client_gone", 499, "The client went away", "", _DOWN, closes=True)


class MessageRefused(Exception):  # noqa: N818 - a verdict about somebody else's bytes, no error of ours
    """A message that must not be interpreted further: what to answer, and the reason for the log."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(f"{failure.code}: {reason}")
        self.failure = failure
        self.reason = reason
