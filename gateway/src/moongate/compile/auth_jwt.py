"""The plan of ``jwt``: all issuers whose tokens one filter takes, and their keys read where the config has them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from moongate.core.token_plans import KeySourcePlan
from moongate.filters.jwt import JwtPlan
from moongate.filters.jwt_issuer import ANY_TYPE, IssuerPlan
from moongate.filters.jwt_keys import KeyRing, read_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.config.model_auth_jwt import JwtConfig

ACCOUNTS_AUDIENCE: Final = "moongate"
"""Whom accounts makes access tokens for where nobody says otherwise."""
_ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1, a type
_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)
_PRIVATE_MEMBERS: Final = frozenset(("d", "k", "oth", "p", "q"))


def jwt_plan(settings: Sequence[JwtConfig], accounts: str | None) -> JwtPlan:
    """One plan for all that is said of tokens; ``accounts`` is the URL of accounts, if there is one. Raises ValueError
    for what can not work."""
    issuers: dict[str, IssuerPlan] = {}
    for each in settings:
        plan = _issuer(each, accounts)
        if plan.issuer in issuers:
            raise ValueError(f"the issuer {plan.issuer} stands twice: say all of it at one place")
        issuers[plan.issuer] = plan
    return JwtPlan(tuple(issuers.values()))


def _issuer(settings: JwtConfig, accounts: str | None) -> IssuerPlan:
    issuer = settings.issuer or accounts
    if issuer is None:
        raise ValueError(
            "whose tokens are taken? name the `issuer`, or put `accounts: {url: ..., token: ...}` at the top of the "
            "config to take those of accounts"
        )
    is_accounts = issuer == accounts
    is_known = is_accounts if settings.known_to_accounts is None else settings.known_to_accounts
    if is_known and accounts is None:
        raise ValueError("known_to_accounts needs `accounts: {url: ..., token: ...}` at the top of the config")
    algorithms = frozenset(settings.algorithms)
    types = frozenset(each.lower().removeprefix("application/") for each in settings.typ or ())
    return IssuerPlan(
        issuer=issuer,
        source=None if settings.keys else KeySourcePlan(issuer, settings.jwks_url, settings.allow_http or is_accounts),
        keys=_static(settings.keys, algorithms) if settings.keys else b"",
        audiences=_audiences(settings.audience, is_accounts=is_accounts),
        algorithms=algorithms,
        types=types or (frozenset((_ACCESS_TOKEN,)) if is_accounts else ANY_TYPE),
        leeway=settings.leeway,
        client_claims=settings.client,
        scope_claims=settings.scopes,
        is_known=is_known,
    )


def _audiences(said: tuple[str, ...] | None, *, is_accounts: bool) -> frozenset[str] | None:
    if said == ("any",):
        return None
    return frozenset(said or ((ACCOUNTS_AUDIENCE,) if is_accounts else ()))


@functools.lru_cache(16)  # a filter of 10,000 routes is compiled as often
def _static(text: str, algorithms: frozenset[str]) -> bytes:
    """Keys that stand in the config, as a JWK Set. Raises ValueError."""
    keys = read_keys(text.encode()) if text.lstrip().startswith("{") else _of_pem(text)
    if any(not _PRIVATE_MEMBERS.isdisjoint(key) for key in keys):
        raise ValueError("`keys` holds a private or shared key: give the gateway the public one, which is all it needs")
    document = msgspec.json.encode({"keys": keys}, order="sorted")
    try:
        if not KeyRing(document, algorithms):
            raise ValueError(f"no key in it can verify {' or '.join(sorted(algorithms))}; see `algorithms`")
        for key in keys:
            import_key(key)
    except (JoseError, ValueError) as error:
        raise ValueError(f"`keys` can not be used: {error}") from None
    return document


def _of_pem(text: str) -> list[dict[str, Any]]:
    blocks = list(_PEM.finditer(text))
    if not blocks:
        raise ValueError("`keys` is neither a JWK Set nor PEM: write keys: ${file:PATH} for a file")
    keys: list[dict[str, Any]] = []
    for block in blocks:
        label, pem = block[1], block[0].encode()
        if "PRIVATE" in label:
            raise ValueError("`keys` holds a private key: give the gateway the public one, which is all it needs")
        try:
            is_certificate = label == "CERTIFICATE"
            key = x509.load_pem_x509_certificate(pem).public_key() if is_certificate else load_pem_public_key(pem)
            pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            keys.append(dict(import_key(pem, _type_of(key)).as_dict(private=False)))
        except (JoseError, ValueError, TypeError) as error:
            raise ValueError(f"`keys` holds a PEM block that is no public key: {error}") from None
    return [{name: value for name, value in key.items() if name != "kid"} for key in keys]


def _type_of(key: object) -> Any:
    name = type(key).__name__
    return "RSA" if name.startswith("RSA") else "OKP" if name.startswith("Ed") else "EC"
