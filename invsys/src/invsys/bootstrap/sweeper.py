"""The sweeper: settles lapsed holds and forgets old answers now and then, so that tables stay small.

Nothing depends on it: whoever decides settles first. It is a daemon thread, at rest nearly always.
"""

import logging
import threading

from invsys.bootstrap.wiring import Services
from invsys.service import holds
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.idempotency import KEPT_US

log = logging.getLogger("invsys.sweeper")

PERIOD_S = 5.0
_FORGET_EVERY = 720
"""Rounds between two clean-ups of answers: an hour."""


def sweep(services: Services, forget: bool) -> None:
    """One round; a database that cannot answer is left for the next."""
    try:
        holds.settle_all(services.store, services.clock)
        if forget:
            before = services.clock() - KEPT_US
            services.store.write(lambda tx: tx.idempotency.forget(before))
    except StoreUnavailableError as error:
        log.warning("the sweeper skips a round: %s", error.reason)
    except Exception:
        log.exception("a bug in the sweeper")


def start(services: Services) -> threading.Event:
    """Sweep until the event returned is set, or the process ends."""
    stop = threading.Event()

    def run() -> None:
        turn = 0
        while not stop.wait(PERIOD_S):
            sweep(services, forget=turn % _FORGET_EVERY == 0)
            turn += 1

    threading.Thread(target=run, name="sweeper", daemon=True).start()
    return stop
