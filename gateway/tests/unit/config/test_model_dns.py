import pytest
from pydantic import ValidationError

from moongate.config.model_dns import DnsConfig, check_resolve


def test_servers_are_addresses() -> None:
    assert DnsConfig.model_validate({"servers": ["10.0.0.2", "127.0.0.1:8600", "::1", "[::1]:53"]}).servers
    with pytest.raises(ValidationError, match=r"'ns\.example' is no DNS server"):
        DnsConfig.model_validate({"servers": ["ns.example"]})


@pytest.mark.parametrize(
    ("url", "resolve"),
    [
        ("http://cars.internal:81", None),
        ("http://cars.internal:81", "addresses"),
        ("https://cars", "addresses"),
        ("http://_http._tcp.cars.internal", "srv"),
        ("http://_HTTP._tcp.cars", "srv"),
        ("http://_odd.internal", None),
    ],
)
def test_what_can_be_followed(url: str, resolve: str | None) -> None:
    check_resolve(url, resolve, has_weight=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "resolve", "message"),
    [
        ("http://10.0.0.1", "addresses", "is an address already"),
        ("http://[::1]", "srv", "is an address already"),
        ("http://_http._tcp.cars.internal", None, "resolve: srv"),
        ("http://_http._tcp.cars.internal", "addresses", "resolve: srv"),
        ("http://cars.internal", "srv", "http://_http._tcp.cars.internal is"),
        ("http://_http._tcp.cars.internal:80", "srv", "leave :80 out"),
    ],
)
def test_what_can_not(url: str, resolve: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_resolve(url, resolve, has_weight=False)  # type: ignore[arg-type]


def test_records_hold_the_weights() -> None:
    check_resolve("http://cars.internal", "addresses", has_weight=True)
    with pytest.raises(ValueError, match="leave `weight` out"):
        check_resolve("http://_http._tcp.cars.internal", "srv", has_weight=True)
