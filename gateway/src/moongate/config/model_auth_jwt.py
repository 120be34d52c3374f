"""Access tokens as a person says which are taken."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.address import parse_target_url
from moongate.config.model_base import StrictModel
from moongate.config.model_values import listed
from moongate.config.schema_types import DURATION_SCHEMA, LIST_OR_TEXT_SCHEMA
from moongate.config.units import parse_duration

Algorithm: TypeAlias = Literal[
    "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519"
]
MAX_LEEWAY_SECONDS: Final = 60.0
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
Texts: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(listed), WithJsonSchema(LIST_OR_TEXT_SCHEMA), Field(min_length=1)
]


def _leeway(value: object) -> float:
    seconds = 0.0 if value in ("0s", "0", 0, 0.0) else parse_duration(value)
    if seconds > MAX_LEEWAY_SECONDS:
        raise ValueError("a clock that is more than 60s wrong is to be put right, not to be borne")
    return seconds


Leeway: TypeAlias = Annotated[float, BeforeValidator(_leeway), WithJsonSchema(DURATION_SCHEMA)]


class JwtConfig(StrictModel):
    """Access tokens of one issuer; a bare `jwt` takes those that accounts makes. Write one for each issuer."""

    issuer: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """What tokens say that they are from, to the letter; its keys are found by OIDC discovery under this URL. Accounts,
    where absent."""
    audience: Texts | None = None
    """What tokens say that they are for: one of these, or `any` where every token of the issuer is meant for you."""
    jwks_url: str | None = None
    """Where the issuer's keys are, for an issuer without discovery."""
    keys: str | None = None
    """The issuer's public keys themselves: a JWK Set or PEM, best as ${file:PATH}."""
    algorithms: Annotated[tuple[Algorithm, ...], BeforeValidator(listed), Field(min_length=1)] = ("ES256", "RS256")
    """What tokens may be signed by, whatever they say themselves."""
    typ: Texts | None = None
    """What tokens must say that they are, as at+jwt; where absent that, JWT, or nothing."""
    leeway: Leeway = 30.0
    """By how much the issuer's clock may differ from this one's, at most 60s."""
    client: Texts = ("client_id", "azp", "sub")
    """The claims that may name the client: the first that is there."""
    scopes: Texts = ("scope", "scp")
    """The claims that may hold scopes: the first that is there."""
    known_to_accounts: bool | None = None
    """Whether accounts must know the client, which then has its grants and plan: as a rule where accounts is the
    issuer, and not for any other."""
    allow_http: bool = False
    """Whether keys may be fetched without TLS from another machine; whoever is in between can then make tokens."""

    @model_validator(mode="after")
    def _one_place_for_keys(self) -> Self:
        if self.issuer is None:
            said = self.model_fields_set - {"leeway", "known_to_accounts", "audience", "scopes", "typ"}
            if said:
                raise ValueError(f"{min(said)} is about another issuer than accounts: name it under `issuer`")
            return self
        if self.audience is None:
            raise ValueError(
                "which of the issuer's tokens are for you? name your `audience`, or write audience: any to take all"
            )
        if self.keys is not None and self.jwks_url is not None:
            raise ValueError("the keys stand under `keys` or under `jwks_url`, not at both places")
        if self.keys is None:
            is_issuer = self.jwks_url is None
            hint = "; where it is a mere name, say under `jwks_url` or `keys` what its keys are" if is_issuer else ""
            url = self.jwks_url or self.issuer
            _check_url(url, is_issuer=is_issuer, allows_http=self.allow_http, hint=hint)
        return self


def check_issuer_url(url: str, *, allows_http: bool) -> None:
    """Raises ValueError where nothing can be found by discovery under ``url``."""
    _check_url(url, is_issuer=True, allows_http=allows_http, hint="")


def _check_url(url: str, *, is_issuer: bool, allows_http: bool, hint: str) -> None:
    """Raises ValueError where keys can not be fetched from, or found by, ``url``."""
    what = "`issuer`" if is_issuer else "`jwks_url`"
    parts = urlsplit(url)
    try:
        parse_target_url(f"{parts.scheme}://{parts.netloc}" if "://" in url else url)
    except ValueError:
        raise ValueError(f"{what} is no URL such as https://id.example.com that keys could be had from{hint}") from None
    if parts.fragment or (is_issuer and parts.query) or not url.isprintable() or " " in url:
        raise ValueError(f"{what} is a URL without spaces, query and fragment")
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK and not allows_http:
        raise ValueError(f"{what} is fetched over https; write allow_http: true where the way to it is safe without")
