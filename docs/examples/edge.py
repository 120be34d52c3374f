"""Let some networks in, and send what has moved elsewhere."""

from ipaddress import ip_address, ip_network

from moongate.core.exchange import Exchange
from moongate.filters import Filter, Response, Verdict


def only_from(networks: list[str]) -> Filter:
    """As nginx' allow and deny, or Traefik's ipAllowList."""
    allowed = [ip_network(each) for each in networks]

    def check(exchange: Exchange) -> Verdict:
        address = ip_address(exchange.remote)
        return None if any(address in each for each in allowed) else Response(403, b"Not from here.\n")

    return check


def moved(exchange: Exchange) -> Verdict:
    """Whatever was below /old is below /new."""
    path = exchange.head.path if exchange.head else b"/old"
    return Response(308, fields=((b"Location", b"/new" + path.removeprefix(b"/old")),))
