"""``authenticate``: who calls. Any of several methods will do; each knows one kind of credential.

What was found is remembered with the header section that showed it, which a client that says the same again is given
again: most requests cost a comparison. It is forgotten after a second, and at once when accounts says anything new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias, runtime_checkable

from msgspec import Struct

from moongate.core.addresses import origin_of
from moongate.core.edits import FieldEdits
from moongate.core.errors import CREDENTIALS_INVALID, CREDENTIALS_MISSING, DEPENDENCY_UNAVAILABLE
from moongate.core.message import stands_twice
from moongate.filters.failures import Failures, refusal
from moongate.filters.identity_fields import IDENTITY_FIELDS, identity_lines
from moongate.filters.later import Later
from moongate.filters.query import said_twice, taken
from moongate.filters.verdicts import Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange, Identity
    from moongate.core.message import Field, RequestHead
    from moongate.filters.identity_token import Vouching
    from moongate.filters.port import Filter, Tools, Verdict

KIND: Final = "authenticate"
_REMEMBERED_SECONDS: Final = 1.0


class Proof(NamedTuple):
    """A credential that is valid until ``until`` (seconds since 1970). ``carrier`` is the header field that it came in,
    in lower case, which goes no further, nor does its ``companion``; ``query`` what goes on where it came there
    instead. One that says nothing of the next request with the same fields has an ``until`` that is past."""

    identity: Identity
    carrier: bytes = b""
    until: float = float("inf")
    query: bytes | None = None
    companion: bytes = b""


Found: TypeAlias = Proof | Refusal | Response | None
"""None where the request shows no credential of this kind."""


class Method(Protocol):
    """One way to prove who calls, bound."""

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]: ...


@runtime_checkable
class Inviting(Protocol):
    """A method that can do more for whoever shows nothing than to say what is taken."""

    def invite(self, exchange: Exchange, /) -> Response | Refusal | None:
        """None where it can not either."""


@runtime_checkable
class Roaming(Protocol):
    """A method whose credentials stand in more places than its ``carriers``: in fields that may be others' as well."""

    def strays(self, head: RequestHead, /) -> frozenset[bytes]:
        """Those fields of ``head``, in lower case, in which one is."""


class MethodPlan(Protocol):
    """One way, compiled. ``carriers`` are the fields, in lower case, that are its own wherever it is allowed, and
    ``challenge`` is what WWW-Authenticate says of it (RFC 9110 section 11.6.1)."""

    @property
    def kind(self) -> str: ...
    @property
    def carriers(self) -> frozenset[bytes]: ...
    @property
    def challenge(self) -> bytes: ...
    def bind(self, tools: Tools) -> Method: ...
    def describe(self) -> dict[str, Any]: ...


class _NothingKnown:
    """What never changes, since nobody says anything."""

    version: Final = 0


_NOTHING_KNOWN: Final = _NothingKnown()
INVALID: Final = CREDENTIALS_INVALID
UNAVAILABLE: Final = DEPENDENCY_UNAVAILABLE
_TWICE: Final = Refusal(INVALID, "credential_twice")
_NO_SIGNING_KEY: Final = Refusal(UNAVAILABLE, "no_signing_key")


@dataclass(frozen=True, slots=True)
class AuthenticatePlan:
    """``methods`` in the order that they are tried in; ``allows_anonymous`` whoever shows no credential at all;
    ``forwards`` the credential itself to the service. The service is told who calls in ``has_fields`` of their own, and
    in a token signed for it where it is named: ``vouches_to``."""

    methods: tuple[MethodPlan, ...]
    allows_anonymous: bool = False
    forwards: bool = False
    has_fields: bool = True
    vouches_to: str = ""

    @property
    def kind(self) -> str:
        return KIND

    def bind(self, tools: Tools) -> Filter:
        return _InQueries(self, tools) if self.parameters else Authenticate(self, tools)

    @property
    def parameters(self) -> tuple[bytes, ...]:
        """What credentials in queries are called."""
        return tuple(name for method in self.methods if (name := getattr(method, "query", b"")))

    def asking(self) -> str:
        """What it asks others, for people who run the gateway."""
        return "; ".join(said() for method in self.methods if (said := getattr(method, "asking", None)) is not None)

    @property
    def hidden(self) -> object:
        hidden = [getattr(method, "hidden", None) for method in self.methods]
        return hidden if any(hidden) else None

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"methods": [{method.kind: method.describe()} for method in self.methods]}
        said["anonymous"] = "allow" if self.allows_anonymous else "deny"
        if self.forwards:
            said["forward_credentials"] = True
        if self.vouches_to:
            said["forward_identity"] = {"as": "both" if self.has_fields else "token", "to": self.vouches_to}
        return said


