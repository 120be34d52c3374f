"""What a person may write of tokens, and what they are told otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_auth_jwt import JwtConfig

GOOD = {"issuer": "https://id.example.com", "audience": "api"}


def wrong(**said: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        JwtConfig.model_validate(said)
    return str(raised.value)


def test_short_forms_and_defaults() -> None:
    config = JwtConfig.model_validate({**GOOD, "client": "sub", "algorithms": "EdDSA", "leeway": "0s", "typ": "at+jwt"})
    assert (config.audience, config.client, config.algorithms) == (("api",), ("sub",), ("EdDSA",))
    assert (config.leeway, config.typ) == (0.0, ("at+jwt",))
    plain = JwtConfig.model_validate(GOOD)
    assert (plain.leeway, plain.algorithms) == (30.0, ("ES256", "RS256"))
    assert JwtConfig().issuer is None


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "http://127.0.0.1:9400"},
        {"issuer": "http://localhost:9400/realms/a"},
        {"issuer": "http://id.example.com", "allow_http": "true"},
        {"issuer": "a-name", "keys": "{}"},
        {"issuer": "a-name", "jwks_url": "https://id.example.com/keys?v=1"},
    ],
)
def test_what_is_fine(said: dict[str, Any]) -> None:
    assert JwtConfig.model_validate({"audience": "any", **said}).issuer == said["issuer"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"issuer": "https://a"}, "name your `audience`, or write audience: any"),
        ({**GOOD, "audience": []}, "at least 1 item"),
        ({**GOOD, "keys": "{}", "jwks_url": "https://a"}, "not at both places"),
        ({**GOOD, "issuer": "http://id.example.com"}, "`issuer` is fetched over https"),
        ({**GOOD, "jwks_url": "http://id.example.com/k"}, "`jwks_url` is fetched over https"),
        ({**GOOD, "issuer": "a-name"}, "say under `jwks_url` or `keys` what its keys are"),
        ({**GOOD, "issuer": "https://a/?x=1"}, "without spaces, query and fragment"),
        ({**GOOD, "issuer": "https://a/#x"}, "without spaces, query and fragment"),
        ({**GOOD, "issuer": "https://a /b"}, "`issuer` is"),
        ({**GOOD, "jwks_url": "https://169.254.169.254/keys"}, "`jwks_url` is no URL"),
        ({**GOOD, "jwks_url": "https://u:p@a/keys"}, "`jwks_url` is no URL"),
        ({**GOOD, "jwks_url": "file:///etc/passwd"}, "`jwks_url` is no URL"),
        ({**GOOD, "issuer": ""}, "at least 1 character"),
        ({**GOOD, "algorithms": "HS256"}, "algorithms"),
        ({**GOOD, "algorithms": "none"}, "algorithms"),
        ({**GOOD, "algorithms": []}, "algorithms"),
        ({**GOOD, "leeway": "61s"}, "is to be put right"),
        ({**GOOD, "leeway": "soon"}, "is no duration"),
        ({**GOOD, "secret": "x"}, "secret"),
        ({"algorithms": "ES256"}, "algorithms is about another issuer than accounts"),
        ({"jwks_url": "https://a"}, "jwks_url is about another issuer than accounts"),
    ],
    ids=str,
)
def test_what_is_not(said: dict[str, Any], told: str) -> None:
    assert told in wrong(**said)
