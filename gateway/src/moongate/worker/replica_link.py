"""Between a worker's view of the replica and the control process that keeps it: messages, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.stores.replica import Question
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moongate.stores.replica import Replica


class ReplicaLink:
    """Tells ``replica`` what control says, and control what it asks (`stores.replica.Asking`)."""

    def __init__(self, replica: Replica, send: Callable[[messages.ReplicaReport], None]) -> None:
        self._replica = replica
        self._send = send
        replica.asking = self

    def obey(self, order: messages.ReplicaOrder) -> None:
        replica = self._replica
        if isinstance(order, messages.ReplicaContact):
            replica.contacted(order.contact)
        elif isinstance(order, messages.ReplicaChanged):
            replica.changed(order.clients, order.contact)
        elif isinstance(order, messages.ReplicaAnswer):
            replica.answered(Question(order.kind, order.id), order.known)
        elif isinstance(order, messages.ReplicaOpened):
            replica.opened(order.path, order.peppers, order.max_stale, order.contact)
        else:
            replica.closed()

    def ask(self, question: Question) -> None:
        self._send(messages.ReplicaQuestion(question.kind, question.id))

    def use(self, keys: Mapping[str, int]) -> None:
        self._send(messages.ReplicaUsed(dict(keys)))

    def complain(self, problem: str) -> None:
        self._send(messages.ReplicaBroken(problem))
