"""What DNS says of a name: its addresses, or its SRV records and their addresses (RFC 2782), as targets.

dnspython is asked, not the system's resolver: getaddrinfo tells neither how long an answer holds nor SRV records, and
blocks a thread for each name. The price is that the hosts file is not looked at.
"""

from __future__ import annotations

import asyncio
import math
import socket
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.nameserver import Do53Nameserver
from dns.rdatatype import AAAA, SRV, A, RdataType

from moongate.config.address import parse_target_url
from moongate.core.plans import TargetPlan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moongate.core.plans import NamePlan

SERVER_SECONDS: Final = 1.0  # for one server to answer, and then the next one is asked
LIFETIME_SECONDS: Final = 3.0
AGAIN_SECONDS: Final = 5.0  # for one host of several that is not answered for
MAX_TARGETS: Final = 1024  # of one name; what is beyond them is not used
_AT_ONCE: Final = 16  # questions
_MAX_WEIGHT: Final = 100
_TURNS: Final = 1600  # of a round of all targets, which is written out anew whenever one changes


class LookupFailed(Exception):  # noqa: N818 - what happened
    """There is no answer, or none that is of use; says why, in words that follow the name."""


class Answer(NamedTuple):
    """The targets, at least one, in an order that does not depend on the server's; and how long they hold."""

    targets: tuple[TargetPlan, ...]
    seconds: float


class _Place(NamedTuple):
    address: str
    port: int
    weight: float
    priority: int


