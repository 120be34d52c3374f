"""Shapes."""

import pytest
from pydantic import ValidationError

from accounts.service.feed import MAX_USED
from accounts.web.schemas import AskIn, UsedIn


def test_one_question_at_a_time() -> None:
    assert AskIn(key="0" * 12).client is None
    with pytest.raises(ValidationError):
        AskIn()


def test_a_batch_is_bounded() -> None:
    with pytest.raises(ValidationError):
        UsedIn(keys={f"{number:012}": 1 for number in range(MAX_USED + 1)})
