"""Turn old versions of our app away, and tell the service which one it is."""

from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange
from moongate.filters import Filter, Response, Verdict


def at_least(least: int) -> Filter:
    """Called once, with what the config says under `with`."""
    too_old = Response(426, b"Please update the app.\n", reason="app_too_old")

    def check(exchange: Exchange) -> Verdict:
        version = (exchange.head.get(b"x-app-version") if exchange.head else None) or b""
        if not version.isdigit() or len(version) > 9 or int(version) < least:
            return too_old
        exchange.edit(FieldEdits(drops=frozenset({b"x-app"}), lines=b"X-App: %d\r\n" % int(version)))
        return None

    return check
