"""Between what a worker knows of keys and the control process that keeps them: messages, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.stores.keys import SigningKey, mark_of
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.stores.key_sets import KeySets
    from moongate.stores.logins import Logins
    from moongate.stores.provider import Question
    from moongate.stores.signing import Signing


class TokenLink:
    """Tells ``key_sets``, ``signing`` and ``logins`` what control says, and control what is wanted
    (`stores.key_sets.Asking`, `stores.logins.Asking`)."""

    def __init__(
        self, key_sets: KeySets, signing: Signing, logins: Logins, send: Callable[[messages.TokenReport], None]
    ) -> None:
        self._key_sets = key_sets
        self._signing = signing
        self._logins = logins
        self._send = send
        key_sets.asking = self
        logins.asking = self

    def obey(self, order: messages.TokenOrder) -> None:
        if isinstance(order, messages.KeysHeld):
            self._key_sets.replaced(order.source, order.document.encode(), order.is_fresh)
        elif isinstance(order, messages.KeysAnswered):
            self._key_sets.answered(order.source, order.seconds)
        elif isinstance(order, messages.KeysGone):
            self._key_sets.gone(order.source)
        elif isinstance(order, messages.SessionKeysHeld):
            self._logins.sealed_with(tuple(order.keys))
        elif isinstance(order, messages.ProviderHeld):
            self._logins.described(order.issuer, order.provider)
        elif isinstance(order, messages.LoginAnswered):
            self._logins.answered(order.number, order.answer)
        else:
            self._signing.replaced(SigningKey(order.kid, order.key, order.issuer), order.jwks)

    def want(self, source: str) -> None:
        held = self._key_sets.held(source)
        self._send(messages.KeysWanted(source, 0 if held is None else mark_of(held.document)))

    def ask(self, number: int, question: Question) -> None:
        self._send(messages.LoginAsked(number, question))
