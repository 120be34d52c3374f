"""An exchange begins without an answer, and holds only what it names."""

from __future__ import annotations

import pytest

from gateway_harness.heads import make_head
from moongate.core.exchange import Exchange


def test_an_exchange_begins_unanswered_and_unforwarded() -> None:
    head = make_head("GET", "/a")
    exchange = Exchange(b"id", 3, head, "192.0.2.1", 7.0)
    assert (exchange.id, exchange.generation, exchange.head) == (b"id", 3, head)
    assert (exchange.remote, exchange.started) == ("192.0.2.1", 7.0)
    assert (exchange.status, exchange.bytes_in, exchange.bytes_out, exchange.retries) == (0, 0, 0, 0)
    assert (exchange.route, exchange.service, exchange.target, exchange.code, exchange.reason) == ("",) * 5
    assert exchange.origin == "gateway"


def test_octets_that_are_no_request_make_an_exchange_without_a_head() -> None:
    assert Exchange(b"id", 1, None, "", 0.0).head is None


def test_where_the_client_is_can_only_be_guessed_without_its_connection() -> None:
    assert Exchange(b"id", 1, make_head("GET", "//a.test/a"), "", 0.0).public_origin() == "http://a.test"
    assert Exchange(b"id", 1, None, "", 0.0).public_origin() == "http://"


def test_nobody_can_add_a_fact_that_observers_do_not_know() -> None:
    with pytest.raises(AttributeError):
        Exchange(b"id", 1, None, "", 0.0).surprise = 1  # type: ignore[attr-defined]
