"""What forms send."""

import pytest
from flask import Flask, request

from accounts.domain.errors import DuplicateNameError, InvalidValueError, StateConflictError
from accounts.web.pages.forms import Form, read_form, refuse
from servicekit.core.errors import StaleVersionError
from servicekit.web.problems import RefusalError


def test_fields_are_read_as_what_they_are() -> None:
    form = Form((("a", " x, y z "), ("n", "12"), ("d", "2030-01-31"), ("m", "k=v l=w"), ("r", "1"), ("r", "2")))
    assert (form.text("a"), form.raw("a"), form.words("a")) == ("x, y z", " x, y z ", ("x", "y", "z"))
    assert (form.number("n"), form.day("d"), form.members("m")) == (12, 1896048000, {"k": "v", "l": "w"})
    assert (form.every("r"), form.text("none"), form.number("none"), form.day("none")) == (("1", "2"), "", None, None)


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "\u0661", "9" * 16])
def test_what_is_none_is_told_at_its_field(text: str) -> None:
    form = Form((("a", text),))
    for read in (form.number, form.day, form.members):
        with pytest.raises(InvalidValueError) as caught:
            read("a")
        assert refuse("f", form, caught.value).errors.keys() == {"a"}


def test_a_refusal_finds_its_field() -> None:
    for error, field in (
        (InvalidValueError("actions/0", "bad", "is bad"), "actions"),
        (DuplicateNameError("client", "a"), "name"),
        (StateConflictError("full", "is full"), ""),
        (StaleVersionError(3), ""),
    ):
        refused = refuse("f", Form(), error)
        assert (list(refused.errors), refused.status) == ([field], 422)


@pytest.mark.parametrize("body", [b"a=%00", b"a=%ff", b"\xff", b"&".join([b"a=1"] * 201)])
def test_malformed_forms_are_refused(body: bytes) -> None:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    sent = app.test_request_context(method="POST", data=body, content_type="application/x-www-form-urlencoded")
    with sent, pytest.raises(RefusalError) as caught:
        read_form(request)
    assert caught.value.status == 400
