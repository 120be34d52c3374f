"""Refusals."""

import pytest

from invsys.domain.errors import InventoryError, NotFoundError
from servicekit.core.errors import StoreUnavailableError


def test_refusals_are_caught_as_one_family_and_may_be_chained() -> None:
    def refuse() -> None:
        try:
            raise StoreUnavailableError("locked")
        except StoreUnavailableError as error:
            raise NotFoundError("resource", "x") from error

    with pytest.raises(InventoryError) as refused:
        refuse()
    assert isinstance(refused.value.__cause__, StoreUnavailableError)
