"""The gateway's word to a service: what another library makes of it, and how often it is signed."""

from __future__ import annotations

import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from gateway_harness.key_holders import HeldSigningKey
from gateway_harness.tokens import NOW
from moongate.core.exchange import Identity
from moongate.filters.identity_token import Vouching
from moongate.stores.keys import SigningKey

PRIVATE = ECKey.generate_key("P-256", {"kid": "g1"}, private=True)
KEY = SigningKey("g1", json.dumps(PRIVATE.as_dict(private=True)).encode(), "https://gateway")
CLIENT = Identity("cl_1", "api_key", frozenset(("write", "read")))


class Clock:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


def token_of(line: bytes | None) -> str:
    assert line is not None
    assert line.startswith(b"X-Client-Token: ")
    assert line.endswith(b"\r\n")
    return line[16:-2].decode("ascii")


def test_a_service_can_verify_it() -> None:
    token = token_of(Vouching("orders", HeldSigningKey(KEY), Clock()).line(CLIENT))
    read = jwt.decode(token, KeySet([PRIVATE]), algorithms=["ES256"])
    assert read.header == {"alg": "ES256", "typ": "JWT", "kid": "g1"}
    assert read.claims == {
        "iss": "https://gateway",
        "aud": "orders",
        "sub": "cl_1",
        "credential": "api_key",
        "scope": "read write",
        "iat": NOW,
        "exp": NOW + 60,
    }


def test_the_same_is_sent_for_half_of_its_life() -> None:
    clock = Clock()
    vouching = Vouching("orders", HeldSigningKey(KEY), clock)
    lines = []
    for seconds in (0, 1, 29, 30, 31, 60):
        clock.now = float(NOW + seconds)
        lines.append(vouching.line(CLIENT))
    assert lines[0] == lines[1] == lines[2] != lines[3] == lines[4] != lines[5]


def test_every_client_has_its_own() -> None:
    vouching = Vouching("orders", HeldSigningKey(KEY), Clock())
    others = [
        CLIENT,
        Identity("cl_2", "api_key", CLIENT.scopes),
        Identity("cl_1", "jwt", CLIENT.scopes),
        Identity("cl_1", "api_key"),
    ]
    assert len({vouching.line(each) for each in others}) == 4


def test_another_key_signs_from_the_moment_it_is_there() -> None:
    holder = HeldSigningKey(KEY)
    vouching = Vouching("orders", holder, Clock())
    before = vouching.line(CLIENT)
    other = ECKey.generate_key("P-256", {"kid": "g2"}, private=True)
    holder.current = SigningKey("g2", json.dumps(other.as_dict(private=True)).encode(), "https://gateway")
    after = vouching.line(CLIENT)
    assert after != before
    assert jwt.decode(token_of(after), KeySet([other]), algorithms=["ES256"]).header["kid"] == "g2"


def test_without_a_key_there_is_no_word() -> None:
    assert Vouching("orders", HeldSigningKey(None), Clock()).line(CLIENT) is None


@pytest.mark.parametrize("client", ['a"b\\c', "a\r\nX-Admin: 1", "ü" * 100])
def test_whatever_a_client_is_called_it_is_one_line(client: str) -> None:
    line = Vouching("orders", HeldSigningKey(KEY), Clock()).line(Identity(client, "jwt"))
    token = token_of(line)
    assert "\r" not in token
    assert jwt.decode(token, KeySet([PRIVATE]), algorithms=["ES256"]).claims["sub"] == client


def test_a_stream_of_new_clients_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.filters.identity_token._MAX_REMEMBERED", 10)
    vouching = Vouching("orders", HeldSigningKey(KEY), Clock())
    for number in range(25):
        vouching.line(Identity(f"cl_{number}", "jwt"))
    assert len(vouching._made) <= 10
