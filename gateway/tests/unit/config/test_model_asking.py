"""Whom filters ask, as a person writes it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from moongate.config.model_asking import AskingConfig


@pytest.mark.parametrize("path", ["/", "/verify", "/api/verify?rd=https://id.example/%20", "/v1/data/a/allow"])
def test_paths(path: str) -> None:
    config = AskingConfig.model_validate({"service": "authz", "path": path})
    assert (config.path, config.timeout) == (path, 1.0)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("http://authz/verify", "the service says where that is"),
        ("verify", "begins with /"),
        ("/ver ify", "begins with /"),
        ("/ver\r\nify", "begins with /"),
        ("/é", "begins with /"),
        ("/a#b", "begins with /"),
        ("/" + "a" * 2048, "begins with /"),
        ("", "begins with /"),
    ],
)
def test_what_is_no_path(path: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        AskingConfig.model_validate({"service": "authz", "path": path})
