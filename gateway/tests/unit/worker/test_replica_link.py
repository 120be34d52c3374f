"""Each message becomes the one call that it means, and each wish one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway_harness.replicas import PEPPER, apply, client_item, fill, gone, new_store, public_id
from moongate.core.clock import monotonic
from moongate.stores.decision import Standing
from moongate.stores.replica import Question, Replica
from moongate.worker import messages
from moongate.worker.replica_link import ReplicaLink

if TYPE_CHECKING:
    from pathlib import Path


def test_orders(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    replica = Replica()
    link = ReplicaLink(replica, lambda _: None)
    now = monotonic()
    link.obey(messages.ReplicaOpened(store.path, {1: PEPPER}, 900.0, now - 100))
    assert replica.standing() is Standing.STALE
    assert replica.pepper(1) == PEPPER
    assert replica.find_client("c1") is not None
    link.obey(messages.ReplicaContact(now))
    assert replica.standing() is Standing.FRESH
    apply(store, gone("client", "c1"))
    link.obey(messages.ReplicaChanged(["c1"], now))
    assert replica.find_client("c1") is None
    link.obey(messages.ReplicaAnswer("key", "nobody-waits", None))
    link.obey(messages.ReplicaClosed())
    assert replica.standing() is Standing.ABSENT
    store.close()


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (lambda link: link.ask(Question("key", public_id(1))), messages.ReplicaQuestion("key", public_id(1))),
        (lambda link: link.use({"k": 1}), messages.ReplicaUsed({"k": 1})),
        (lambda link: link.complain("broken"), messages.ReplicaBroken("broken")),
    ],
)
def test_wishes(wish: object, message: messages.ReplicaReport) -> None:
    sent: list[messages.ReplicaReport] = []
    assert callable(wish)
    wish(ReplicaLink(Replica(), sent.append))
    assert sent == [message]
