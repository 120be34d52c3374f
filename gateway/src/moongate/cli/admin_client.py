"""Asking the admin API of a running gateway. Each way to fail is one line with a hint."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ADMIN: Final = "http://127.0.0.1:9900"
URL_VARIABLE: Final = "MOONGATE_ADMIN"
TOKEN_VARIABLE: Final = "MOONGATE_ADMIN_TOKEN"  # noqa: S105 - its name
ADMIN_HELP: Final = (
    f"the admin address of the gateway (default: {URL_VARIABLE} from the environment, else {DEFAULT_ADMIN}); "
    f"its token, where it has one, is taken from {TOKEN_VARIABLE}"
)
_SECONDS: Final = 60.0  # 10,000 routes take a few to compile


class AdminFailed(Exception):  # noqa: N818 - what happened
    """Why there is no answer, or what it was instead of the one that was asked for."""


class AdminAnswer(NamedTuple):
    """``body`` is what the JSON holds."""

    status: int
    body: Mapping[str, Any]

    def told(self) -> str:
        """A refusal in words."""
        return f"the gateway answered {self.status}: {self.body.get('detail', '')}"


def admin_url(option: str | None) -> str:
    """Where to ask: by option, by environment, by default."""
    return option or os.environ.get(URL_VARIABLE) or DEFAULT_ADMIN


def ask(url: str, method: str, path: str, body: object = None, *, holds: str) -> AdminAnswer:
    """The answer of the gateway whose admin API is at ``url``; one of 200 ``holds`` this key. Raises AdminFailed where
    there is none."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        if not (token.isascii() and token.isprintable()):
            raise AdminFailed(f"what {TOKEN_VARIABLE} holds is no token: those are printable ASCII, on one line")
        headers["Authorization"] = f"Bearer {token}"
    connection = _connection(url)
    try:
        connection.request(method, path, json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise AdminFailed(f"no gateway answers at {url}: {reason}; --admin URL names another one") from None
    finally:
        connection.close()
    if response.status == 401:
        raise AdminFailed(f"the gateway at {url} wants its admin token: put it into {TOKEN_VARIABLE}")
    if not isinstance(answer, dict) or (response.status == 200 and holds not in answer):
        raise AdminFailed(f"what answers at {url} is no admin API of Moongate")
    return AdminAnswer(response.status, answer)


def _connection(url: str) -> http.client.HTTPConnection:
    with contextlib.suppress(ValueError, http.client.InvalidURL):
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname is not None:
            return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_SECONDS)
    raise AdminFailed(f"{url!r} is no admin address: write {DEFAULT_ADMIN}")
