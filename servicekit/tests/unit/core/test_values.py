"""Values."""

import pytest

from servicekit.core.errors import StaleVersionError
from servicekit.core.values import ANY, Expected


def test_expected_versions() -> None:
    ANY.check(7)
    Expected(frozenset({1, 2})).check(2)
    with pytest.raises(StaleVersionError) as refused:
        Expected(frozenset()).check(3)
    assert refused.value.current == 3
