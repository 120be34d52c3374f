import pytest
from pydantic import ValidationError

from moongate.config.model_auth_basic import BasicConfig


def test_what_is_said_and_what_is_not() -> None:
    config = BasicConfig.model_validate({"users": "a:b"})
    assert (config.realm, config.known_to_accounts) == ("moongate", False)
    assert BasicConfig(users="a:b", realm="The [big] one").realm == "The [big] one"


@pytest.mark.parametrize("realm", ["", 'a"b', "a\\b", "a\nb", "ä", "x" * 201])
def test_a_realm_can_stand_between_quotes(realm: str) -> None:
    with pytest.raises(ValidationError):
        BasicConfig(users="a:b", realm=realm)


def test_somebody_has_to_be_there() -> None:
    for users in ({}, {"users": ""}):
        with pytest.raises(ValidationError):
            BasicConfig.model_validate(users)
