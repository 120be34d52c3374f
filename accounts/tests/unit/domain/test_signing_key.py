"""Phases of signing keys."""

from accounts.domain.oauth import SKEW_S, TOKEN_TTL_S
from accounts.domain.signing_key import PUBLISH_S, Algorithm, Phase, SealedKey, SigningKey, phases

LONGEST_CACHE_S = 600 + 300


def key(number: int, active_from: int) -> SigningKey:
    return SigningKey(number, str(number), Algorithm.ES256, {}, SealedKey(b"", 1), active_from, active_from)


def at(now: int) -> list[tuple[int, str, int | None]]:
    keys = [key(2, 1000), key(1, 0)]
    return [(one.number, phase.value, ends) for one, phase, ends in phases(keys, now)]


def test_phases_follow_the_clock() -> None:
    end = 1000 + TOKEN_TTL_S + SKEW_S
    assert at(0) == [(1, "active", 1000), (2, "next", 1000)]
    assert at(999) == [(1, "active", 1000), (2, "next", 1000)]
    assert at(1000) == [(1, "retiring", end), (2, "active", None)]
    assert at(end - 1) == [(1, "retiring", end), (2, "active", None)]
    assert at(end) == [(1, "gone", None), (2, "active", None)]
    assert phases([], 0) == []


def test_of_two_from_the_same_second_the_later_signs() -> None:
    assert [phase for _, phase, _ in phases([key(1, 5), key(2, 5)], 5)] == [Phase.RETIRING, Phase.ACTIVE]


def test_a_key_is_published_longer_than_any_verifier_keeps_the_set() -> None:
    assert PUBLISH_S >= LONGEST_CACHE_S
