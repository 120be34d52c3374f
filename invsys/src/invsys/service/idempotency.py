"""Requests that may be sent twice and happen once.

The answer is stored in the transaction that does the work, so there is no moment at which one exists without the
other. A refusal is an answer too: the same key gets it again, whatever has changed since. (After
draft-ietf-httpapi-idempotency-key-header-07.)
"""

from collections.abc import Callable
from dataclasses import dataclass

from invsys.domain.errors import InventoryError, KeyReusedError, StoreUnavailableError
from invsys.service.ports import StoredAnswer, Transaction

KEPT_US = 48 * 3600 * 1_000_000
"""How long an answer is kept: clients retry for minutes, queues of theirs for a weekend at worst."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered."""

    status: int
    headers: dict[str, str]
    body: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The key, within what the caller may see, and a fingerprint of the whole request."""

    key: str
    fingerprint: str


def once(
    tx: Transaction,
    request: RequestKey,
    work: Callable[[], Answer],
    refuse: Callable[[InventoryError], Answer],
    now: int,
) -> Answer:
    """Do the work under its key, or give the answer that it was given before.

    Raises KeyReusedError for a key that stood for another request, RequestRunningError, StoreUnavailableError.
    """
    stored = tx.idempotency.find(request.key)
    if stored is not None:
        if stored.fingerprint != request.fingerprint:
            raise KeyReusedError(request.key)
        return Answer(stored.status, stored.headers, stored.body, is_replay=True)
    try:
        with tx.savepoint():
            answer = work()
    except StoreUnavailableError:
        raise
    except InventoryError as error:
        answer = refuse(error)
    tx.idempotency.add(request.key, StoredAnswer(request.fingerprint, answer.status, answer.headers, answer.body), now)
    return answer
