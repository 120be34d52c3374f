"""Accounts as a person writes it, and what is said of mistakes without telling the token."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_accounts import AccountsConfig

TOKEN = "mgw_" + "t" * 32
RIGHT = {"url": "http://127.0.0.1:8102", "token": TOKEN}


def test_what_holds_where_nothing_is_said() -> None:
    config = AccountsConfig.model_validate(RIGHT)
    assert (config.max_stale, config.replica) == (900.0, "var/replica.sqlite")


def test_everything_said() -> None:
    config = AccountsConfig.model_validate(
        {"url": "https://accounts.internal/", "token": TOKEN, "max_stale": "1h", "replica": "/var/lib/moongate/r"}
    )
    assert (config.url, config.max_stale, config.replica) == (
        "https://accounts.internal",
        3600.0,
        "/var/lib/moongate/r",
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"url": "127.0.0.1:8102"}, "has no scheme"),
        ({"url": "ftp://a"}, "not spoken to accounts"),
        ({"url": "http://a/internal"}, "accounts has no path"),
        ({"url": "http://u:p@a"}, "no user name or password"),
        ({"token": ""}, "no token of a gateway"),
        ({"token": "short"}, "no token of a gateway"),
        ({"token": TOKEN + " "}, "${file:PATH}"),
        ({"token": TOKEN + "\nx"}, "no token of a gateway"),
        ({"token": "ü" * 20}, "no token of a gateway"),
        ({"max_stale": "15"}, "has no unit"),
        ({"max_stale": "0s"}, "out of bounds"),
        ({"max_stale": "25h"}, "out of bounds"),
        ({"replica": ""}, "no file"),
        ({"replica": "var/"}, "no file"),
        ({"cache": True}, "Extra inputs"),
    ],
)
def test_mistakes(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AccountsConfig.model_validate({**RIGHT, **wrong})
    assert message in str(caught.value)
    assert TOKEN not in str(caught.value)
