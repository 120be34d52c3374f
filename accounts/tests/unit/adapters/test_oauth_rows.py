"""OAuth's rows, on both engines."""

import threading
from dataclasses import replace

from accounts.bootstrap.wiring import Services
from accounts.domain.credentials import Secret
from accounts.domain.oauth import ClientSecret, Profile
from accounts.domain.signing_key import Algorithm, SealedKey, SigningKey
from accounts_harness.making import make_client

KEY = SigningKey(1, "kid", Algorithm.ES256, {"kty": "EC"}, SealedKey(b"\x00\xff", 1), 5, 6)


def test_profiles_and_secrets_come_back(services: Services) -> None:
    client = make_client(services)
    store = services.store
    assert store.read(lambda tx: tx.oauth.profile(client.id)) == Profile(client.id)
    for version in (2, 3):
        profile = Profile(client.id, ("a", "b"), ({"kty": "EC", "kid": "\u00fc"},), version)
        store.write(lambda tx, profile=profile: tx.oauth.save_profile(profile))  # type: ignore[misc]
        assert store.read(lambda tx: tx.oauth.profile(client.id)) == profile
    secrets = [
        ClientSecret(ident, client.id, Secret(b"\x00", 1), at, "me", ends)
        for ident, at, ends in (("b" * 12, 1, None), ("a" * 12, 2, 9))
    ]
    for secret in secrets:
        store.write(lambda tx, secret=secret: tx.oauth.add_secret(secret))  # type: ignore[misc]
    assert store.read(lambda tx: tx.oauth.secrets_of(client.id)) == secrets
    store.write(lambda tx: tx.oauth.forget(10))
    assert store.read(lambda tx: tx.oauth.secrets_of(client.id)) == secrets[:1]
    store.write(lambda tx: tx.oauth.remove_secret("b" * 12))
    assert store.read(lambda tx: tx.oauth.secrets_of(client.id)) == []


def test_a_jti_is_remembered_until_its_time_by_one_of_many(services: Services) -> None:
    barrier = threading.Barrier(4)
    won: list[bool] = []

    def run() -> None:
        barrier.wait()
        won.append(services.store.write(lambda tx: tx.oauth.remember("cl", "jti", 50)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]
    assert services.store.write(lambda tx: tx.oauth.remember("other", "jti", 50))
    services.store.write(lambda tx: tx.oauth.forget(50))
    assert not services.store.write(lambda tx: tx.oauth.remember("cl", "jti", 50))
    services.store.write(lambda tx: tx.oauth.forget(51))
    assert services.store.write(lambda tx: tx.oauth.remember("cl", "jti", 50))


def test_signing_keys_have_one_of_each_number(services: Services) -> None:
    assert services.store.write(lambda tx: tx.oauth.add_signing_key(KEY))
    assert not services.store.write(lambda tx: tx.oauth.add_signing_key(replace(KEY, kid="other")))
    assert services.store.read(lambda tx: tx.oauth.signing_keys()) == [KEY]
    services.store.write(lambda tx: tx.oauth.remove_signing_key("kid"))
    assert services.store.read(lambda tx: tx.oauth.signing_keys()) == []
