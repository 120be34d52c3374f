"""``mtls``: certificates of clients, which a listener verified in the handshake; here they only get an owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID, UNAVAILABLE
from moongate.filters.verdicts import Refusal
from moongate.stores.decision import Asked, Knowledge, Unavailable, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange, PeerCertificate
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Accounts, Tools

KIND: Final = "mtls"
SUBJECT: Final = "subject"
DNS: Final = "san_dns"
MAX_NAMES: Final = 16  # of one certificate that are looked up

_UNKNOWN: Final = Refusal(INVALID, "mtls_unknown")
_AMBIGUOUS: Final = Refusal(INVALID, "mtls_ambiguous")
_EXPIRED: Final = Refusal(INVALID, "mtls_expired")
_NO_ACCOUNTS: Final = Refusal(UNAVAILABLE, "accounts_unavailable")


@dataclass(frozen=True, slots=True)
class MtlsPlan:
    """``source`` is which names of a certificate count, a kind of `PeerCertificate.names`; ``clients`` whose they are,
    None where accounts knows. ``is_known`` demands that accounts knows the client."""

    source: str = SUBJECT
    clients: tuple[tuple[str, str], ...] | None = None
    is_known: bool = True

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset()

    @property
    def challenge(self) -> bytes:
        return b"Certificate"  # no scheme is registered, and a 401 has to name one (RFC 9110 section 15.5.2)

    def bind(self, tools: Tools) -> Method:
        if tools.accounts is None and (self.is_known or self.clients is None):
            raise ValueError("there is no `accounts` in the config that could know whose a certificate is")
        return Mtls(self, tools)

    def describe(self) -> dict[str, Any]:
        clients = {} if self.clients is None else {"clients": dict(self.clients)}
        return {"from": self.source, **clients, "known_to_accounts": self.is_known}


class Mtls:
    """The method itself."""

    __slots__ = ("_accounts", "_admission", "_clients", "_is_known", "_seconds", "_source")

    def __init__(self, plan: MtlsPlan, tools: Tools) -> None:
        self._source = plan.source
        self._clients = None if plan.clients is None else dict(plan.clients)
        self._is_known = plan.is_known
        self._accounts = tools.accounts
        self._admission = Admission(KIND, tools.accounts)
        self._seconds = tools.seconds

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        certificate = exchange.certificate
        if certificate is None:
            return None
        if self._seconds() >= certificate.until:
            return _EXPIRED  # its connection was made before
        owners = self._owners(certificate)
        if isinstance(owners, Refusal):
            return owners
        if len(owners) > 1:
            return _AMBIGUOUS
        return self._admission.prove(Vouched(owners.pop(), is_known=self._is_known), b"", certificate.until)

    def _owners(self, certificate: PeerCertificate) -> set[str] | Refusal:
        """Whose it is, at least one; more where it names several."""
        names = named(certificate, self._source)
        if self._clients is not None:
            return {self._clients[name] for name in names if name in self._clients} or _UNKNOWN
        assert self._accounts is not None
        return _known(names[:MAX_NAMES], self._accounts)


def named(certificate: PeerCertificate, source: str) -> list[str]:
    """The names of one kind. Those in DNS are the same in upper and lower case."""
    return [name.lower() if kind == DNS else name for kind, name in certificate.names if kind == source]


def _known(names: list[str], accounts: Accounts) -> set[str] | Refusal:
    """The clients that accounts knows by these names. It can not be asked about one that is not here yet."""
    try:
        owners = {record.id for name in names if (record := accounts.find_certificate(name)) is not None}
    except Unavailable:
        return _NO_ACCOUNTS
    if owners:
        return owners
    verdict = judge(accounts.standing(), Knowledge.UNKNOWN, Asked.UNAVAILABLE)
    return _UNKNOWN if verdict is Verdict.REFUSE else _NO_ACCOUNTS
