"""Plans."""

from typing import Any

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.domain.plan import Period, Plan, Quota


@pytest.mark.parametrize(
    ("field", "members"),
    [
        ("name", {"name": "A"}),
        ("rate/requests", {"requests": 0}),
        ("rate/seconds", {"seconds": 86_401}),
        ("burst", {"burst": 0}),
        ("quota/requests", {"quota": Quota(0, Period.DAY)}),
        ("concurrency", {"concurrency": 0}),
    ],
)
def test_what_is_wrong_is_named(field: str, members: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Plan(**{"name": "a", "requests": 1, "seconds": 1, "burst": 1, **members})
    assert caught.value.field == field
