from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_auth import AuthenticateConfig
from moongate.config.model_introspection import IntrospectionConfig

GOOD = {"service": "idp", "path": "/introspect", "client_id": "gateway", "client_secret": "s"}
TOKEN = {"service": "idp", "path": "/introspect", "token": "mgw_1"}


def test_short_forms_and_defaults() -> None:
    plain = IntrospectionConfig.model_validate(GOOD)
    assert (plain.cache, plain.timeout, plain.known_to_accounts) == (60.0, 1.0, False)
    assert (plain.client, plain.audience) == (("client_id", "azp", "sub"), ())
    config = IntrospectionConfig.model_validate({**TOKEN, "cache": "0s", "client": "sub", "audience": "api"})
    assert (config.token, config.cache, config.client, config.audience) == ("mgw_1", 0.0, ("sub",), ("api",))
    (method,) = AuthenticateConfig.model_validate([{"introspection": GOOD}]).methods
    assert method.kind == "introspection"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"client_id": None}, "answer nobody whom they do not know"),
        ({"client_secret": None}, "answer nobody whom they do not know"),
        ({"client_id": None, "client_secret": None}, "answer nobody whom they do not know"),
        ({"token": "t"}, "and not both"),
        ({"token": "a b", "client_id": None, "client_secret": None}, "without spaces"),
        ({"token": "a\r\nX: y", "client_id": None, "client_secret": None}, "without spaces"),
        ({"client_secret": ""}, "at least 1 character"),
        ({"client": []}, "at least 1 item"),
        ({"path": "https://idp/introspect"}, "write the path alone"),
    ],
)
def test_what_is_wrong(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        IntrospectionConfig.model_validate({**GOOD, **said})
