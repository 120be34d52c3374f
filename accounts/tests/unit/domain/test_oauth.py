"""OAuth: what a client may have, and what its assertions must say."""

from typing import Any

import pytest

from accounts.domain.credentials import Secret
from accounts.domain.errors import InvalidValueError
from accounts.domain.oauth import BadTokenError, ClientSecret, OAuthError, Profile, check_assertion, check_jwks

NOW = 1_790_000_000
HERE = frozenset({"https://here", "https://here/oauth/token"})
GOOD: dict[str, Any] = {"iss": "a", "sub": "a", "aud": "https://here", "iat": NOW, "exp": NOW + 60, "jti": "j"}


def test_scopes_are_all_or_those_asked_for() -> None:
    profile = Profile("a", ("read", "write"))
    assert profile.granted(None) == ("read", "write")
    assert profile.granted("write write") == ("write",)
    for asked in ("", "admin", "read admin", " read"):
        with pytest.raises(OAuthError) as refused:
            profile.granted(asked)
        assert refused.value.error == "invalid_scope"
    with pytest.raises(InvalidValueError):
        Profile("a", ("two words",))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": "https://here/oauth/token"},
        {"aud": ["https://here"]},
        {"iat": None},
        {"exp": NOW - 119},
        {"iat": NOW + 120},
        {"nbf": NOW + 120},
        {"exp": NOW + 3720},
        {"exp": NOW + 0.5},
    ],
)
def test_good_assertions(changes: dict[str, Any]) -> None:
    claims = {**GOOD, **changes}
    assert check_assertion(claims, "a", HERE, NOW).jti == "j"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "b"},
        {"sub": "b"},
        {"aud": None},
        {"aud": "https://elsewhere"},
        {"aud": ["https://here", "https://elsewhere"]},
        {"aud": []},
        {"aud": {"https://here": 1}},
        {"exp": None},
        {"exp": NOW - 120},
        {"exp": NOW + 3721},
        {"exp": "1790000060"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": NOW + 121},
        {"iat": NOW - 3721},
        {"nbf": NOW + 121},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": "a\n"},
        {"jti": 7},
    ],
)
def test_bad_assertions(changes: dict[str, Any]) -> None:
    with pytest.raises(BadTokenError):
        check_assertion({**GOOD, **changes}, "a", HERE, NOW)


def test_a_key_set_is_public_and_small() -> None:
    assert check_jwks({"keys": [{"kty": "EC", "use": "sig", "x5u": "http://a", "more": [1]}]}) == ({"kty": "EC"},)
    wrong: list[Any] = [
        None,
        [],
        {},
        {"keys": 1},
        {"keys": [1]},
        {"keys": [{}] * 5},
        {"keys": [{"d": "x"}]},
        {"keys": [{"x": "A" * 1025}]},
    ]
    for value in [*wrong, {"keys": [{"k": "x"}]}, {"keys": [{"kid": 1}]}, {"keys": [{"kid": "a"}, {"kid": "a"}]}]:
        with pytest.raises(InvalidValueError):
            check_jwks(value)


def test_a_secret_ends() -> None:
    secret = ClientSecret("i", "a", Secret(b"", 1), 1, "me", 2)
    assert secret.is_live(1_999_999)
    assert not secret.is_live(2_000_000)
