"""What the OAuth endpoints are sent: a form (RFC 6749 section 3.2), and in it or beside it who asks."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from flask import Request

from accounts.domain.oauth import ASSERTION_TYPE, MAX_JOSE, OAuthError
from accounts.service.authenticating import Shown
from servicekit.web.body import read_bytes

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM: Final = 2 * MAX_JOSE
MAX_FIELDS: Final = 32
MAX_VALUE: Final = 1024
_LONG = frozenset({"client_assertion", "token"})


def read_form(request: Request) -> dict[str, str]:
    """The members of the form. Raises OAuthError `invalid_request`."""
    if request.query_string:
        raise OAuthError("invalid_request", "send no parameters in the URL: it is in logs and histories")
    if request.mimetype != FORM:
        raise OAuthError("invalid_request", f"send the parameters as {FORM}")
    data = read_bytes(request)
    if len(data) > MAX_FORM:
        raise OAuthError("invalid_request", f"the form is larger than {MAX_FORM} octets", 413)
    try:
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise OAuthError("invalid_request", f"the form is malformed, or has more than {MAX_FIELDS} members") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "a parameter is there twice")
    for name, value in form.items():
        if len(value) > (MAX_JOSE if name in _LONG else MAX_VALUE) or not value.isprintable():
            raise OAuthError("invalid_request", "a parameter is too long, or holds control characters")
    # Without a value it is as if it were left out (RFC 6749 section 3.2).
    return {name: value for name, value in form.items() if value}


def read_client(request: Request, form: Mapping[str, str]) -> Shown:
    """Who asks, by the one method it uses. Raises OAuthError."""
    basic = request.headers.get("Authorization")
    methods = [
        basic is not None,
        "client_secret" in form,
        "client_assertion" in form or "client_assertion_type" in form,
    ]
    if sum(methods) > 1:
        raise OAuthError("invalid_request", "show one credential, not two")
    if basic is not None:
        return _basic(basic, form.get("client_id"))
    if methods[2]:
        return _assertion(form)
    if "client_secret" in form and "client_id" in form:
        return Shown(form["client_id"], secret=form["client_secret"])
    raise OAuthError("invalid_client", "show who you are: by HTTP Basic, client_secret or client_assertion", 401)


def _basic(header: str, named: str | None) -> Shown:
    scheme, _, text = header.partition(" ")
    try:
        if scheme.lower() != "basic" or len(text) > MAX_VALUE:
            raise ValueError
        ident, colon, secret = base64.b64decode(text.strip(), validate=True).decode("ascii").partition(":")
    except (ValueError, binascii.Error):
        raise OAuthError(
            "invalid_client", "the Authorization header is not HTTP Basic with id and secret", 401
        ) from None
    ident, secret = unquote_plus(ident), unquote_plus(secret)  # RFC 6749 section 2.3.1
    if not colon or (named is not None and named != ident):
        raise OAuthError("invalid_client", "client_id is another than in the Authorization header", 401)
    return Shown(ident, secret=secret)


def _assertion(form: Mapping[str, str]) -> Shown:
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise OAuthError("invalid_request", f"send client_assertion, and client_assertion_type={ASSERTION_TYPE}")
    return Shown(form.get("client_id", ""), assertion=form["client_assertion"])
