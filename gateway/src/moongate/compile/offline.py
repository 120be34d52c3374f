"""What the gateway would do with a request, without a socket: read by the same parser, routed by the same router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.compile.passage import pass_filters
from moongate.compile.reserved import reserved_paths
from moongate.core.errors import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    METHOD_REFUSED,
    USUAL_METHODS,
    Failure,
    MessageRefused,
)
from moongate.core.message import RequestHead
from moongate.filters import Refusal
from moongate.protocol.http1.request import RequestReader
from moongate.routing import Miss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from moongate.compile.passage import Passage
    from moongate.compile.snapshot import RoutePlan, Snapshot
    from moongate.core.exchange import Identity
    from moongate.core.message import Field
    from moongate.filters import Tools

DEFAULT_HOST: Final = "localhost"
_URL: Final = re.compile(r"(?:https?://([^/?#]*))?(.*)\Z", re.DOTALL)
_LINE_BREAK: Final = re.compile(r"[\r\n]")


class Request(NamedTuple):
    """A request as a person gives it: ``url`` is ``http://host/path?query`` or a path; headers as (name, value)."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class Decision(NamedTuple):
    """Either a ``route``, or the ``failure`` that the gateway answers itself; ``allowed`` go with method_not_allowed.
    Where it has something of its own there, neither: then ``itself`` says in words what.

    ``head`` is None where the request was refused before it could be routed; ``passage`` where no filter was run.
    """

    head: RequestHead | None
    route: RoutePlan | None = None
    failure: Failure | None = None
    reason: str = ""
    allowed: tuple[bytes, ...] = ()
    passage: Passage | None = None
    itself: str = ""


def decide(
    snapshot: Snapshot, request: Request, tools: Tools | None = None, identity: Identity | None = None
) -> Decision:
    """What becomes of ``request``. With ``tools`` the route's filters are run too, for ``identity`` where one is given.

    Raise ValueError where it cannot be written down as a request at all.
    """
    try:
        head = read_head(request)
    except MessageRefused as refused:
        allowed = USUAL_METHODS if refused.failure is METHOD_REFUSED else ()
        return Decision(None, failure=refused.failure, reason=refused.reason, allowed=allowed)
    itself = reserved_paths(snapshot).get(head.path.decode("ascii"))
    if itself is not None:
        return Decision(head, itself=itself)
    found = snapshot.router.find(head)
    if isinstance(found, Miss):
        reason = found.reason if found.failure is BAD_REQUEST else ""
        return Decision(head, failure=found.failure, reason=reason, allowed=found.allowed)
    if head.section.content_length > found.max_body:
        return Decision(head, route=found, failure=BODY_TOO_LARGE, reason="content_length")
    if tools is None or not found.filters:
        return Decision(head, route=found)
    passage = pass_filters(found, head, tools, identity, is_secure=request.url.startswith("https:"))
    if isinstance(passage.answer, Refusal):
        failure, reason, _ = passage.answer
        return Decision(head, route=found, failure=failure, reason=reason, passage=passage)
    return Decision(head, route=found, passage=passage)


def near_misses(snapshot: Snapshot, head: RequestHead) -> Iterator[tuple[bytes, RoutePlan]]:
    """Paths that differ from ``head``'s in a way that people overlook, and the route that each would take.

    A trailing slash more or less, and lower case: the gateway takes neither for the same path.
    """
    path = head.path
    variants = [path[:-1] if path.endswith(b"/") else path + b"/", path.lower()]
    for variant in dict.fromkeys(variants):
        if variant not in (b"", path):
            found = snapshot.router.find(RequestHead(head.method, variant, head.query, head.section, head.minor))
            if not isinstance(found, Miss):
                yield variant, found


def read_head(request: Request) -> RequestHead:
    """The head that the gateway would read. Raise `MessageRefused` as it would, ValueError for what is no request."""
    heads = _Heads()
    RequestReader(heads).receive(request_bytes(request))
    if not heads.found:
        raise MessageRefused(BAD_REQUEST, "incomplete")
    return heads.found[0]


def request_bytes(request: Request) -> bytes:
    """The head that a client would send, with a Host field where none is given. Raise ValueError for line breaks."""
    match = _URL.match(request.url)
    assert match is not None
    authority, target = match.groups()
    target = target.partition("#")[0]
    if target.startswith("?") or (authority is not None and not target):
        target = "/" + target
    names = [name.lower() for name, _ in request.headers]
    lines = [f"{request.method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {authority or DEFAULT_HOST}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    for line in lines:
        if _LINE_BREAK.search(line):
            raise ValueError("a request line or header holds no line break")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


class _Heads:
    """Listens to a reader; only the head is of interest."""

    def __init__(self) -> None:
        self.found: list[RequestHead] = []

    def request_head(self, head: RequestHead) -> None:
        self.found.append(head)

    def request_body(self, data: bytes) -> None:
        """Not looked at."""

    def request_end(self, trailers: Sequence[Field]) -> None:
        """Not looked at."""
