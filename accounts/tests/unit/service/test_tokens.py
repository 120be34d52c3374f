"""Access tokens."""

from typing import NoReturn

import jwt as pyjwt
import pytest

from accounts.adapters.store import SqlStore
from accounts.bootstrap.wiring import Services
from accounts.domain.oauth import OAuthError
from accounts.service import auditing, clients, tokens
from accounts.service.authenticating import Known, Shown
from accounts.service.ports import AuditQuery
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import make_registered
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.values import ANY
from servicekit.storage.engine import build_engine


@pytest.fixture
def known(services: Services) -> Known:
    acme = make_registered(services)
    return services.oauth.authenticator.client(Shown(acme.client.id, acme.secret))


def test_a_token_says_what_rfc_9068_asks_and_no_more(services: Services, known: Known) -> None:
    issued = services.oauth.tokens.issue(known, "read", None, SOMEBODY)
    assert pyjwt.get_unverified_header(issued.text).keys() == {"typ", "alg", "kid"}
    claims = pyjwt.decode(issued.text, options={"verify_signature": False})
    assert claims.keys() == {"iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope"}
    assert len(issued.text) < 700


def test_every_token_is_in_the_audit_before_anybody_has_it(services: Services, known: Known) -> None:
    issued = [services.oauth.tokens.issue(known, scope, None, SOMEBODY) for scope in ("read", None)]
    found = services.store.read(lambda tx: tx.audit.page(AuditQuery(2, subject=known.client.id)))
    told = [(entry.topic, entry.actor, entry.details["jti"], entry.details["scopes"]) for entry in reversed(found)]
    assert told == [("client.token_issued", "somebody", one.jti, list(one.scopes)) for one in issued]
    assert services.store.read(auditing.verify).problems == ()
    assert not any(text in str(found) for one in issued for text in one.text.split("."))


class FullDisk(SqlStore):
    """Reads, and cannot write."""

    def write(self, work: object, origin: object = None) -> NoReturn:
        raise StoreUnavailableError("disk full")


def test_without_the_audit_there_is_no_token(services: Services, known: Known, database_url: str) -> None:
    oauth, engine = services.oauth, build_engine(database_url, 1, "accounts")
    full = tokens.Tokens(
        FullDisk(engine, services.clock), oauth.keyring, oauth.jose, services.clock, (oauth.issuer, "moongate")
    )
    with pytest.raises(StoreUnavailableError):
        full.issue(known, None, None, SOMEBODY)
    engine.dispose()


def test_more_revocations_than_are_kept_end_all_tokens(
    services: Services, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_REVOKED", 2)
    texts = [services.oauth.tokens.issue(known, None, None, SOMEBODY).text for _ in range(4)]
    for text in texts[:3]:
        services.oauth.tokens.revoke(text, known.client, SOMEBODY)
    assert [services.oauth.tokens.introspect(text, None)["active"] for text in texts] == [False] * 4


def test_a_client_that_is_closed_has_no_good_token(services: Services, known: Known) -> None:
    text = services.oauth.tokens.issue(known, None, None, SOMEBODY).text
    assert services.oauth.tokens.introspect(text, None)["active"]
    services.store.write(lambda tx: clients.close(tx, known.client.id, ANY, services.clock()), SOMEBODY)
    assert services.oauth.tokens.introspect(text, None) == {"active": False}


def test_a_token_of_another_issuer_is_none(services: Services, known: Known) -> None:
    oauth = services.oauth
    other = tokens.Tokens(services.store, oauth.keyring, oauth.jose, services.clock, ("https://other", "moongate"))
    text = other.issue(known, None, None, SOMEBODY).text
    assert oauth.tokens.introspect(text, None) == {"active": False}
    ended = tokens.Tokens(
        services.store, oauth.keyring, oauth.jose, lambda: services.clock() - 400_000_000, (oauth.issuer, "moongate")
    )
    assert oauth.tokens.introspect(ended.issue(known, None, None, SOMEBODY).text, None) == {"active": False}
    with pytest.raises(OAuthError):
        oauth.tokens.issue(known, None, "https://other", SOMEBODY)
