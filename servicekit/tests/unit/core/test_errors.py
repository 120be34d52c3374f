"""Refusals."""

import pytest

from servicekit.core.errors import CannotListenError, ServiceError, SettingError, StoreUnavailableError


def test_a_refusal_is_a_sentence_and_can_travel_with_its_cause() -> None:
    assert str(SettingError("X_PORT", "must be a number")) == "X_PORT must be a number"
    assert str(CannotListenError("[::1]:1", "taken")) == "cannot listen on [::1]:1: taken"
    with pytest.raises(ServiceError, match="cannot be used: locked") as refused:
        fail()
    assert isinstance(refused.value.__cause__, KeyError)


def fail() -> None:
    try:
        raise KeyError
    except KeyError as error:
        raise StoreUnavailableError("locked") from error
