from moongate.stores.keys import SigningKey
from moongate.stores.signing import NO_KEYS, Signing


def test_nothing_is_signed_before_there_is_a_key() -> None:
    signing = Signing()
    assert (signing.current, signing.jwks) == (None, NO_KEYS)
    key = SigningKey("k1", b"{}", "moongate")
    signing.replaced(key, b"set")
    assert (signing.current, signing.jwks) == (key, b"set")
