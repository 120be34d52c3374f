"""Caps on connections: for all of them, for each address, none for a trusted proxy."""

from __future__ import annotations

import pytest

from moongate.net.admission import Admission


@pytest.fixture
def admission() -> Admission:
    admission = Admission(lambda address: address.startswith("10."))
    admission.max_connections, admission.max_per_address = 5, 2
    return admission


def test_one_address_gets_its_share_and_no_more(admission: Admission) -> None:
    assert [admission.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert admission.enter("192.0.2.2")
    assert (admission.count, admission.refused) == (3, 1)


def test_a_network_of_ipv6_is_one_client(admission: Admission) -> None:
    assert [admission.enter(f"2001:db8:1:2::{number}") for number in range(3)] == [True, True, False]
    assert admission.enter("2001:db8:1:3::1")
    admission.leave("2001:db8:1:2::0")
    assert admission.enter("2001:db8:1:2:ffff::1")
    assert admission.enter("fe80::1%eth0")


def test_a_trusted_proxy_takes_nothing_of_its_network_and_leaves_as_it_came() -> None:
    trusted = {"2001:db8::1"}
    admission = Admission(lambda address: address in trusted)
    admission.max_per_address = 2
    assert [admission.enter("2001:db8::1") for _ in range(5)] == [True] * 5
    assert [admission.enter("2001:db8::2") for _ in range(3)] == [True, True, False]
    trusted.clear()  # by a reload
    assert not admission.enter("2001:db8::1")
    admission.leave("2001:db8::2")
    assert admission.enter("2001:db8::1")
    for _ in range(6):
        admission.leave("2001:db8::1")
    admission.leave("2001:db8::2")
    assert (admission.count, admission._by_origin, admission._by_proxy) == (0, {}, {})


def test_who_leaves_makes_room(admission: Admission) -> None:
    assert admission.enter("192.0.2.1")
    assert admission.enter("192.0.2.1")
    admission.leave("192.0.2.1")
    assert admission.enter("192.0.2.1")
    assert not admission.enter("192.0.2.1")


def test_all_together_get_no_more_than_the_cap(admission: Admission) -> None:
    taken = [admission.enter(f"192.0.2.{number}") for number in range(7)]
    assert taken == [True] * 5 + [False] * 2


def test_a_trusted_proxy_has_no_share_but_the_cap_of_all(admission: Admission) -> None:
    assert [admission.enter("10.0.0.1") for _ in range(6)] == [True] * 5 + [False]


def test_nothing_is_remembered_of_those_who_left(admission: Admission) -> None:
    """A million addresses that come and go must not fill the memory."""
    for number in range(100):
        address = f"198.51.100.{number}"
        assert admission.enter(address)
        admission.leave(address)
    assert admission.count == 0
    assert not admission._by_origin
