"""Forms of the OAuth endpoints; the rest of what is refused is in the tests of the endpoints."""

import base64

import pytest
from flask import Flask, Request, request

from accounts.domain.oauth import ASSERTION_TYPE, OAuthError
from accounts.service.authenticating import Shown
from accounts.web.oauth_forms import FORM, read_client, read_form

APP = Flask(__name__)
APP.config["MAX_CONTENT_LENGTH"] = 1024 * 1024


def reading(data: str, **headers: str) -> Shown:
    with APP.test_request_context("/", method="POST", data=data, content_type=FORM, headers=headers):
        asked: Request = request
        return read_client(asked, read_form(asked))


def basic(ident: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{ident}:{secret}".encode()).decode()


def test_ids_and_secrets_of_basic_are_decoded_as_forms_are() -> None:
    assert reading("a=b", Authorization=basic("a%3Ab", "c%2Bd+e")) == Shown("a:b", secret="c+d e")
    assert reading("client_id=a", Authorization=basic("a", "b")) == Shown("a", secret="b")


def test_empty_parameters_are_as_if_left_out() -> None:
    assert reading("client_id=a&client_secret=b&client_assertion=") == Shown("a", secret="b")


def test_an_assertion_may_name_its_client() -> None:
    form = f"client_assertion_type={ASSERTION_TYPE}&client_assertion=x"
    assert reading(form) == Shown("", assertion="x")
    assert reading(form + "&client_id=a") == Shown("a", assertion="x")


@pytest.mark.parametrize("data", ["", "client_id=a", "client_secret=b", "client_id=b"])
def test_who_shows_nothing_is_nobody(data: str) -> None:
    headers = {"Authorization": basic("a", "b")} if data == "client_id=b" else {}
    with pytest.raises(OAuthError) as refused:
        reading(data, **headers)
    assert (refused.value.error, refused.value.status) == ("invalid_client", 401)
