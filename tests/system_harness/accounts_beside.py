"""A real accounts, and a gateway of two workers that lets in whom accounts knows: each can be had without the other."""

import json
import os
import random
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx

from run_system.children import Child, ChildPlan
from run_system.plan import script
from system_harness.running import START_SECONDS, STOP_SECONDS, harness_program, running_child

NOBODY = "http://127.0.0.1:1"
"""A service that is not there: who is let in learns that."""
LET_IN = 502


@dataclass
class Accounts:
    """A database of accounts, its commands, and its server; `clock` is the environment of a moved one."""

    directory: Path
    port: int
    clock: Mapping[str, str] = field(default_factory=dict)
    admin_token: str = ""

    def prepare(self) -> None:
        """A database with an admin, a gateway's credential and the client acme."""
        self.command("migrate")
        self.admin_token = self.command("bootstrap")["admin_token"]
        self.command("client", "create", "acme")

    def command(self, *arguments: str) -> Any:
        made = subprocess.run(
            (script("accounts"), *arguments, *(() if arguments[0] == "migrate" else ("--json",))),
            env={**os.environ, **self.environment},
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(made.stdout) if arguments[0] != "migrate" else {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ACCOUNTS_DATABASE_URL": f"sqlite:///{self.directory / 'accounts.db'}",
            "ACCOUNTS_PEPPER_FILE": str(self.directory / "accounts.peppers"),
            "ACCOUNTS_ISSUER": self.url,
            **self.clock,
        }

    @property
    def plan(self) -> ChildPlan:
        command = (script("accounts"), "serve", "--port", str(self.port))
        return ChildPlan("accounts", command, self.environment, f"{self.url}/healthz")

    def new_key(self) -> tuple[str, str]:
        """The id and the text of another key of acme."""
        text: str = self.command("key", "create", "acme")["key"]
        return text.split("_")[2], text

    def token(self) -> str:
        """An access token for acme, from the server."""
        made = self.command("secret", "create", "acme")
        form, auth = {"grant_type": "client_credentials"}, (made["client_id"], made["client_secret"])
        answer = httpx.post(f"{self.url}/oauth/token", data=form, auth=auth, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    @contextmanager
    def admin(self) -> Iterator[httpx.Client]:
        """A careful caller of the API for admins."""

        def be_careful(request: httpx.Request) -> None:
            request.headers["Idempotency-Key"] = str(uuid.uuid4())
            request.headers["If-Match"] = "*"

        headers = {"Authorization": f"Bearer {self.admin_token}"}
        hooks = {"request": [be_careful]}
        with httpx.Client(base_url=self.url, timeout=30, headers=headers, event_hooks=hooks) as client:
            yield client


@dataclass(frozen=True)
class More:
    """What else a gateway's config has: a listener in one line, services in flow style and with a leading comma, routes
    in lines."""

    listener: str = ""
    services: str = ""
    routes: str = ""


@contextmanager
def gateway_for(
    accounts: Accounts, port: int, target: str = NOBODY, authenticate: str = "authenticate", more: More = More()
) -> Iterator[Child]:
    """`/open` asks for nobody, `/things/ID` for a grant on things/ID, everything else for a client, by `authenticate`,
    a filter as YAML in one line."""
    directory = accounts.directory
    (directory / "gateway.yaml").write_text(
        "version: 1\nadmin: off\ndrain: {notice: 0s}\naccess_log: false\n"
        "trusted_proxies: [127.0.0.1]\n"
        f"listeners: [{{bind: '127.0.0.1:{port}'}}, {more.listener}]\n"
        f"accounts: {{url: '{accounts.url}', token: '${{file:gateway.token}}',"
        f" replica: {directory / 'replica.sqlite'}}}\n"
        f"services: {{one: {{targets: ['{target}']}}{more.services}}}\n"
        "routes:\n  - {name: open, match: {path: /open}, service: one}\n"
        "  - name: things\n    match: {path: '/things/{id}'}\n    service: one\n"
        f"    resource: 'things/{{id}}'\n    filters: [{authenticate}, authorize]\n"
        f"  - {{name: all, match: {{path: /**}}, service: one, filters: [{authenticate}]}}\n"
        f"{more.routes}"
    )
    command = (script("moongate"), "run", str(directory / "gateway.yaml"), "--workers", "2")
    child = Child(ChildPlan("gateway", command, accounts.clock), directory / "gateway.log")
    try:
        eventually(lambda: _answers(port), "the gateway answers")
        yield child
    finally:
        assert child.stop(STOP_SECONDS)


@contextmanager
def small_origin(port: int, directory: Path) -> Iterator[str]:
    """The URL of a service that answers everything with 204."""
    url = f"http://127.0.0.1:{port}"
    plan = harness_program("system_harness.byte_origin", (str(port),), f"{url}/ready")
    with running_child(plan, directory):
        yield url


def from_elsewhere() -> dict[str, str]:
    """A header field that makes the gateway of here take a request for one from an address that it seldom saw: who
    shows many wrong credentials is slowed down."""
    return {"X-Forwarded-For": str(IPv4Address(0x0A00_0000 + random.randrange(1 << 24)))}


def eventually(holds: Callable[[], object], what: str) -> None:
    """Return once it holds, looking again and again."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/open", timeout=5, verify=False).status_code in (204, 404, LET_IN)
    except httpx.TransportError:
        return False
