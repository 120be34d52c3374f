"""The config of finding targets in DNS."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator

from moongate.config.address import parse_dns_server, parse_target_url
from moongate.config.model_base import StrictModel

Resolve: TypeAlias = Literal["addresses", "srv"]

_SRV_NAME: Final = re.compile(r"_[a-z0-9-]+\._(?:tcp|udp)\.[^.]", re.IGNORECASE)


def _checked_server(value: str) -> str:
    parse_dns_server(value)
    return value


class DnsConfig(StrictModel):
    """Who is asked for the names of targets that say `resolve`."""

    servers: tuple[Annotated[str, AfterValidator(_checked_server)], ...] = ()
    """DNS servers as ADDRESS or ADDRESS:PORT; those of the system (/etc/resolv.conf) where absent."""


def check_resolve(url: str, resolve: Resolve | None, *, has_weight: bool) -> None:
    """Judge a target's ``resolve`` by its ``url``; raise ValueError, saying what to write."""
    address = parse_target_url(url)
    port = urlsplit(url).port
    is_srv_name = _SRV_NAME.match(address.host) is not None
    if resolve is None:
        if is_srv_name:
            raise ValueError(f"{address.host} is a name of SRV records: write {{url: {url}, resolve: srv}}")
        return
    if _is_ip(address.host):
        raise ValueError(f"{address.host} is an address already: leave `resolve` out")
    if resolve == "addresses":
        if is_srv_name:
            raise ValueError(f"{address.host} is a name of SRV records: write `resolve: srv`")
        return
    if not is_srv_name:
        raise ValueError(
            f"{address.host} is no name of SRV records, as http://_http._tcp.{address.host} is; "
            "`resolve: addresses` takes every address of a name"
        )
    if port is not None:
        raise ValueError(f"SRV records hold the ports: leave :{port} out")
    if has_weight:
        raise ValueError("SRV records hold the weights: leave `weight` out")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
