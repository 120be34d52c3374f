"""An identity provider that nobody here wrote, as a process of its own: oidc-provider-mock, which is Authlib in a
server; and browsers as far as they keep cookies and follow redirects."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from gateway_harness.polling import eventually

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

_BACK = "http://127.0.0.1:1/back"
NAVIGATION = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@contextlib.contextmanager
def identity_provider(*more: str, port: int = 0) -> Iterator[str]:
    """Its URL, which is its name as an issuer as well. ``more`` are arguments of its command line."""
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    command = (sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *more)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).status_code == 200
        return False

    try:
        eventually(answers, "the identity provider", 60)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def id_token_for(url: str, subject: str) -> str:
    """The signed token that a person gets who logs in as ``subject`` (OpenID Connect Core 1.0 section 3.1)."""
    with httpx.Client(trust_env=False, timeout=30) as http:
        asked = {"client_id": "app", "redirect_uri": _BACK, "response_type": "code", "scope": "openid", "nonce": "n"}
        sent_back = http.post(f"{url}/oauth2/authorize", params=asked, data={"sub": subject})
        code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _BACK}
        answer = http.post(f"{url}/oauth2/token", data=form, auth=("app", "any"))
        return str(answer.raise_for_status().json()["id_token"])


class Person:
    """Somebody at a browser that shows pages of one gateway and of one provider, and keeps their cookies. ``port`` is
    the gateway's, which is spoken to over TLS where somebody is ``trusted``."""

    def __init__(self, port: int, trusted: ssl.SSLContext | None = None) -> None:
        self.base = f"{'http' if trusted is None else 'https'}://localhost:{port}"
        self.http = httpx.Client(trust_env=False, timeout=30, verify=trusted or True)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def cookies(self) -> dict[str, str]:
        """The gateway's own, by name."""
        return {each.name: each.value or "" for each in self.http.cookies.jar if "moongate-" in each.name}

    def open(self, url: str, **fields: str) -> httpx.Response:
        """Ask for a page, without following where it leads."""
        return self.http.get(urljoin(self.base, url), headers={**NAVIGATION, **fields})

    def log_in(self, sent: httpx.Response, subject: str = "ada@example.com") -> httpx.Response:
        """Be ``sent`` to the provider, say who one is, and come back: what the callback answers."""
        assert sent.status_code == 302, (sent.status_code, sent.text)
        where = sent.headers["location"]
        back = self.http.post(where, data={"sub": subject}, headers=NAVIGATION)
        assert back.status_code == 302, back.text
        assert urlsplit(back.headers["location"]).netloc == urlsplit(self.base).netloc
        return self.open(back.headers["location"])