class Lookup:
    """Asks for one name, again and again. Of a host with addresses of both kinds, those of one kind stay as they were
    where only the other kind is answered for."""

    def __init__(self, plan: NamePlan) -> None:
        self._plan = plan
        self._known: dict[tuple[str, RdataType], tuple[str, ...]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def ask(self) -> Answer:
        """Raises LookupFailed."""
        plan = self._plan
        if plan.is_srv:
            places, seconds = await self._srv()
        else:
            addresses, seconds = await self._addresses(plan.host)
            places = [_Place(address, plan.port, plan.weight, 0) for address in addresses]
        targets = tuple(self._targets(places))
        if not targets:
            raise LookupFailed("has no address that can be used")
        return Answer(targets, seconds)

    def _targets(self, places: list[_Place]) -> Iterable[TargetPlan]:
        # The name that the records stand under is who a certificate must be of: what they point to anybody on the way
        # may have written (RFC 9525 section 6.3).
        name = self._plan.host.rstrip(".")
        name = name.split(".", 2)[2] if self._plan.is_srv else name
        scheme = "https" if self._plan.tls else "http"
        for place in sorted(places, key=_order)[:MAX_TARGETS]:
            host = f"[{place.address}]" if ":" in place.address else place.address
            url = f"{scheme}://{host}:{place.port}"
            try:
                parse_target_url(url)
            except ValueError:
                continue  # link-local and the like: what a config may not say, DNS may not either
            yield TargetPlan(
                url, place.address, place.port, self._plan.tls, int(place.weight), name=name, priority=place.priority
            )

    async def _srv(self) -> tuple[list[_Place], float]:
        records, seconds = await self._records(self._plan.host, SRV)
        hosts = [str(record.target) for record in records]
        if hosts == ["."]:
            raise LookupFailed("says that there is no such service (RFC 2782)")
        asked = await asyncio.gather(*(self._addresses(host) for host in hosts), return_exceptions=True)
        places = []
        failures = []
        for record, host, answer in zip(records, hosts, asked, strict=True):
            if isinstance(answer, LookupFailed):
                failures.append(f"points to {host}, which {answer}")
                if isinstance(answer, _NoRecords):
                    continue
                addresses, holds = self._last(host), AGAIN_SECONDS
            elif isinstance(answer, BaseException):
                raise answer
            else:
                addresses, holds = answer
            seconds = min(seconds, holds)
            # Of a host with two addresses, each is given half.
            places += [_Place(each, record.port, record.weight / len(addresses), record.priority) for each in addresses]
        if len(failures) == len(records):
            raise LookupFailed(failures[0])
        self._known = {key: addresses for key, addresses in self._known.items() if key[0] in hosts}
        return list(_scaled(places)), seconds

    def _last(self, host: str) -> list[str]:
        """The addresses that it had when it was last answered for."""
        return _usable([address for kind in (A, AAAA) for address in self._known.get((host, kind), ())])

    async def _addresses(self, host: str) -> tuple[list[str], float]:
        async with self._slots:
            asked = await asyncio.gather(*(self._records(host, kind) for kind in (A, AAAA)), return_exceptions=True)
        found: list[str] = []
        seconds = math.inf
        failure: LookupFailed | None = None
        for kind, answer in zip((A, AAAA), asked, strict=True):
            if isinstance(answer, _NoRecords):
                failure = failure or answer
                self._known.pop((host, kind), None)
            elif isinstance(answer, LookupFailed):
                failure = answer
                found += self._known.get((host, kind), ())
            elif isinstance(answer, BaseException):
                raise answer
            else:
                addresses = tuple(str(record.address) for record in answer[0])
                self._known[host, kind] = addresses
                found += addresses
                seconds = min(seconds, answer[1])
        if math.isinf(seconds):
            raise failure or LookupFailed("has no address")
        return _usable(found), seconds

    async def _records(self, name: str, kind: RdataType) -> tuple[list[Any], float]:
        """The records of ``kind``, and how long they hold, aliases on the way to them considered."""
        resolver = self._resolver()
        try:
            answer = await resolver.resolve(name, kind, search=not self._plan.servers)
        except dns.resolver.NXDOMAIN:
            raise _NoRecords("is no name that DNS knows") from None
        except dns.resolver.NoAnswer:
            raise _NoRecords(f"has no {'SRV record' if kind == SRV else 'address'} in DNS") from None
        except (dns.exception.DNSException, OSError) as error:
            raise LookupFailed(f"is not answered for by any DNS server ({_in_words(error)})") from None
        return list(answer), float(answer.chaining_result.minimum_ttl)

    def _resolver(self) -> dns.asyncresolver.Resolver:
        servers = self._plan.servers
        try:
            resolver = dns.asyncresolver.Resolver(configure=not servers)  # reads /etc/resolv.conf as it is now
        except (dns.exception.DNSException, OSError) as error:
            raise LookupFailed(f"can not be looked up: {_in_words(error)}") from None
        if servers:
            resolver.nameservers = [Do53Nameserver(host, port) for host, port in servers]
        resolver.timeout, resolver.lifetime = SERVER_SECONDS, LIFETIME_SECONDS
        return resolver


class _NoRecords(LookupFailed):
    """The server answered, and there are none."""


def _order(place: _Place) -> tuple[int, bool, str, int]:
    return place.priority, ":" in place.address, place.address, place.port


def _scaled(places: list[_Place]) -> Iterable[_Place]:
    """Whole weights in the same proportions, as near as a round of a bounded number of turns allows; at least 1."""
    tiers: dict[int, list[_Place]] = defaultdict(list)
    for place in places:
        tiers[place.priority].append(place)
    for tier in tiers.values():
        top = max(1, min(_MAX_WEIGHT, _TURNS // len(tier)))
        heaviest = max(place.weight for place in tier) or 1
        weights = [max(1, round(place.weight * top / heaviest)) for place in tier]
        divisor = math.gcd(*weights)
        yield from (place._replace(weight=weight // divisor) for place, weight in zip(tier, weights, strict=True))


def _usable(addresses: list[str]) -> list[str]:
    return [address for address in addresses if _has_route(address)] or addresses


def _has_route(address: str) -> bool:
    """Whether this machine could send anything there: most have no way to the IPv6 addresses that names have too."""
    if ":" not in address:
        return True
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))  # of a datagram socket: nothing is sent
        except OSError:
            return False
    return True


def _in_words(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return f"within {LIFETIME_SECONDS:g} s"
    if isinstance(error, dns.resolver.NoNameservers):
        return "each fails or refuses"
    return str(error) or type(error).__name__
