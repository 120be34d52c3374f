"""What control is told: an admin address that nobody else reaches, durations and shares that make sense."""

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_control import AdminConfig, DrainConfig, GuardConfig, ReloadConfig, admin_or_none

TOKEN = "0123456789abcdef"


def test_what_holds_where_nothing_is_said() -> None:
    assert (AdminConfig().bind, AdminConfig().token) == ("127.0.0.1:9900", None)
    assert (DrainConfig().notice, DrainConfig().timeout, ReloadConfig().guard) == (5.0, 30.0, None)
    guard = GuardConfig()
    assert (guard.window, guard.max_5xx, guard.max_4xx, guard.min_requests) == (30.0, 0.05, None, 100)


@pytest.mark.parametrize("written", ["off", "OFF", False, "false", "no", "none"])
def test_no_admin_address(written: object) -> None:
    assert admin_or_none(written) is None


@pytest.mark.parametrize("written", ["on", True, "yes"])
def test_the_default_admin_address(written: object) -> None:
    assert admin_or_none(written) == {}
    assert admin_or_none({"bind": "a"}) == {"bind": "a"}


@pytest.mark.parametrize("bind", ["127.0.0.1:0", "[::1]:9900", "localhost:9900", "127.9.9.9:1"])
def test_loopback_needs_no_token(bind: str) -> None:
    assert AdminConfig.model_validate({"bind": bind}).bind == bind


@pytest.mark.parametrize("bind", ["0.0.0.0:9900", "[::]:9900", "10.0.0.1:9900"])
def test_any_other_address_needs_one(bind: str) -> None:
    with pytest.raises(ValidationError, match="others can reach"):
        AdminConfig.model_validate({"bind": bind})
    assert AdminConfig.model_validate({"bind": bind, "token": TOKEN}).token == TOKEN


@pytest.mark.parametrize(
    ("model", "written", "message"),
    [
        (AdminConfig, {"token": "canary"}, "at least 16 characters"),
        (AdminConfig, {"token": "canary canary canary"}, "without spaces"),
        (AdminConfig, {"token": "canary-canary-can\u00e4ry"}, "letters, digits and signs"),
        (AdminConfig, {"token": ""}, "at least 16"),
        (AdminConfig, {"bind": "9900"}, "names no address"),
        (GuardConfig, {"window": "11m"}, "at most 10m"),
        (GuardConfig, {"window": "0s"}, "out of bounds"),
        (GuardConfig, {"max_5xx": "5"}, "write 5%"),
        (GuardConfig, {"max_5xx": "0%"}, "out of bounds"),
        (GuardConfig, {"max_4xx": "101%"}, "out of bounds"),
        (GuardConfig, {"min_requests": 0}, "greater than or equal to 1"),
        (DrainConfig, {"notice": "-1s"}, "no duration"),
        (DrainConfig, {"notice": "5"}, "no unit"),
        (DrainConfig, {"timeout": "0s"}, "out of bounds"),
    ],
)
def test_what_makes_no_sense_is_said_and_shows_no_token(model: Any, written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(written)
    assert message in str(caught.value)
    assert "canary" not in str(caught.value)


def test_shares_and_pauses() -> None:
    assert GuardConfig.model_validate({"max_5xx": "0.5%", "max_4xx": "100 %"}).max_5xx == 0.005
    assert [DrainConfig.model_validate({"notice": each}).notice for each in ("0s", "0", 0, "1m")] == [0, 0, 0, 60]
