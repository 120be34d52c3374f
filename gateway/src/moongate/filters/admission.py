"""Whether accounts lets in whom somebody else vouches for: a token or a session says who calls, accounts whether that
client may still come. It is looked up each time, so what was vouched for once ends with the client."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from moongate.core.exchange import Identity
from moongate.filters.authenticate import INVALID, UNAVAILABLE, Proof
from moongate.filters.later import Later
from moongate.filters.verdicts import Refusal
from moongate.stores.decision import Asked, Knowledge, Standing, Unavailable, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from moongate.core.message import Field
    from moongate.filters.authenticate import Found
    from moongate.filters.port import Accounts
    from moongate.stores.records import ClientRecord

_NO_ACCOUNTS: Final = Refusal(UNAVAILABLE, "accounts_unavailable")
_NO_CLAIMS: Final[Mapping[str, object]] = MappingProxyType({})
Admitted: TypeAlias = Identity | Refusal


class Vouched(NamedTuple):
    """Who calls, as somebody else says, with what is said of them; ``made`` is when, in seconds since 1970, always
    anew by default, and ``is_known`` demands that accounts knows the client."""

    client: str
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, object] = _NO_CLAIMS
    made: float = float("inf")
    is_known: bool = True


class Admission:
    """For credentials of one ``kind``; ``challenge`` goes with what is refused."""

    __slots__ = ("_accounts", "_challenge", "_kind")

    def __init__(self, kind: str, accounts: Accounts | None, challenge: tuple[Field, ...] = ()) -> None:
        self._kind = kind
        self._accounts = accounts
        self._challenge = challenge

    def prove(self, vouched: Vouched, carrier: bytes, until: float = float("inf")) -> Found | Awaitable[Found]:
        """As `admit`, with what is told of the credential beside: where it came, and until when it is valid."""
        admitted = self.admit(vouched)
        if isinstance(admitted, Identity):
            return Proof(admitted, carrier, until)
        return admitted if isinstance(admitted, Refusal) else Later(admitted, partial(_prove_later, carrier, until))

    def admit(self, vouched: Vouched, asked: Asked = Asked.NOT_YET) -> Admitted | Awaitable[Admitted]:
        record: ClientRecord | None = None
        if vouched.is_known:
            accounts = self._accounts
            assert accounts is not None
            try:
                record = accounts.find_client(vouched.client)
            except Unavailable:
                return _NO_ACCOUNTS
            knowledge = Knowledge.UNKNOWN if record is None else _known(record, vouched)
            standing = accounts.standing()
            verdict = judge(standing, knowledge, asked)
            if verdict is Verdict.ASK:
                return self._ask(vouched)
            if verdict is Verdict.REFUSE:
                reason = f"{self._kind}_client_unknown" if record is None else f"{self._kind}_refused"
                return Refusal(INVALID, reason, self._challenge)
            if verdict is Verdict.UNAVAILABLE:
                return _NO_ACCOUNTS
            accounts.stale_serves += standing is Standing.STALE
        identity = Identity(vouched.client, self._kind, vouched.scopes, vouched.claims)
        if record is not None:
            identity.record, identity.judge, identity.shown = record, self, vouched
        return identity

    def again(self, identity: Identity) -> Admitted | Awaitable[Admitted]:
        """Whether who was admitted is so still (filters.verdicts.Judge)."""
        return self.admit(identity.shown)

    async def _ask(self, vouched: Vouched) -> Admitted:
        assert self._accounts is not None
        try:
            is_known = await self._accounts.ask_client(vouched.client)
        except Unavailable:
            asked = Asked.UNAVAILABLE
        else:
            asked = Asked.NOT_YET if is_known else Asked.UNKNOWN
        found = self.admit(vouched, asked)
        if isinstance(found, Identity | Refusal):
            return found
        found.close()  # type: ignore[attr-defined]  # known, and gone again while we looked: not worth asking again
        return _NO_ACCOUNTS


async def _prove_later(carrier: bytes, until: float, asked: Awaitable[Admitted]) -> Found:
    admitted = await asked
    return admitted if isinstance(admitted, Refusal) else Proof(admitted, carrier, until)


def _known(record: ClientRecord, vouched: Vouched) -> Knowledge:
    """Whether what accounts says of the client leaves the credential valid."""
    token_id = vouched.claims.get("jti")
    is_revoked = isinstance(token_id, str) and token_id in record.revoked_tokens
    is_valid = record.is_active and vouched.made >= record.not_before and not is_revoked
    return Knowledge.VALID if is_valid else Knowledge.INVALID
