"""The key that signs tokens is rotated while clients fetch tokens and use them: no token that is good is refused.

The clock is moved, so that the half hour of a rotation passes in as many seconds.
"""

import threading
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from joserfc import jws

from system_harness.accounts_beside import Accounts, eventually, gateway_for, small_origin
from system_harness.moving import MovedClock
from system_harness.ports import free_ports
from system_harness.running import running_child

STEP_SECONDS = 30
STEPS = 50  # a new key is published for 900 s, and the old one is kept for 300 s and some more
USES_A_STEP = 40
FETCHED_SECONDS = 0.2


class Token(NamedTuple):
    text: str
    kid: str
    ends: float


class Client:
    """Fetches tokens again and again, in a thread; `tokens` are all that it was given."""

    def __init__(self, url: str, credentials: tuple[str, str], clock: MovedClock) -> None:
        self.tokens: list[Token] = []
        self.problems: list[str] = []
        self._url, self._credentials, self._clock = url, credentials, clock
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def good(self) -> list[Token]:
        """Those that have a while to live."""
        return [token for token in self.tokens if token.ends > self._clock.time() + 1]

    def _run(self) -> None:
        with httpx.Client(timeout=30) as http:
            while not self._is_over.wait(FETCHED_SECONDS):
                try:
                    self._fetch(http)
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    self.problems.append(repr(error))

    def _fetch(self, http: httpx.Client) -> None:
        asked = self._clock.time()
        answer = http.post(self._url, data={"grant_type": "client_credentials"}, auth=self._credentials)
        if answer.status_code != 200:
            self.problems.append(answer.text)
            return
        text = answer.json()["access_token"]
        header: dict[str, Any] = jws.extract_compact(text.encode()).headers()
        self.tokens.append(Token(text, header["kid"], asked + answer.json()["expires_in"]))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_good_token_is_refused_while_the_signing_key_is_rotated(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path / "clock")
    port, accounts_port, origin_port = free_ports(3)
    accounts = Accounts(tmp_path, accounts_port, clock.environment)
    accounts.prepare()
    made = accounts.command("secret", "create", "acme")
    url = f"{accounts.url}/oauth/token"
    seen: list[str] = []  # the phases of the first key
    refused: list[tuple[int, int]] = []
    with (
        running_child(accounts.plan, tmp_path),
        small_origin(origin_port, tmp_path) as target,
        gateway_for(accounts, port, target),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
    ):

        def status(token: Token) -> int:
            return http.get("/", headers={"Authorization": f"Bearer {token.text}"}).status_code

        client = Client(url, (made["client_id"], made["client_secret"]), clock)
        try:
            eventually(lambda: client.tokens and status(client.tokens[-1]) == 204, "a token is taken")
            first = client.tokens[0].kid
            accounts.command("signing-key", "rotate")
            for step in range(STEPS):
                good = client.good()
                chosen = good[-1:] + good[:: max(1, len(good) // USES_A_STEP)]
                refused += [(step, answer) for answer in map(status, chosen) if answer != 204]
                phases = {key["kid"]: key["phase"] for key in accounts.command("signing-key", "list")}
                seen.append(phases.get(first, "gone"))
                clock.forward(STEP_SECONDS)
            eventually(lambda: client.good()[-1:] and client.good()[-1].kid != first, "the new key signs")
        finally:
            client.stop()
    kids = [token.kid for token in client.tokens]
    print(
        f"{len(kids)} tokens, {kids.count(first)} by the first key; steps by phase:",
        *map(seen.count, dict.fromkeys(seen)),
    )
    assert list(dict.fromkeys(seen)) == ["active", "retiring", "gone"]
    assert len(set(kids)) == 2
    assert client.problems == []
    assert refused == []
