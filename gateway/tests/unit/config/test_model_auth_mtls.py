import pytest
from pydantic import ValidationError

from moongate.config.model_auth import MethodConfig
from moongate.config.model_auth_mtls import MtlsConfig


def test_the_word_alone_is_subjects_that_accounts_knows() -> None:
    method = MethodConfig.model_validate("mtls")
    assert method.mtls == MtlsConfig()
    assert method.kind == "mtls"
    assert MtlsConfig().source == "subject"


def test_names_and_whose_they_are() -> None:
    config = MtlsConfig.model_validate({"from": "san_uri", "clients": {"spiffe://acme/robot": "robot"}})
    assert (config.source, config.clients) == ("san_uri", {"spiffe://acme/robot": "robot"})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"from": "issuer"}, "'subject', 'san_dns', 'san_uri' or 'san_email'"),
        ({"clients": {}}, "at least 1"),
        ({"clients": {"robot": "r1"}}, "'robot' is no subject: write it as in CN=robot,O=Acme"),
        ({"known_to_accounts": False}, "whose is a certificate?"),
        ({"clients": {"CN=a": ""}}, "at least 1"),
    ],
)
def test_what_is_not_taken(said: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("?", r"\?")):
        MtlsConfig.model_validate(said)
