"""Whose a certificate is, by a table and by accounts, and whose it is not."""

import pickle

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import KnownAccounts, client_record, now_of
from moongate.core.exchange import Exchange, PeerCertificate
from moongate.filters import Refusal, Tools
from moongate.filters.authenticate import Authenticate, AuthenticatePlan, Found, Proof
from moongate.filters.mtls import MAX_NAMES, Mtls, MtlsPlan
from moongate.stores.decision import Standing, Unavailable

NOW = 1000.0
NAMES = (
    ("subject", "CN=robot,O=Acme"),
    ("san_dns", "Robot.acme.test"),
    ("san_dns", "spare.acme.test"),
    ("san_uri", "spiffe://acme/robot"),
    ("san_email", "robot@acme.test"),
)


def showing(*names: tuple[str, str], until: float = NOW + 60) -> Exchange:
    exchange = exchange_of()
    exchange.certificate = PeerCertificate(names or NAMES, until)
    return exchange


def method(plan: MtlsPlan, accounts: KnownAccounts | None = None) -> Mtls:
    bound = plan.bind(Tools(accounts=accounts, seconds=lambda: NOW))
    assert isinstance(bound, Mtls)
    return bound


def outcome(found: Found) -> str | None:
    if isinstance(found, Proof):
        return found.identity.client
    return found.reason if isinstance(found, Refusal) else None


def mapped(source: str, *pairs: tuple[str, str]) -> Mtls:
    return method(MtlsPlan(source, pairs, is_known=False))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (mapped("subject", ("CN=robot,O=Acme", "r1")), "r1"),
        (mapped("san_dns", ("robot.acme.test", "r1")), "r1"),
        (mapped("san_dns", ("robot.acme.test", "r1"), ("spare.acme.test", "r1")), "r1"),
        (mapped("san_dns", ("robot.acme.test", "r1"), ("spare.acme.test", "r2")), "mtls_ambiguous"),
        (mapped("san_uri", ("spiffe://acme/robot", "r1")), "r1"),
        (mapped("san_uri", ("spiffe://ACME/robot", "r1")), "mtls_unknown"),
        (mapped("san_email", ("robot@acme.test", "r1")), "r1"),
        (mapped("subject", ("CN=robot", "r1")), "mtls_unknown"),
        (mapped("subject", ("spiffe://acme/robot", "r1")), "mtls_unknown"),
        (mapped("san_uri", ("CN=robot,O=Acme", "r1")), "mtls_unknown"),
    ],
)
def test_a_table_says_whose_it_is_by_one_kind_of_name(one: Mtls, expected: str) -> None:
    found = now_of(one(showing()))
    assert outcome(found) == expected
    if isinstance(found, Proof):
        assert (found.identity.credential, found.carrier, found.until) == ("mtls", b"", NOW + 60)
    else:
        assert found.failure.status == 401


def test_no_certificate_is_no_credential_of_this_kind() -> None:
    assert now_of(mapped("subject", ("CN=robot,O=Acme", "r1"))(exchange_of())) is None


def test_one_that_expires_while_its_connection_lives() -> None:
    one = mapped("subject", ("CN=robot,O=Acme", "r1"))
    assert outcome(now_of(one(showing(until=NOW)))) == "mtls_expired"


def known(**more: object) -> KnownAccounts:
    return KnownAccounts(client_record("c1", subjects=("CN=robot,O=Acme", "spiffe://acme/robot"), **more))


@pytest.mark.parametrize("source", ["subject", "san_uri"])
def test_accounts_says_whose_it_is(source: str) -> None:
    found = now_of(method(MtlsPlan(source), known())(showing()))
    assert found.identity.record.id == found.identity.client == "c1"


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        (known(status="suspended"), "mtls_refused"),
        (KnownAccounts(), "mtls_unknown"),
        (KnownAccounts(standing=Standing.STALE), "accounts_unavailable"),
        (KnownAccounts(standing=Standing.ABSENT), "accounts_unavailable"),
    ],
)
def test_and_may_say_no_or_nothing(accounts: KnownAccounts, expected: str) -> None:
    assert outcome(now_of(method(MtlsPlan(), accounts)(showing()))) == expected
    assert accounts.asked == []


def test_a_replica_that_can_not_be_read_refuses_nobody() -> None:
    class Broken(KnownAccounts):
        def find_certificate(self, subject: str) -> None:
            raise Unavailable("the disk is gone")

    assert outcome(now_of(method(MtlsPlan(), Broken())(showing()))) == "accounts_unavailable"


def test_a_certificate_of_a_thousand_names_is_not_looked_up_a_thousand_times() -> None:
    class Counting(KnownAccounts):
        lookups = 0

        def find_certificate(self, subject: str) -> None:
            self.lookups += 1

    accounts = Counting()
    names = tuple(("san_uri", f"spiffe://acme/{number}") for number in range(1000))
    assert outcome(now_of(method(MtlsPlan("san_uri"), accounts)(showing(*names)))) == "mtls_unknown"
    assert accounts.lookups == MAX_NAMES


def test_a_client_of_the_table_that_accounts_must_know() -> None:
    plan = MtlsPlan("subject", (("CN=robot,O=Acme", "c1"),), is_known=True)
    assert now_of(method(plan, known())(showing())).identity.record.id == "c1"
    assert outcome(now_of(method(plan, KnownAccounts())(showing()))) == "mtls_client_unknown"


def test_without_accounts_nobody_knows() -> None:
    for plan in (MtlsPlan(), MtlsPlan("subject", None, is_known=False), MtlsPlan("subject", (("CN=a", "b"),))):
        with pytest.raises(ValueError, match="no `accounts`"):
            plan.bind(Tools())


def test_what_is_remembered_ends_with_the_certificate() -> None:
    plan = AuthenticatePlan((MtlsPlan("subject", (("CN=robot,O=Acme", "r1"),), is_known=False),))
    now = [NOW]
    bound = plan.bind(Tools(seconds=lambda: now[0]))
    assert isinstance(bound, Authenticate)
    first = showing(until=NOW + 0.5)
    assert now_of(bound(first)) is None
    later = Exchange(b"id-2", 1, first.head, "192.0.2.7", first.started + 0.6)
    later.certificate = first.certificate
    now[0] += 0.6
    assert now_of(bound(later)).reason == "mtls_expired"


def test_a_plan_travels_and_describes_itself() -> None:
    plan = MtlsPlan("san_dns", (("robot.acme.test", "r1"),), is_known=False)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert plan.describe() == {"from": "san_dns", "clients": {"robot.acme.test": "r1"}, "known_to_accounts": False}
    assert MtlsPlan().describe() == {"from": "subject", "known_to_accounts": True}
