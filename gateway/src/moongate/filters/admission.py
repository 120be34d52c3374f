"""Whether accounts lets in whom somebody else vouches for: a token or a session says who calls, accounts whether that
client may still come. It is looked up each time, so what was vouched for once ends with the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from moongate.core.exchange import Identity
from moongate.filters.authenticate import INVALID, UNAVAILABLE
from moongate.filters.verdicts import Refusal
from moongate.stores.decision import Asked, Knowledge, Standing, Unavailable, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from moongate.core.message import Field
    from moongate.filters.port import Accounts
    from moongate.stores.records import ClientRecord

_NO_ACCOUNTS: Final = Refusal(UNAVAILABLE, "accounts_unavailable")
Admitted: TypeAlias = Identity | Refusal


class Vouched(NamedTuple):
    """Who calls, as somebody else says, with what is said of them; ``made`` is when, in seconds since 1970, and
    ``is_known`` demands that accounts knows the client."""

    client: str
    scopes: frozenset[str]
    claims: Mapping[str, object]
    made: float
    is_known: bool


class Admission:
    """For credentials of one ``kind``; ``challenge`` goes with what is refused."""

    __slots__ = ("_accounts", "_challenge", "_kind")

    def __init__(self, kind: str, accounts: Accounts | None, challenge: tuple[Field, ...] = ()) -> None:
        self._kind = kind
        self._accounts = accounts
        self._challenge = challenge

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
        identity.record = record
        return identity

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


def _known(record: ClientRecord, vouched: Vouched) -> Knowledge:
    """Whether what accounts says of the client leaves the credential valid."""
    is_revoked = record.revoked_tokens and vouched.claims.get("jti") in record.revoked_tokens
    is_valid = record.is_active and vouched.made >= record.not_before and not is_revoked
    return Knowledge.VALID if is_valid else Knowledge.INVALID
