"""One request with its response: the facts that filters read and observers are told, each with one writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.core.edits import FieldEdits
    from moongate.core.errors import Failure
    from moongate.core.message import Field, RequestHead


class Identity:
    """Who calls, as a credential proved it; the same object for every request that shows the same credential.

    ``client`` is the id of the client account, ``credential`` what was shown (``api_key``, ``jwt``, ...), ``scopes``
    what the credential is good for and ``claims`` what a token says beside. ``edits`` are what the service is to see
    of all that. ``record`` is the client's record in the replica of accounts, or None where another system vouches.
    ``judge`` (filters.verdicts.Judge) can say whether it still holds, by what was ``shown``; None where nobody can.
    """

    __slots__ = ("claims", "client", "credential", "edits", "judge", "record", "scopes", "shown")

    def __init__(
        self,
        client: str,
        credential: str,
        scopes: frozenset[str] = frozenset(),
        claims: Mapping[str, object] | None = None,
    ) -> None:
        self.client = client
        self.credential = credential
        self.scopes = scopes
        self.claims: Mapping[str, object] = claims or {}
        self.edits: FieldEdits | None = None
        # Of higher rooms:
        self.record: Any = None  # stores.records.ClientRecord
        self.judge: Any = None
        self.shown: Any = None

    def __repr__(self) -> str:
        return f"<Identity {self.client} by {self.credential}>"


class PeerCertificate(NamedTuple):
    """What a client's certificate says, which TLS verified when the connection was made: its ``names`` as (kind, name),
    the kinds being ``subject`` (RFC 4514), ``san_dns``, ``san_uri`` and ``san_email`` as RFC 8705 calls them, and
    ``until`` when it is valid, in seconds since 1970."""

    names: tuple[tuple[str, str], ...]
    until: float


class BodyCheck(Protocol):
    """Something that is known of a request's body before it comes, and that it is held against as it passes."""

    def update(self, data: bytes) -> None: ...
    def verdict(self) -> tuple[Failure, str, tuple[Field, ...]] | None:
        """Once all of it has passed: None where it is right, else what to answer, with the reason and fields."""


class Exchange:
    """What is known of one exchange. Times are ``clock.monotonic`` seconds; names are the config's.

    ``head`` is None where the octets that came were no request. ``status`` is what the client was answered, 499 where
    it left before that; ``code`` and ``reason`` are empty unless the gateway answered itself or cut the response short,
    and ``origin`` says whose answer it was. ``bytes_in`` and ``bytes_out`` count body octets. ``certificate`` is the
    client's, None where it showed none.

    What filters decide: ``identity`` of whoever calls, None where nobody was asked; ``edits`` of the fields that the
    service is sent, ``response_edits`` of those that the client is; ``query`` that is sent on instead of the head's;
    ``body_check`` that the body has to pass before the service has all of it.
    """

    __slots__ = (
        "body_check",
        "bytes_in",
        "bytes_out",
        "certificate",
        "code",
        "edits",
        "ended",
        "generation",
        "head",
        "id",
        "identity",
        "origin",
        "query",
        "reason",
        "remote",
        "response_edits",
        "retries",
        "route",
        "service",
        "started",
        "status",
        "target",
        "upstream_ended",
        "upstream_started",
    )

    def __init__(
        self, request_id: bytes, generation: int, head: RequestHead | None, remote: str, started: float
    ) -> None:
        self.id = request_id
        self.generation = generation
        self.head = head
        self.remote = remote
        self.started = started
        self.ended = 0.0
        self.certificate: PeerCertificate | None = None
        self.identity: Identity | None = None
        self.edits: FieldEdits | None = None
        self.response_edits: FieldEdits | None = None
        self.query: bytes | None = None
        self.body_check: BodyCheck | None = None
        self.route = ""
        self.service = ""
        self.target = ""
        self.status = 0
        self.code = ""
        self.reason = ""
        self.origin = "gateway"
        self.retries = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.upstream_started = 0.0
        self.upstream_ended = 0.0

    @property
    def scheme(self) -> str:
        """``http`` or ``https``, as the client spoke."""
        return "http"

    def public_origin(self) -> str:
        """Where the client thinks it is, as ``https://app.example.com``."""
        authority = self.head.section.authority if self.head is not None else b""
        return f"{self.scheme}://{authority.decode('ascii', 'replace')}"

    def edit(self, edits: FieldEdits) -> None:
        """Add ``edits`` to those of the request."""
        self.edits = edits if self.edits is None else self.edits.then(edits)

    def edit_response(self, edits: FieldEdits) -> None:
        """Add ``edits`` to those of the response, whoever answers."""
        self.response_edits = edits if self.response_edits is None else self.response_edits.then(edits)


class Imagined(Exchange):
    """One without a connection, which is said to have come over TLS or not."""

    __slots__ = ("is_secure",)

    def __init__(self, head: RequestHead, remote: str, *, is_secure: bool) -> None:
        super().__init__(b"offline", 0, head, remote, 0.0)
        self.is_secure = is_secure

    @property
    def scheme(self) -> str:
        return "https" if self.is_secure else "http"


class Observer(Protocol):
    """Who is told of every exchange, once, when it has ended."""

    def exchange_ended(self, exchange: Exchange) -> None: ...
