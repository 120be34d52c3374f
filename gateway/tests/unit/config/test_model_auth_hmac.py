import pytest
from pydantic import ValidationError

from moongate.config.model_auth_hmac import HmacConfig

KEY = {"client": "c", "secret": "s"}


def test_what_is_said_and_what_is_not() -> None:
    config = HmacConfig.model_validate({"keys": {"k1": KEY, "k2": {"client": "d", "public_key": "p"}}})
    assert (config.window, config.known_to_accounts) == (60.0, False)
    assert config.keys["k2"].public_key == "p"
    assert HmacConfig.model_validate({"keys": {"k": KEY}, "window": "2m"}).window == 120.0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Field required"),
        ({"keys": {}}, "at least 1"),
        ({"keys": {"": KEY}}, "at least 1"),
        ({"keys": {"k\n": KEY}}, "match"),
        ({"keys": {"k": {"client": "c"}}}, "either a `secret` .* or a `public_key`"),
        ({"keys": {"k": {**KEY, "public_key": "p"}}}, "either a `secret` .* or a `public_key`"),
        ({"keys": {"k": {"secret": "s"}}}, "Field required"),
        ({"keys": {"k": KEY}, "window": "6m"}, "5m at the most"),
        ({"keys": {"k": KEY}, "window": "0s"}, "out of bounds"),
    ],
)
def test_what_is_not_taken(said: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HmacConfig.model_validate(said)
