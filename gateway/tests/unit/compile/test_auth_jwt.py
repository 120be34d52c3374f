"""What is said of tokens, compiled: whose they are, and with which keys."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from gateway_harness.tokens import ISSUER, Signer, key_set
from moongate.compile.auth_jwt import ACCOUNTS_AUDIENCE, jwt_plan
from moongate.config.model_auth_jwt import JwtConfig
from moongate.core.token_plans import KeySourcePlan
from moongate.filters.jwt_form import read_token
from moongate.filters.jwt_keys import KeyRing

if TYPE_CHECKING:
    from moongate.filters.jwt_issuer import IssuerPlan

ACCOUNTS = "http://accounts.internal:8102"


def issuer(accounts: str | None = None, **said: Any) -> IssuerPlan:
    (plan,) = jwt_plan([JwtConfig.model_validate(said)], accounts).issuers
    return plan


def wrong(accounts: str | None = None, **said: Any) -> str:
    with pytest.raises(ValueError) as raised:
        issuer(accounts, **{"issuer": ISSUER, "audience": "api", **said})
    return str(raised.value)


def test_nothing_said_is_accounts_and_it_must_know_the_client() -> None:
    plan = issuer(ACCOUNTS)
    assert (plan.issuer, plan.source) == (ACCOUNTS, KeySourcePlan(ACCOUNTS, allows_http=True))
    assert plan.audiences == {ACCOUNTS_AUDIENCE}
    assert plan.types == {"at+jwt"}
    assert plan.is_known
    assert not issuer(ACCOUNTS, known_to_accounts="false").is_known
    assert issuer(ACCOUNTS, audience="any").audiences is None


def test_any_other_issuer_needs_no_accounts() -> None:
    plan = issuer(issuer=ISSUER, audience=["a", "b"], typ="application/AT+JWT", client="sub", scopes=["scp"])
    assert plan.source == KeySourcePlan(ISSUER)
    assert (plan.audiences, plan.types) == ({"a", "b"}, {"at+jwt"})
    assert (plan.client_claims, plan.scope_claims, plan.is_known) == (("sub",), ("scp",), False)
    assert issuer(ACCOUNTS, issuer=ISSUER, audience="a", known_to_accounts="true").is_known
    assert issuer(issuer=ISSUER, audience="a", jwks_url="https://b/k").source == KeySourcePlan(ISSUER, "https://b/k")


def verifies(plan: IssuerPlan, signer: Signer) -> bool:
    token = read_token(signer.token())
    key = KeyRing(plan.keys, plan.algorithms).find(token)
    if key is None:
        return False
    key.verify(token)
    return True


def certificate(signer: Signer) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "id")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(signer.key, None if signer.algorithm == "EdDSA" else hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "ES384", "EdDSA"])
def test_keys_of_the_config_in_every_form(algorithm: str) -> None:
    signer = Signer(algorithm)
    said = {"issuer": "a-name", "audience": "api", "algorithms": [algorithm]}
    for keys in (key_set(signer).decode(), signer.pem(), certificate(signer)):
        plan = issuer(keys=keys, **said)
        assert plan.source is None
        assert verifies(plan, signer)
    two = Signer("RS256" if algorithm != "RS256" else "ES256")
    plan = issuer(keys=signer.pem() + "\n" + two.pem(), **{**said, "algorithms": [algorithm, two.algorithm]})
    assert verifies(plan, signer)
    assert verifies(plan, two)


def private(signer: Signer) -> str:
    pem = signer.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return str(pem.decode())


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("", "name the"),
        ("var/key.pem", "neither a JWK Set nor PEM: write keys: ${file:PATH}"),
        ("{", "no JWK Set"),
        ('{"keys": []}', "no key in it can verify ES256 or RS256; see `algorithms`"),
        (key_set(Signer("ES384")).decode(), "no key in it can verify ES256 or RS256; see `algorithms`"),
        (key_set(Signer(), x="AAAA").decode(), "`keys` can not be used"),
        (private(Signer()), "holds a private key"),
        (key_set(Signer(), d="AAAA").decode(), "holds a private or shared key"),
        (json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}]}), "holds a private or shared key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "a PEM block that is no public key"),
    ],
)
def test_keys_that_are_none(keys: str, told: str) -> None:
    if keys:
        message = wrong(keys=keys)
        assert told in message
        assert keys[-60:] not in message, "a private key is not shown"


def test_what_can_not_work() -> None:
    assert "whose tokens are taken?" in str(_raised([JwtConfig()], None))
    assert "known_to_accounts needs `accounts" in wrong(known_to_accounts="true")
    twice = JwtConfig.model_validate({"issuer": ISSUER, "audience": "a"})
    assert "stands twice" in str(_raised([twice, twice], None))


def _raised(said: list[JwtConfig], accounts: str | None) -> ValueError:
    with pytest.raises(ValueError) as raised:
        jwt_plan(said, accounts)
    return raised.value
