"""What a person may write of an authorizer, and what they are told otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_forward_auth import ForwardAuthConfig

GOOD = {"service": "authz", "path": "/verify"}


def test_short_forms_and_defaults() -> None:
    plain = ForwardAuthConfig.model_validate(GOOD)
    assert (plain.request_headers, plain.response_headers, plain.client, plain.cache) == (None, (), None, 0.0)
    config = ForwardAuthConfig.model_validate(
        {**GOOD, "request_headers": "Cookie", "response_headers": "X-Auth-User", "cache": "30s", "timeout": "200ms"}
    )
    assert (config.request_headers, config.response_headers) == (("Cookie",), ("X-Auth-User",))
    assert (config.cache, config.timeout) == (30.0, 0.2)
    assert ForwardAuthConfig.model_validate({**GOOD, "request_headers": [], "cache": "0s"}).request_headers == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"cache": "10s"}, "name the `request_headers` that decide"),
        ({"request_headers": ["X-Forwarded-Uri"]}, "'X-Forwarded-Uri' is never sent"),
        ({"request_headers": ["Content-Type"]}, "'Content-Type' is never sent"),
        ({"request_headers": ["If-None-Match"]}, "'If-None-Match' is never sent"),
        ({"request_headers": ["Content-Length"]}, "belongs to the connection"),
        ({"response_headers": ["X-Client-Id"]}, "belongs to the connection or to the gateway"),
        ({"response_headers": ["Transfer-Encoding"]}, "belongs to the connection"),
        ({"client": "X_User"}, "write X-User"),
        ({"timeout": "0s"}, "out of bounds"),
    ],
)
def test_what_is_wrong(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ForwardAuthConfig.model_validate({**GOOD, **said})
