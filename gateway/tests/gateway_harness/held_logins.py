"""Logins at a provider as filters see them: what control would say of it is written down by the test, and the ID tokens
are by the test's own hand."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from gateway_harness.exchanges import exchange_of
from gateway_harness.key_holders import HeldKeys
from gateway_harness.known_accounts import later
from gateway_harness.tokens import ISSUER, NOW, Signer, good_claims, key_set
from moongate.core.token_plans import KeySourcePlan
from moongate.filters import Response, Tools
from moongate.filters.jwt_issuer import IssuerPlan
from moongate.filters.oidc import Oidc
from moongate.filters.oidc_callback import Callback
from moongate.filters.oidc_id_token import TYPES
from moongate.filters.oidc_logout import Logout
from moongate.filters.oidc_plan import OidcPlan
from moongate.stores.provider import Answer, Granted, Provider, Question

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange

SIGNER = Signer()
NAVIGATES = (b"Accept: text/html,*/*;q=0.8", b"Sec-Fetch-Mode: navigate")
PROVIDER = Provider("https://id.example.com/authorize", "https://id.example.com/logout", names_itself=False)


def oidc_plan(*, is_known: bool = False, **more: Any) -> OidcPlan:
    """Of the client ``app`` at ISSUER; ``more`` are attributes of it."""
    issuer = IssuerPlan(
        ISSUER,
        KeySourcePlan(ISSUER),
        audiences=frozenset(("app",)),
        types=TYPES,
        client_claims=("sub",),
        scope_claims=(),
        is_known=is_known,
    )
    said: dict[str, Any] = {
        "issuer": issuer,
        "client_id": "app",
        "scopes": ("openid", "email"),
        "callback": "/oidc/callback",
        "logout": "/oidc/logout",
        "after_logout": "/bye",
        "session_seconds": 3600.0,
        "claims": ("email", "groups"),
        "allows_http": True,
    }
    return OidcPlan(**{**said, **more})


class HeldLogins:
    """filters.port.Logins, and the time beside. ``answer`` is what the provider says to the next question, made for
    the nonce of the last login where it is None."""

    def __init__(self, plan: OidcPlan | None = None, **tools: Any) -> None:
        self.now = float(NOW)
        self.keys: tuple[bytes, ...] = (os.urandom(32),)
        self.said: Provider | None = PROVIDER
        self.asked: list[Question] = []
        self.answer: Answer | None = None
        self.claims: dict[str, Any] = {}
        self.granted: dict[str, Any] = {}
        self.signer = SIGNER
        self.nonce = ""
        self.key_sets = HeldKeys()
        self.key_sets.hold(ISSUER, key_set(SIGNER))
        self.plan = plan or oidc_plan()
        self.tools = Tools(**{"key_sets": self.key_sets, "logins": self, "seconds": lambda: self.now, **tools})
        bound = self.plan.bind(self.tools)
        assert isinstance(bound, Oidc)
        self.method = bound
        self.callback = Callback(self.plan, self.tools, self)
        self.logout = Logout(self.plan, self.tools, self)

    def provider(self, issuer: str) -> Provider | None:
        return self.said if issuer == ISSUER else None

    def ask(self, question: Question) -> Awaitable[Answer]:
        self.asked.append(question)
        return self._answer()

    async def _answer(self) -> Answer:
        return self.answer or Answer("granted", Granted(**{"id_token": self.id_token(), **self.granted}))

    def id_token(self, **claims: Any) -> str:
        """One that is good now, of the last login; ``claims`` are others, or none where they are None."""
        said = {"aud": "app", "nonce": self.nonce, "client_id": None, "scope": None, "sub": "ada"}
        said |= {"iat": int(self.now) - 5, "exp": int(self.now) + 300, "email": "ada@example.com"}
        return self.signer.token(good_claims(**{**said, **self.claims, **claims}), {"typ": "JWT"}).decode()

    def begin(self, *lines: bytes, target: bytes = b"/a?b=c") -> tuple[str, bytes]:
        """A login as somebody begins one: its state, and the Cookie field of a browser that did."""
        answer = self.method.invite(exchange_of(*NAVIGATES, *lines, target=target))
        assert isinstance(answer, Response)
        asked = parse_qs(urlsplit(location(answer)).query)
        (self.nonce,) = asked["nonce"]
        return asked["state"][0], b"Cookie: " + cookies(answer)[-1]

    def log_in(self, **granted: Any) -> bytes:
        """A whole one: the Cookie field of a browser that has a session then."""
        self.granted = granted
        state, cookie = self.begin()
        answer = asyncio.run(later(self.callback(self.back(f"code=c1&state={state}", cookie))))
        assert isinstance(answer, Response), answer
        assert answer.status == 302, answer
        return b"Cookie: " + cookies(answer)[-1]

    def back(self, query: str, *lines: bytes) -> Exchange:
        """A browser that the provider sent back."""
        return exchange_of(*NAVIGATES, *lines, target=f"{self.plan.callback}?{query}".encode())


def location(answer: Response) -> str:
    """Where it leads to."""
    return dict(answer.fields)[b"Location"].decode()


def cookies(answer: Response) -> list[bytes]:
    """What it has the browser keep, or forget: name and value."""
    return [value.partition(b";")[0] for name, value in answer.fields if name == b"Set-Cookie"]
