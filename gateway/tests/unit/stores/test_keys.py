from moongate.stores.keys import SigningKey


def test_a_private_key_is_not_shown() -> None:
    assert "secret" not in repr(SigningKey("k1", b"secret", "moongate"))
