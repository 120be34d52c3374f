"""Requests that may be sent twice and happen once.

The answer is stored in the transaction that does the work, so there is no moment at which one exists without the
other. A refusal is an answer too: the same key gets it again, whatever has changed since. (After
draft-ietf-httpapi-idempotency-key-header-07.)
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from servicekit.core.errors import KeyReusedError

KEPT_US = 48 * 3600 * 1_000_000
"""How long an answer is kept: clients retry for minutes, queues of theirs for a weekend at worst."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered. `kept` is what is stored in place of the body, where that holds a secret."""

    status: int
    headers: dict[str, str]
    body: str
    is_replay: bool = False
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request was answered, to be answered again."""

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The key, within what the caller may see, and a fingerprint of the whole request."""

    key: str
    fingerprint: str


class IdempotencyRows(Protocol):
    """The answers that idempotency keys stand for."""

    def find(self, key: str) -> StoredAnswer | None:
        """Raises RequestRunningError while another transaction works under the key."""
        ...

    def add(self, key: str, answer: StoredAnswer, now: int) -> None: ...

    def forget(self, before: int) -> None: ...


class Keyed(Protocol):
    """What a transaction of a service must have for its requests to happen once."""

    @property
    def idempotency(self) -> IdempotencyRows: ...

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it raises; the rest of the transaction stays."""
        ...


def once(
    tx: Keyed,
    request: RequestKey,
    work: Callable[[], Answer],
    refuse: Callable[[Exception], Answer | None],
    now: int,
) -> Answer:
    """Do the work under its key, or give the answer that it was given before.

    `refuse` turns a refusal into its answer; what it returns None for is no answer to keep, and is raised.
    Raises KeyReusedError for a key that stood for another request, and RequestRunningError.
    """
    stored = tx.idempotency.find(request.key)
    if stored is not None:
        if stored.fingerprint != request.fingerprint:
            raise KeyReusedError(request.key)
        return Answer(stored.status, stored.headers, stored.body, is_replay=True)
    try:
        with tx.savepoint():
            answer = work()
    except Exception as error:
        refusal = refuse(error)
        if refusal is None:
            raise
        answer = refusal
    body = answer.body if answer.kept is None else answer.kept
    tx.idempotency.add(request.key, StoredAnswer(request.fingerprint, answer.status, answer.headers, body), now)
    return answer
