"""Proving the audit."""

from accounts.bootstrap.wiring import Services
from accounts.service import auditing
from accounts_harness.making import make_client


def test_a_proof_is_met_by_the_next_one(services: Services) -> None:
    first = services.store.read(auditing.verify)
    make_client(services)
    second = services.store.read(lambda tx: auditing.verify(tx, (first.count, first.seal)))
    assert (second.problems, second.count) == ((), first.count + 1)
    other = services.store.read(lambda tx: auditing.verify(tx, (first.count, "0" * 64)))
    assert other.problems == ("there is no entry with the anchor's number and seal",)
