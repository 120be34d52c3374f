import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway_harness.signing import PRIVATE_KEY, PUBLIC_PEM, SECRET, SECRET_TEXT
from moongate.compile.auth_hmac import hmac_plan
from moongate.config.model_auth_hmac import HmacConfig
from moongate.filters.hmac import ED25519, HMAC_SHA256, HmacPlan, SigningKeyPlan


def plan(keys: dict[str, dict[str, str]], **more: object) -> HmacPlan:
    return hmac_plan(HmacConfig.model_validate({"keys": keys, **more}), has_accounts=False)


def test_keys_are_read() -> None:
    wrapped = f"{SECRET_TEXT[:20]}\n{SECRET_TEXT[20:]}\n"
    made = plan({"k1": {"client": "c", "secret": wrapped}, "k2": {"client": "d", "public_key": PUBLIC_PEM}})
    public = PRIVATE_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert made.keys == (SigningKeyPlan("k1", "c", HMAC_SHA256, SECRET), SigningKeyPlan("k2", "d", ED25519, public))
    assert (made.window, made.is_known) == (60.0, False)


PRIVATE_PEM = PRIVATE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
OTHER_PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"secret": "correct horse!"}, "the key k: its secret is not base64; `openssl rand -base64 48` prints"),
        ({"secret": "c2hvcnQ="}, "its secret has 5 octets, and needs 32"),
        ({"public_key": "canary"}, "its public key is not PEM"),
        ({"public_key": PRIVATE_PEM}, "that is a private key: give the gateway the public one"),
        ({"public_key": OTHER_PEM}, "its public key is not of Ed25519"),
    ],
    ids=["words", "short", "no pem", "private", "another"],
)
def test_what_is_no_key_is_told_and_not_shown(key: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError) as raised:
        plan({"k": {"client": "c", **key}, "l": {"client": "c", "secret": "x"}})
    assert said in str(raised.value)
    assert "the key l: its secret" in str(raised.value), "all of them at once"
    for text in key.values():
        assert text.splitlines()[0] not in str(raised.value)


def test_somebody_has_to_know_the_clients() -> None:
    with pytest.raises(ValueError, match="known_to_accounts needs `accounts"):
        plan({"k": {"client": "c", "secret": SECRET_TEXT}}, known_to_accounts=True)
