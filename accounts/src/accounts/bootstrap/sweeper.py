"""The sweeper: forgets now and then what time made superfluous. Nothing depends on it. It is a daemon thread."""

import logging
import threading

from accounts.bootstrap.wiring import Services
from accounts.service import housekeeping
from servicekit.core.errors import StoreUnavailableError

log = logging.getLogger("accounts.sweeper")

PERIOD_S = 3600.0


def sweep(services: Services) -> None:
    """One round; a database that cannot answer is left for the next."""
    try:
        housekeeping.sweep(services.store, services.clock())
    except StoreUnavailableError as error:
        log.warning("the sweeper skips a round: %s", error.reason)
    except Exception:
        log.exception("a bug in the sweeper")


def start(services: Services) -> threading.Event:
    """Sweep until the event returned is set, or the process ends."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(PERIOD_S):
            sweep(services)

    threading.Thread(target=run, name="sweeper", daemon=True).start()
    return stop
