import pytest
from pydantic import ValidationError

from moongate.config.model_auth import ApiKeyConfig, AuthenticateConfig, AuthorizeConfig, MethodConfig
from moongate.config.model_auth_jwt import JwtConfig


def test_short_forms() -> None:
    by_key = MethodConfig(api_key=ApiKeyConfig())
    by_token = MethodConfig(jwt=JwtConfig())
    assert AuthenticateConfig().methods == (by_key, by_token)
    assert AuthenticateConfig.model_validate(["jwt"]).methods == (by_token,)
    assert AuthenticateConfig.model_validate(["api_key"]).methods == (by_key,)
    assert AuthenticateConfig.model_validate("api_key").methods == (by_key,)
    assert AuthenticateConfig.model_validate({"methods": "api_key"}).methods == (by_key,)
    assert AuthorizeConfig.model_validate({"scopes": "read"}).scopes == ("read",)


@pytest.mark.parametrize("methods", [[{}], [{"nothing": {}}], ["nothing"], []])
def test_a_method_is_of_one_kind_that_is_known(methods: object) -> None:
    with pytest.raises(ValidationError):
        AuthenticateConfig.model_validate({"methods": methods})
