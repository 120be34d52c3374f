"""Intervals of query strings."""

import pytest

from invsys.domain.interval import ALWAYS, NEVER, Interval
from invsys.web.windows import query_window
from servicekit.web.problems import RefusalError


def test_an_absent_end_is_open_and_a_reversed_window_is_told_by_its_parameter() -> None:
    assert query_window(None, None, ("a", "b")) == Interval(ALWAYS, NEVER)
    assert query_window(1, 2, ("a", "b")) == Interval(1, 2)
    with pytest.raises(RefusalError) as refused:
        query_window(2, 2, ("a", "b"))
    assert (refused.value.status, refused.value.extra["errors"][0]["parameter"]) == (400, "b")
