"""Which header fields a gateway may pass on untouched, and which it must read, rewrite or drop.

Classifying is one dict lookup per field: the answer for each spelling seen is remembered, up to a bound, so that a
caller who invents names can not fill the memory.
"""

from __future__ import annotations

from typing import Final

PASS: Final = b""  # end to end: goes through as it came
DROP: Final = b"-"  # goes no further; nobody needs to read it

# RFC 9110 section 7.6.1 and what predates it. Read by the framing rules, or dropped.
_CONNECTION_FIELDS: Final = (
    b"connection",
    b"content-length",
    b"te",
    b"transfer-encoding",
    b"upgrade",
)
_DROPPED: Final = (
    b"keep-alive",
    b"proxy-connection",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"http2-settings",
)

# What TLS terminators say of a client's certificate, each under names of its own: from a client it is a lie (RFC 9440
# section 2.4).
_CERTIFICATES: Final = (
    b"client-cert",
    b"ssl-client-",
    b"x-amzn-mtls-",
    b"x-arr-clientcert",
    b"x-client-cert",
    b"x-forwarded-client-cert",
    b"x-ssl-",
)

# Who calls, as the gateway proved it: a caller's own copies never reach a service, on no route (Envoy CVE-2020-25017).
IDENTITY: Final = (b"x-client-credential", b"x-client-id", b"x-client-scopes", b"x-client-token")

# By these some frameworks go to another path than the one that was judged (Symfony and Zend, CVE-2018-14773), or do
# what another method does: a grant to create would be one to delete.
_METHOD_OVERRIDES: Final = (b"x-http-method", b"x-http-method-override", b"x-method-override")
_REDIRECTING: Final = (b"x-original-url", b"x-rewrite-url", *_METHOD_OVERRIDES)

# Read and written by the gateway alone: a stranger's copies never reach a service, and neither does whatever else is
# called X-Forwarded-* (-Prefix: Traefik CVE-2020-15129). A trusted proxy's go on.
FORWARDING_PREFIX: Final = b"x-forwarded-"
FORWARDING: Final = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
    )
)

# What goes to no authorizer that is asked about a request: what is about its body, which is not sent, conditions and
# ranges, by which a 304 would answer for a 200, and callers' own words about another method or path than those that
# are judged; the gateway says both.
NOT_FETCHED: Final = frozenset(
    (
        b"content-encoding",
        b"content-language",
        b"content-location",
        b"content-range",
        b"content-type",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"range",
        b"trailer",
        *_REDIRECTING,
    )
)
NOT_FETCHED_PREFIXES: Final = (b"x-forwarded-", b"x-original-")

# What ``Connection: name`` can not remove (CVE-2022-1388, CVE-2024-45410: naming a field there made it vanish on its
# way). Fields with a kind of their own never stand among the forwarded ones, so these are the others that matter.
NOT_REMOVABLE: Final = frozenset((b"authorization", b"cookie", b"cache-control", b"via", b"traceparent", b"tracestate"))

_MAX_KNOWN: Final = 2048
_MAX_KNOWN_BYTES: Final = 64


class FieldKinds:
    """Remembers the kind of each field name: PASS, DROP, or the lower-case name of one that somebody must read."""

    __slots__ = ("_dropped_prefixes", "_known", "_read_prefix", "_special", "_underscored")

    def __init__(
        self,
        special: frozenset[bytes],
        dropped: frozenset[bytes],
        underscored: bytes,
        dropped_prefixes: tuple[bytes, ...] = (),
        read_prefix: bytes | None = None,
    ) -> None:
        """``underscored`` is the kind of every name with an underscore; names that begin with ``read_prefix``, if there
        is one, must be read."""
        self._dropped_prefixes = dropped_prefixes
        self._read_prefix = read_prefix
        self._special = {name: name for name in special} | dict.fromkeys(dropped, DROP)
        self._underscored = underscored
        self._known: dict[bytes, bytes] = {}
        self._begin()

    def _begin(self) -> None:
        self._known.clear()
        for name, kind in self._special.items():
            self._known[name] = self._known[name.title()] = kind

    def of(self, name: bytes) -> bytes:
        """The kind of ``name``, which must be a valid field name."""
        kind = self._known.get(name)
        return self._classify(name) if kind is None else kind

    def known(self, name: bytes) -> bytes | None:
        """The kind of ``name`` where that spelling was asked for before, and so is valid; else None."""
        return self._known.get(name)

    def _classify(self, name: bytes) -> bytes:
        lower = name.lower()
        kind = self._underscored if b"_" in name else self._special.get(lower, PASS)
        if lower.startswith(self._dropped_prefixes):
            kind = DROP
        elif kind is PASS and self._read_prefix is not None and lower.startswith(self._read_prefix):
            kind = lower
        if len(name) <= _MAX_KNOWN_BYTES:
            if len(self._known) >= _MAX_KNOWN:
                self._begin()  # so that nobody can fill it for good
            self._known[name] = kind
        return kind


# Names with an underscore reach WSGI and CGI applications as the dashed name (Puma CVE-2024-45614): in requests they
# are dropped.
REQUEST_KINDS: Final = FieldKinds(
    FORWARDING.union(_CONNECTION_FIELDS, (b"host", b"expect", b"x-request-id")),
    frozenset(_DROPPED + IDENTITY + _REDIRECTING),
    underscored=DROP,
    dropped_prefixes=_CERTIFICATES,
    read_prefix=FORWARDING_PREFIX,
)
# ``x-request-id`` in a response is the gateway's own word; a service's copy is dropped.
RESPONSE_KINDS: Final = FieldKinds(
    frozenset(_CONNECTION_FIELDS).union((b"keep-alive",)),
    frozenset((*_DROPPED, b"x-request-id")) - {b"keep-alive"},
    underscored=PASS,
)


def is_settable(name: bytes) -> bool:
    """Whether a config may have requests changed under this name."""
    kind = REQUEST_KINDS.of(name)
    return kind == PASS or (kind.startswith(FORWARDING_PREFIX) and kind not in FORWARDING)