class _Memo(Struct, frozen=True, eq=False):
    """What a header section proved: to whom, under which state of accounts, and for how long (monotonic seconds)."""

    owner: Authenticate
    version: int
    until: float
    identity: Identity


class Authenticate:
    """The step itself."""

    __slots__ = (
        "_accounts",
        "_carriers",
        "_challenges",
        "_failures",
        "_forwards",
        "_has_fields",
        "_inviting",
        "_key_sets",
        "_methods",
        "_missing",
        "_parameters",
        "_roaming",
        "_seconds",
        "_vouching",
    )

    def __init__(self, plan: AuthenticatePlan, tools: Tools) -> None:
        self._accounts = tools.accounts or _NOTHING_KNOWN
        self._key_sets = tools.key_sets or _NOTHING_KNOWN
        self._seconds = tools.seconds
        self._methods = tuple(method.bind(tools) for method in plan.methods)
        self._failures: Failures = tools.keep(Failures, Failures)
        self._inviting = next((each for each in self._methods if isinstance(each, Inviting)), None)
        self._roaming = tuple(each for each in self._methods if isinstance(each, Roaming))
        self._parameters = plan.parameters
        self._forwards = plan.forwards
        self._carriers = frozenset[bytes]().union(*(method.carriers for method in plan.methods))
        self._has_fields = plan.has_fields
        self._vouching = _vouching(plan.vouches_to, tools) if plan.vouches_to else None
        challenges = dict.fromkeys(method.challenge for method in plan.methods)
        self._challenges: tuple[Field, ...] = tuple((b"WWW-Authenticate", each) for each in challenges)
        missing = Refusal(CREDENTIALS_MISSING, "no_credential", self._challenges)
        self._missing = None if plan.allows_anonymous else missing

    def __call__(self, exchange: Exchange, /) -> Verdict | Awaitable[Verdict]:
        assert exchange.head is not None
        memo = exchange.head.section.memo
        if (
            isinstance(memo, _Memo)
            and memo.owner is self
            and exchange.started < memo.until
            and memo.version == self._accounts.version + self._key_sets.version
        ):
            identity = exchange.identity = memo.identity
            if exchange.edits is None:
                exchange.edits = identity.edits
            elif identity.edits is not None:
                exchange.edit(identity.edits)
            return None
        return self._try(exchange, 0, None)

    @property
    def _version(self) -> int:
        """Of all that what was found depends on; each part only grows."""
        return self._accounts.version + self._key_sets.version

    def _try(self, exchange: Exchange, first: int, refused: Refusal | None) -> Verdict | Awaitable[Verdict]:
        version = self._version
        for index in range(first, len(self._methods)):
            found = self._methods[index](exchange)
            if found is None:
                continue
            if isinstance(found, Proof):
                return self._accept(exchange, found, version)
            if isinstance(found, Refusal):
                refused = _graver(refused, found)
            elif isinstance(found, Response):
                return found
            else:
                return Later(found, partial(self._await, exchange, index + 1, refused))
        if refused is None:
            return self._missing and self._refuse_missing(exchange)
        return self._refuse(exchange, refused) if refused.failure is CREDENTIALS_INVALID else refused

    def _refuse(self, exchange: Exchange, refused: Refusal) -> Refusal:
        seconds = self._failures.count(origin_of(exchange.remote), exchange.started)
        if seconds:
            return refusal(seconds, refused.reason)
        return refused if refused.fields else refused._replace(fields=self._challenges)

    def _refuse_missing(self, exchange: Exchange) -> Refusal | Response | None:
        invitation = None if self._inviting is None else self._inviting.invite(exchange)
        return invitation or self._missing

    async def _await(
        self, exchange: Exchange, following: int, refused: Refusal | None, asked: Awaitable[Found]
    ) -> Verdict:
        version = self._version
        found = await asked
        if isinstance(found, Proof):
            return self._accept(exchange, found, version)
        if isinstance(found, Response):
            return found
        verdict = self._try(exchange, following, refused if found is None else _graver(refused, found))
        return verdict if verdict is None or isinstance(verdict, Refusal | Response) else await verdict

    def _accept(self, exchange: Exchange, proof: Proof, version: int) -> Refusal | None:
        """``version`` is what was known before the methods looked: what changed meanwhile makes the next one look
        again."""
        assert exchange.head is not None
        # What a service sees must be what was judged; what has a companion, a signature, is a list by right.
        if self._forwards and self._is_twice(exchange.head, proof):
            return self._refuse(exchange, _TWICE)
        identity = exchange.identity = proof.identity
        if identity.edits is None:
            lines = identity_lines(identity) if self._has_fields else b""
            if self._vouching is not None:
                line = self._vouching.line(identity)
                if line is None:
                    return _NO_SIGNING_KEY
                lines += line
            dropped = IDENTITY_FIELDS if self._forwards else IDENTITY_FIELDS | self._shown(proof, exchange.head)
            identity.edits = FieldEdits(dropped, lines)
        exchange.edit(identity.edits)
        if proof.query is not None and exchange.query is None and not self._forwards:
            exchange.query = proof.query
        if self._parameters and not self._forwards:
            self._strip_query(exchange)
        if proof.query is not None:
            return None  # the query is no part of the section
        left = min(_REMEMBERED_SECONDS, proof.until - self._seconds())
        exchange.head.section.memo = _Memo(self, version, exchange.started + left, identity)
        return None

    def _shown(self, proof: Proof, head: RequestHead) -> frozenset[bytes]:
        """Where credentials are: a second one beside that of ``proof``, or a wrong one before it, is one as well."""
        strays = [each.strays(head) for each in self._roaming]
        return self._carriers.union({proof.carrier, proof.companion}, *strays) - {b""}

    def _is_twice(self, head: RequestHead, proof: Proof) -> bool:
        if proof.query is not None:
            return any(said_twice(head.query, name) for name in self._parameters)
        return not proof.companion and stands_twice(head.section.lines, proof.carrier)

    def _strip_query(self, exchange: Exchange) -> None:
        assert exchange.head is not None
        query = before = exchange.head.query if exchange.query is None else exchange.query
        for name in self._parameters:
            query = taken(query, name)[1]
        if query != before:
            exchange.query = query


class _InQueries(Authenticate):
    """Where keys come in queries too, of which a header section says nothing."""

    __slots__ = ()

    def __call__(self, exchange: Exchange, /) -> Verdict | Awaitable[Verdict]:
        assert exchange.head is not None
        query = exchange.head.query
        if query and any(taken(query, name)[0] is not None for name in self._parameters):
            return self._try(exchange, 0, None)
        return super().__call__(exchange)


def _vouching(service: str, tools: Tools) -> Vouching:
    from moongate.filters.identity_token import Vouching  # joserfc takes 3 MB, which others need not bear

    if tools.signing is None:
        raise ValueError("there is no key here to sign tokens for services with")
    return Vouching(service, tools.signing, tools.seconds)


def _graver(one: Refusal | None, other: Refusal) -> Refusal:
    """That nobody can tell outweighs that it is not valid: a client must not throw a good credential away."""
    if one is None or (one.failure is CREDENTIALS_INVALID and other.failure is not CREDENTIALS_INVALID):
        return other
    return one
