import pytest
from pydantic import ValidationError

from moongate.config.model_tokens import TokensConfig


def test_defaults() -> None:
    config = TokensConfig()
    assert (config.key_sets, config.signing_keys) == (None, None)
    assert (config.issuer, config.rotate_after) == ("moongate", 86400.0)
    assert TokensConfig.model_validate({"rotate_after": "8h"}).rotate_after == 28800.0


@pytest.mark.parametrize(
    "said", [{"key_sets": "var/"}, {"signing_keys": " "}, {"rotate_after": "0s"}, {"issuer": ""}, {"keys": "x"}]
)
def test_what_is_not(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TokensConfig.model_validate(said)
