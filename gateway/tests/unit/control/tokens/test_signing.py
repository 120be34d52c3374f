"""The gateway's own keys: made once, kept, and changed so that nobody meets a key that was not published before."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gateway_harness.controlling import until
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens import signing
from moongate.control.tokens.signing import KeptKey, SigningKeys
from moongate.core.token_plans import SigningPlan

if TYPE_CHECKING:
    from pathlib import Path

    from moongate.worker.messages import SigningKeyHeld

DAY = 24 * 3600.0
START = 1_790_000_000.0


class Wall:
    """The date, which a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        monkeypatch.setattr(signing, "wall", lambda: datetime.fromtimestamp(self.now, UTC))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def plan(directory: Path, seconds: float = DAY) -> SigningPlan:
    return SigningPlan("moongate", str(directory / "signing.json"), seconds)


def published(state: SigningKeyHeld) -> list[str]:
    return [key["kid"] for key in json.loads(state.jwks)["keys"]]


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first = SigningKeys(plan(tmp_path), print).state()
    assert SigningKeys(plan(tmp_path), print).state() == first
    assert (tmp_path / "signing.json").stat().st_mode & 0o777 == 0o600
    assert published(first) == [first.kid]
    (public,) = json.loads(first.jwks)["keys"]
    assert {"kty", "crv", "x", "y", "kid", "use", "alg"} == set(public), "nothing private is published"
    assert "d" in json.loads(first.key)


def test_over_three_days_no_key_signs_before_it_was_published_for_an_hour(tmp_path: Path, clock: Wall) -> None:
    keys = SigningKeys(plan(tmp_path), print)
    first_seen: dict[str, float] = {}
    last_signed: dict[str, float] = {}
    for step in range(3 * 24 * 6):
        clock.now = START + step * 600
        keys.turn()
        state = keys.state()
        for kid in published(state):
            first_seen.setdefault(kid, clock.now)
        assert state.kid in published(state)
        last_signed[state.kid] = clock.now
        for kid, when in last_signed.items():
            assert kid in published(state) or clock.now - when > 3000, "who has just signed is still published"
        if len(last_signed) > 1:
            assert last_signed[state.kid] - first_seen[state.kid] >= 3600
    assert len(last_signed) == 3
    assert SigningKeys(plan(tmp_path), print).state() == keys.state()


def test_a_clock_that_was_wrong_does_no_harm(tmp_path: Path, clock: Wall) -> None:
    clock.now = START + 400 * DAY
    SigningKeys(plan(tmp_path), print)
    clock.now = START
    keys = SigningKeys(plan(tmp_path), print)
    before = keys.state().kid
    clock.now = START + DAY
    keys.turn()
    clock.now += 3600
    assert keys.state().kid != before


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": [{"made": 1, "key": {"kty": "oct", "k": "AA"}}]}', b"\xff"])
def test_a_file_of_something_else_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "signing.json").write_bytes(content)
    with pytest.raises(PlaceInvalid, match="holds no keys that tokens could be signed with"):
        SigningKeys(plan(tmp_path), print)
    assert (tmp_path / "signing.json").read_bytes() == content


def test_nowhere_to_keep_it() -> None:
    with pytest.raises(PlaceInvalid, match="cannot keep the keys for tokens to services"):
        SigningKeys(SigningPlan("moongate", "/proc/keys.json", DAY), print)


def test_a_change_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_LOOK_SECONDS", 0.01)

    async def follow() -> None:
        told: list[SigningKeyHeld] = []
        keys = SigningKeys(plan(tmp_path, 0.2), print)
        first = keys.state()
        task = asyncio.ensure_future(keys.follow(told.append))
        await until(lambda: bool(told) and told[-1].kid != first.kid, "another key signs")
        assert published(told[0])[0] == first.kid
        task.cancel()

    asyncio.run(asyncio.wait_for(follow(), 20))


def test_no_secret_is_shown(tmp_path: Path) -> None:
    keys = SigningKeys(plan(tmp_path), print)
    secret = json.loads(keys.state().key)["d"]
    assert secret not in repr(KeptKey(1.0, json.loads(keys.state().key)))
    assert secret not in repr(keys.state())
