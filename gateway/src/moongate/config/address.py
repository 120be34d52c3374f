"""Where to listen and where to forward: ``HOST:PORT`` and ``http://host:port`` taken apart, with hints when wrong."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_PORTS: Final = range(1, 65536)


class TargetAddress(NamedTuple):
    """``host`` is a lower-case name or an IP address without brackets."""

    host: str
    port: int
    tls: bool


def parse_target_url(url: str) -> TargetAddress:
    """Take a target's URL apart; raise ValueError, saying what to write, for anything but ``http://host[:port]``.

    A target's host comes from the config alone, so it is judged here: no credentials, no link-local address (cloud
    metadata services live there), no number that some resolvers would take for an address.
    """
    if url.startswith("unix:"):
        raise ValueError("a target is reached over TCP: write http://HOST:PORT")
    if any(char.isspace() or not char.isprintable() for char in url):  # urlsplit would drop some of them silently
        raise ValueError(f"{url!r} is no URL: it holds spaces or control characters")
    if (port_text := url.removeprefix(":")).isdigit():
        raise ValueError(f"{url!r} names no host: write 'http://127.0.0.1:{port_text}' for a service on this machine")
    if "://" not in url:
        raise ValueError(f"{url!r} has no scheme: write 'http://{url}'")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{url!r} is no URL: write http://HOST:PORT") from None
    if parts.scheme in ("dns", "srv", "dns+http", "srv+http"):
        kind = "srv" if parts.scheme.startswith("srv") else "addresses"
        raise ValueError(f"targets in DNS are written {{url: 'http://{parts.netloc or 'NAME'}', resolve: {kind}}}")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{parts.scheme}:// is not spoken to targets: write http://HOST:PORT")
    if "@" in parts.netloc:
        raise ValueError("a target's URL holds no user name or password")
    if parts.path not in ("", "/") or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ValueError(f"a target has no path: write 'http://{parts.netloc}'; requests keep their own path")
    if port == 0:
        raise ValueError("port 0 cannot be connected to")
    tls = parts.scheme == "https"
    return TargetAddress(_target_host(host, url), port or (443 if tls else 80), tls)


def _target_host(host: str, url: str) -> str:
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return _name(host, url)
    meant = getattr(address, "ipv4_mapped", None) or address
    if meant.is_link_local:
        raise ValueError(f"{address} is link-local, where cloud metadata services answer: not a target")
    if meant.is_unspecified or meant.is_multicast:
        raise ValueError(f"{address} cannot be connected to: write the address the service listens on")
    return str(address)


def _name(host: str, url: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"{url!r} has no valid host: write http://HOST:PORT")
    if re.fullmatch(r"0[xX][0-9a-fA-F]*|\d+", labels[-1]):
        raise ValueError(f"{host!r} is no IPv4 address: write four numbers from 0 to 255")
    return name


def parse_bind(text: str) -> tuple[str, int]:
    """``HOST:PORT`` of a listener as an IP address and a port (0 lets the system choose); raise ValueError if wrong."""
    host, colon, port_text = text.rpartition(":")
    hint = "write 0.0.0.0:8080 for every address, 127.0.0.1:8080 for this machine only"
    if "://" in text:
        raise ValueError(f"{text!r}: an address to bind has no scheme: {hint}")
    if not colon and text.isdigit():
        raise ValueError(f"{text!r} names no address: write 0.0.0.0:{text} or 127.0.0.1:{text}")
    if not port_text.isdigit() or not port_text.isascii():
        raise ValueError(f"{text!r} has no port: {hint}")
    if int(port_text) not in _PORTS and port_text != "0":
        raise ValueError(f"port {port_text} is out of bounds: 1 to 65535")
    if host in ("", "*"):
        raise ValueError(f"{text!r} names no address: write 0.0.0.0:{port_text} or 127.0.0.1:{port_text}")
    if host == "localhost":
        return ("127.0.0.1", int(port_text))
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        raise ValueError(f"{host!r} is no IP address: {hint}") from None
    if (address.version == 6) != bracketed:
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets, as in [::1]:8080")
    return (str(address), int(port_text))


def parse_dns_server(text: str) -> tuple[str, int]:
    """``ADDRESS`` or ``ADDRESS:PORT`` of a DNS server, by default port 53; raise ValueError if wrong."""
    host, port = text, "53"
    if text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":")
        host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ip_address(host)
    except ValueError:
        raise ValueError(f"{text!r} is no DNS server: write its address, 10.0.0.2 or 10.0.0.2:5353") from None
    if not port.isascii() or not port.isdigit() or int(port) not in _PORTS:
        raise ValueError(f"{text!r} has no valid port: write {address} or {text.rpartition(':')[0]}:5353")
    return (str(address), int(port))
