"""``api_key``: keys as accounts makes them, judged by the replica of accounts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moongate.core.exchange import Exchange, Identity
from moongate.filters.authenticate import INVALID, UNAVAILABLE, Proof
from moongate.filters.bearer import bearer_credential
from moongate.filters.query import taken
from moongate.filters.verdicts import Refusal
from moongate.protocol.api_key import PREFIX, is_genuine, public_id
from moongate.stores.decision import Asked, Knowledge, Standing, Unavailable, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moongate.core.message import RequestHead
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Accounts, Tools
    from moongate.stores.records import Known

KIND: Final = "api_key"
DEFAULT_HEADER: Final = b"x-api-key"
_AUTHORIZATION: Final = b"authorization"

_REFUSED: Final = Refusal(INVALID, "key_refused")
_UNKNOWN: Final = Refusal(INVALID, "key_unknown")
_MALFORMED: Final = Refusal(INVALID, "key_malformed")
_UNAVAILABLE: Final = Refusal(UNAVAILABLE, "accounts_unavailable")


@dataclass(frozen=True, slots=True)
class ApiKeyPlan:
    """``header`` in lower case, beside which ``Authorization: Bearer mg_...`` is always taken; ``query`` the name of a
    parameter, or empty where a key in the query is no key."""

    header: bytes = DEFAULT_HEADER
    query: bytes = b""

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset((self.header,))

    @property
    def challenge(self) -> bytes:
        return b"Bearer"

    def bind(self, tools: Tools) -> Method:
        if tools.accounts is None:
            raise ValueError("there is no `accounts` in the config that keys could be looked up in")
        return ApiKey(self, tools.accounts, tools.seconds)

    def describe(self) -> dict[str, Any]:
        return {"header": self.header.decode(), **({"query": self.query.decode()} if self.query else {})}


class ApiKey:
    """The method itself."""

    __slots__ = ("_accounts", "_plan", "_seconds")

    def __init__(self, plan: ApiKeyPlan, accounts: Accounts, seconds: Callable[[], float]) -> None:
        self._plan = plan
        self._accounts = accounts
        self._seconds = seconds

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        assert exchange.head is not None
        shown = self._shown(exchange.head)
        if shown is None:
            return None
        key, carrier, query = shown
        key_id = public_id(key)
        if key_id is None:
            return _MALFORMED
        found = self._look(key, key_id, carrier, query)
        if found is not None:
            return found
        return self._ask(key, key_id, carrier, query)

    def strays(self, head: RequestHead, /) -> frozenset[bytes]:
        """Authorization, where a key is in it and nothing of the service's own."""
        return frozenset() if _bearer_key(head) is None else frozenset((_AUTHORIZATION,))

    def _shown(self, head: RequestHead) -> tuple[bytes, bytes, bytes | None] | None:
        """The key, the field that it came in, and what the query is without it where it came there."""
        key = head.get(self._plan.header)
        if key is not None:
            return key, self._plan.header, None
        key = _bearer_key(head)
        if key is not None:
            return key, _AUTHORIZATION, None
        if self._plan.query and head.query:
            key, rest = taken(head.query, self._plan.query)
            if key is not None:
                return key, b"", rest
        return None

    def _look(
        self, key: bytes, key_id: bytes, carrier: bytes, query: bytes | None, asked: Asked = Asked.NOT_YET
    ) -> Found:
        """What follows from what is known here; None where accounts has to be asked."""
        accounts = self._accounts
        try:
            known = accounts.find_key(key_id)
        except Unavailable:
            return _UNAVAILABLE
        now = self._seconds()
        knowledge = Knowledge.UNKNOWN if known is None else self._judged(key, known, now)
        standing = accounts.standing()
        verdict = judge(standing, knowledge, asked)
        if verdict is Verdict.SERVE:
            assert known is not None
            accounts.stale_serves += standing is Standing.STALE
            accounts.used(key_id, int(now))
            identity = Identity(known.client.id, KIND, frozenset(known.key.scopes))
            identity.record, identity.judge, identity.shown = known.client, self, (key, key_id)
            until = float("inf") if known.key.expires_at is None else float(known.key.expires_at)
            return Proof(identity, carrier, until, query)
        if verdict is Verdict.REFUSE:
            return _UNKNOWN if known is None else _REFUSED
        return None if verdict is Verdict.ASK else _UNAVAILABLE

    def again(self, identity: Identity) -> Identity | Refusal | Awaitable[Identity | Refusal]:
        """Whether the key that was shown is still good (filters.verdicts.Judge)."""
        key, key_id = identity.shown
        found = self._look(key, key_id, b"", None)
        return self._ask_again(key, key_id) if found is None else _without_carrier(found)

    async def _ask_again(self, key: bytes, key_id: bytes) -> Identity | Refusal:
        return _without_carrier(await self._ask(key, key_id, b"", None))

    def _judged(self, key: bytes, known: Known, now: float) -> Knowledge:
        pepper = self._accounts.pepper(known.key.pepper)
        if pepper is None or not is_genuine(key, pepper, known.key.mac):
            return Knowledge.INVALID
        return Knowledge.VALID if known.client.is_active and known.key.is_live(int(now)) else Knowledge.INVALID

    async def _ask(self, key: bytes, key_id: bytes, carrier: bytes, query: bytes | None) -> Found:
        try:
            is_known = await self._accounts.ask_key(key_id)
        except Unavailable:
            return self._look(key, key_id, carrier, query, Asked.UNAVAILABLE)
        return self._look(key, key_id, carrier, query, Asked.UNKNOWN if not is_known else Asked.NOT_YET) or _UNKNOWN


def _without_carrier(found: Found) -> Identity | Refusal:
    assert isinstance(found, Proof | Refusal), "a key is good or not"
    return found.identity if isinstance(found, Proof) else found


def _bearer_key(head: RequestHead) -> bytes | None:
    """The key in Authorization; None where there is none, or a token."""
    key = bearer_credential(head.get(_AUTHORIZATION))
    return None if key is None or not key.startswith(PREFIX) else key
