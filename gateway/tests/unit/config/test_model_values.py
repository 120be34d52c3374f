import pytest
from pydantic import TypeAdapter, ValidationError

from moongate.config.model_values import HeaderName, HeaderValue, listed


@pytest.mark.parametrize("name", ["Accept", "X-A", "authorization"])
def test_header_names(name: str) -> None:
    assert TypeAdapter(HeaderName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "a b", "a:b", "Connection", "Host", "X-Forwarded-For", "X_A", "\u00e9"])
def test_what_is_no_name_of_a_header_that_may_be_named(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(HeaderName).validate_python(name)


@pytest.mark.parametrize("value", [" a", "a\n", "\u00e9", "a\x00b"])
def test_what_is_no_value(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(HeaderValue).validate_python(value)


def test_one_thing_is_a_list_of_one() -> None:
    assert listed("a") == ("a",)
    assert listed(["a", "b"]) == ["a", "b"]
    assert listed(None) is None
