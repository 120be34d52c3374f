"""What browsers say of the page behind a request."""

import pytest

from gateway_harness.exchanges import exchange_of
from moongate.filters.same_site import is_foreign, is_navigation

OWN = b"Origin: http://a.test"


@pytest.mark.parametrize(
    ("lines", "foreign"),
    [
        ((), False),
        ((OWN,), False),
        ((b"Origin: https://a.test",), True),
        ((b"Origin: http://a.test:8080",), True),
        ((b"Origin: http://sibling.a.test",), True),
        ((b"Origin: null",), True),
        ((b"Origin: ",), True),
        ((b"Sec-Fetch-Site: same-origin",), False),
        ((b"Sec-Fetch-Site: none",), False),
        ((b"Sec-Fetch-Site: same-site",), True),
        ((b"Sec-Fetch-Site: cross-site",), True),
        ((b"Sec-Fetch-Site: something new", OWN), True),
        ((b"Sec-Fetch-Site: same-origin", b"Origin: null"), False),
    ],
)
def test_whose_page_it_was(lines: tuple[bytes, ...], foreign: bool) -> None:
    assert is_foreign(exchange_of(*lines)) is foreign


@pytest.mark.parametrize(
    ("method", "lines", "shown"),
    [
        (b"GET", (b"Accept: text/html",), True),
        (b"GET", (b"Accept: application/xhtml+xml, TEXT/HTML;q=0.9",), True),
        (b"GET", (b"Sec-Fetch-Mode: navigate",), True),
        (b"GET", (b"Accept: text/html", b"Sec-Fetch-Mode: cors"), False),
        (b"GET", (b"Accept: */*",), False),
        (b"GET", (), False),
        (b"POST", (b"Accept: text/html",), False),
        (b"HEAD", (b"Accept: text/html",), False),
        (b"GET", (b"Sec-Fetch-Mode: navigate", b"Sec-Purpose: prefetch"), False),
        (b"GET", (b"Accept: text/html", b"Connection: upgrade", b"Upgrade: websocket"), False),
    ],
)
def test_who_would_be_shown_a_page(method: bytes, lines: tuple[bytes, ...], shown: bool) -> None:
    assert is_navigation(exchange_of(*lines, method=method)) is shown
