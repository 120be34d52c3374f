"""Times: whole seconds since 1970 UTC in every record, as the feed and tokens have them.

`now` in use cases is microseconds, so that ids made within one second keep their order.
"""

SECOND = 1_000_000
MAX_TIME = 253_402_300_799
"""The end of the year 9999."""


def in_seconds(now: int) -> int:
    """The second that an instant in microseconds lies in."""
    return now // SECOND
