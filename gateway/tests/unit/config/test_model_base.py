"""What holds for every part of the config model."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from moongate.config.model_base import StrictModel


class Part(StrictModel):
    name: str
    """What it is called."""
    number: int = 1


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Part.model_validate({"name": "a", "nmae": "b"})


def test_a_value_is_never_repeated_in_an_error() -> None:
    """It may be a secret that was put in from the environment."""
    with pytest.raises(ValidationError) as caught:
        Part.model_validate({"name": "a", "number": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_it_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Part(name="a").name = "b"


def test_what_yaml_reads_as_a_number_is_a_fine_name() -> None:
    assert Part.model_validate({"name": 8080}).name == "8080"


def test_the_words_under_a_key_describe_it_in_the_schema() -> None:
    assert Part.model_json_schema()["properties"]["name"]["description"] == "What it is called."
