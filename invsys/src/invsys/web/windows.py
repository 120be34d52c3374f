"""Intervals that two parameters of a query string ask for."""

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import ALWAYS, NEVER, Interval
from servicekit.web.problems import RefusalError


def query_window(start: int | None, end: int | None, names: tuple[str, str]) -> Interval:
    """The interval of two optional parameters, absent ones leaving it open. Raises RefusalError 400."""
    try:
        return Interval(ALWAYS if start is None else start, NEVER if end is None else end)
    except InvalidValueError as error:
        found = {"parameter": names[1], "code": error.code, "detail": f"must be after {names[0]}"}
        raise RefusalError(400, "bad_query", f"{names[1]}: must be after {names[0]}", errors=[found]) from None
