"""What is said to and by an OpenID Connect provider, as it is handed about."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

Grant: TypeAlias = Literal["authorization_code", "refresh_token"]
Result: TypeAlias = Literal["granted", "refused", "unavailable"]


class Provider(NamedTuple):
    """What a provider says of itself: where browsers log in and out, empty where they can not, and whether it always
    names itself when it sends them back (RFC 9207)."""

    authorization_endpoint: str
    end_session_endpoint: str
    names_itself: bool


class Question(NamedTuple):
    """``value`` is the code of a login with the redirect URI that it was asked for under and its PKCE verifier (RFC
    7636), or a refresh token alone."""

    provider: str
    grant: Grant
    value: str
    redirect_uri: str = ""
    verifier: str = ""

    def __repr__(self) -> str:
        return f"<Question {self.grant} to {self.provider}>"


class Granted(NamedTuple):
    """What a provider gave; empty where it did not. ``expires_in`` in seconds, 0 where it does not say; ``scope`` as it
    says it. Its access token is nobody's here, and stays where it came."""

    id_token: str = ""
    refresh_token: str = ""
    expires_in: float = 0.0
    scope: str = ""

    def __repr__(self) -> str:
        return "<Granted>"


class Answer(NamedTuple):
    """What became of a question."""

    result: Result
    granted: Granted = Granted()


UNAVAILABLE: Final = Answer("unavailable")
