from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_auth import AuthorizeConfig

OPA = {"service": "opa", "path": "/v1/data/gateway/allow"}


def test_a_policy_decides_alone_unless_more_is_said() -> None:
    alone = AuthorizeConfig.model_validate({"opa": {**OPA, "headers": "X-Tenant"}})
    assert alone.opa is not None
    assert (alone.asks_grants, alone.opa.headers, alone.opa.timeout) == (False, ("X-Tenant",), 1.0)
    assert AuthorizeConfig.model_validate({"opa": OPA, "grants": True}).asks_grants
    assert AuthorizeConfig().asks_grants
    assert not AuthorizeConfig.model_validate({"scopes": "read", "grants": False}).asks_grants


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"grants": False}, "name `scopes`, `claims`, `cedar` or `opa`"),
        ({"opa": {"service": "opa"}}, "path"),
        ({"opa": {**OPA, "path": "v1/data"}}, "begins with /"),
        ({"opa": {**OPA, "headers": ["Content-Length"]}}, "belongs to the connection"),
    ],
)
def test_what_is_wrong(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        AuthorizeConfig.model_validate(said)
