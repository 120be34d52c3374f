import pytest
from pydantic import ValidationError

from moongate.config.model_auth import AuthorizeConfig
from moongate.config.model_cedar import CedarConfig


def test_policies_decide_without_grants_unless_those_are_asked_for_too() -> None:
    cedar = CedarConfig(policies="permit (principal, action, resource);")
    assert not AuthorizeConfig(cedar=cedar).asks_grants
    assert AuthorizeConfig(cedar=cedar, grants=True).asks_grants


def test_policies_must_be_there() -> None:
    with pytest.raises(ValidationError):
        CedarConfig(policies="")
