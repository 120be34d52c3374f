"""Bootstrap, on both engines."""

import threading

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import AccountsError, StateConflictError
from accounts.service.bootstrapping import bootstrap, is_done
from accounts_harness.making import SOMEBODY


def test_once_only(bare: Services) -> None:
    assert not bare.store.read(is_done)
    made = bootstrap(bare.store, bare.peppers, bare.clock(), SOMEBODY)
    assert made.admin_token.startswith("mga_")
    assert made.gateway_token.startswith("mgw_")
    with pytest.raises(StateConflictError):
        bootstrap(bare.store, bare.peppers, bare.clock(), SOMEBODY)


def test_two_at_once_make_one(bare: Services) -> None:
    made: list[object] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        try:
            made.append(bootstrap(bare.store, bare.peppers, bare.clock(), SOMEBODY))
        except AccountsError:
            pass

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(bare.store.read(lambda tx: tx.admins.all())) == 1
