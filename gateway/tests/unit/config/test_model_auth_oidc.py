"""What a person may write of logins, and what they are told otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_auth import MethodConfig
from moongate.config.model_auth_oidc import OidcConfig

GOOD = {"issuer": "https://id.example.com", "client_id": "app", "client_secret": "hush"}


def test_defaults_and_short_forms() -> None:
    plain = OidcConfig.model_validate(GOOD)
    assert (plain.scopes, plain.client, plain.algorithms) == (("openid",), ("sub",), ("ES256", "RS256"))
    assert (plain.callback, plain.logout, plain.after_logout) == ("/oidc/callback", "/oidc/logout", "/")
    assert (plain.session, plain.leeway, plain.known_to_accounts) == (28800.0, 30.0, False)
    short = OidcConfig.model_validate(
        {**GOOD, "scopes": "openid", "client": "email", "claims": "roles", "session": "1h"}
    )
    assert (short.scopes, short.client, short.claims, short.session) == (("openid",), ("email",), ("roles",), 3600.0)


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "http://localhost:9400/realms/a"},
        {"issuer": "http://id.example.com", "allow_http": True},
        {"issuer": "https://id.example.com/tenant/"},
        {"client_secret": "~!@#$%^&*()_+"},
        {"after_logout": "/bye"},
        {"claims": []},
    ],
)
def test_what_is_fine(said: dict[str, Any]) -> None:
    assert OidcConfig.model_validate({**GOOD, **said})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"issuer": "id.example.com"}, "`issuer` is no URL such as https://id.example.com"),
        ({"issuer": "http://id.example.com"}, "fetched over https"),
        ({"scopes": ["profile"]}, "without the scope `openid`"),
        ({"scopes": "openid profile"}, "write each on its own"),
        ({"scopes": []}, "without the scope `openid`"),
        ({"callback": "/"}, "can not be /"),
        ({"callback": "/a/../b"}, "no path of one page"),
        ({"callback": "/a//b"}, "no path of one page"),
        ({"callback": "/a/"}, "no path of one page"),
        ({"callback": "/{a}"}, "no path of one page"),
        ({"callback": "/a?b"}, "no path of one page"),
        ({"after_logout": "https://evil"}, "no path of one page"),
        ({"after_logout": "//evil"}, "no path of one page"),
        ({"logout": "/oidc/callback"}, "are two paths"),
        ({"session": "59s"}, "a session lasts 60s at the least"),
        ({"session": "25h"}, "at most 24h"),
        ({"client_id": ""}, "no credential of a client"),
        ({"client_secret": "a\nb"}, "no credential of a client"),
        ({"client": []}, "at least 1 item"),
        ({"algorithms": "none"}, "Input should be"),
        ({"algorithms": "HS256"}, "Input should be"),
        ({"redirect_uri": "https://a"}, "Extra inputs"),
    ],
)
def test_what_people_are_told(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        OidcConfig.model_validate({**GOOD, **said})
    assert told in str(raised.value)


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(OidcConfig.model_validate(GOOD))
    with pytest.raises(ValidationError) as raised:
        OidcConfig.model_validate({**GOOD, "client_secret": "hush hush"})
    assert "hush" not in str(raised.value)


def test_it_is_one_of_several_methods() -> None:
    assert MethodConfig.model_validate({"oidc": GOOD}).kind == "oidc"
    with pytest.raises(ValidationError, match="of one kind"):
        MethodConfig.model_validate({"oidc": GOOD, "api_key": {}})
