"""Who is refused from now on is refused by both workers within a second, under load, whatever it shows and whatever
was changed about it.

`STORM=full` revokes 1,000 keys at 1,000 requests a second, and changes 25 clients of each sort.
"""

import base64
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import bcrypt
import httpx
import pytest

from gateway_harness.certificates import Authority
from system_harness.accounts_beside import Accounts, More, eventually, from_elsewhere, gateway_for, small_origin
from system_harness.caller import Door, Pen
from system_harness.calling import Answer, Callers, Shown, api_key, basic, bearer
from system_harness.ports import free_ports
from system_harness.running import running_child

FULL = os.environ.get("STORM") == "full"
RATE, CONNECTIONS = (1000, 64) if FULL else (300, 32)
KEYS, KEYS_A_CLIENT, KEYS_A_SECOND = (1000, 10, 40) if FULL else (60, 10, 20)
SUBJECTS = 25 if FULL else 4  # of each sort of change
CLIENTS = "/v1/clients"
TOO_OFTEN = 429
"""What comes in place of 401 to an address that shows wrong credentials again and again."""
BOUND_SECONDS = 1.0
WATCHED_SECONDS = 2 * BOUND_SECONDS  # after a change was acknowledged
AHEAD_SECONDS = 1.0  # that a credential is used before it is revoked
SECRET = base64.b64encode(bytes(range(48))).decode()  # of everybody who signs: whose a signature is says its key's id
BESIDE = "{basic: {users: '${file:users}', known_to_accounts: true}}"
GOLD = """{policies: 'permit (principal, action, resource) when { context.plan == "gold" };'}"""
ASKING = "{service: accounts, path: /oauth/introspect, token: '${file:gateway.token}', known_to_accounts: true}"


@dataclass(frozen=True)
class Subject:
    """A client with a role and a grant of its own; `shows` is what it shows, by the kind of credential."""

    id: str
    role: str
    grant: str
    key: str
    token: str
    auth: tuple[str, str]
    shows: Mapping[str, Shown]

    @property
    def path(self) -> str:
        return f"{CLIENTS}/{self.id}"


class Change(NamedTuple):
    """What is done about a subject; the `kinds` of credentials are then answered `status` at `path`."""

    act: Callable[[httpx.Client, Subject], httpx.Response]
    status: int
    path: str = "/"
    kinds: tuple[str, ...] = ("api_key", "jwt", "introspection", "basic", "mtls", "hmac")


CHANGES: dict[str, Change] = {
    "the key is revoked": Change(lambda http, it: http.delete(f"{it.path}/keys/{it.key}"), 401, kinds=("api_key",)),
    "the token is revoked": Change(
        lambda http, it: http.post("/oauth/revoke", data={"token": it.token}, auth=it.auth), 401, kinds=("jwt",)
    ),
    "all tokens are revoked": Change(
        lambda http, it: http.post(f"{it.path}/revoke-tokens"), 401, kinds=("jwt", "introspection")
    ),
    "the certificate is taken away": Change(
        lambda http, it: patch(http, it.path, {"certificates": []}), 401, kinds=("mtls",)
    ),
    "the client is suspended": Change(lambda http, it: patch(http, it.path, {"status": "suspended"}), 401),
    "the client is closed": Change(lambda http, it: http.delete(it.path), 401),
    "the client loses its role": Change(lambda http, it: patch(http, it.path, {"roles": []}), 403, "/things/by-role"),
    "the role is edited": Change(
        lambda http, it: patch(http, f"/v1/roles/{it.role}", {"grants": []}), 403, "/things/by-role"
    ),
    "the plan is changed": Change(lambda http, it: patch(http, it.path, {"plan": "basic"}), 403, "/by-plan"),
    "the grant is removed": Change(lambda http, it: http.delete(f"{it.path}/grants/{it.grant}"), 403, "/things/own"),
}


def patch(http: httpx.Client, url: str, body: dict[str, Any]) -> httpx.Response:
    return http.patch(url, json=body, headers={"Content-Type": "application/merge-patch+json"})


class Running(NamedTuple):
    """An accounts, and where its gateway is going to be."""

    accounts: Accounts
    admin: httpx.Client
    ca: Authority
    port: int
    tls_port: int
    origin_port: int


@contextmanager
def running(directory: Path) -> Iterator[Running]:
    accounts_port, *ports = free_ports(4)
    accounts = Accounts(directory, accounts_port)
    accounts.prepare()
    with running_child(accounts.plan, directory), accounts.admin() as admin:
        yield Running(accounts, admin, Authority(directory), *ports)


@contextmanager
def guarded(run: Running, subjects: Sequence[Subject] = ()) -> Iterator[None]:
    """The gateway, which knows passwords and secrets of the subjects; it takes introspected tokens below /opaque."""
    directory, ca = run.accounts.directory, run.ca
    hashed = bcrypt.hashpw(b"password", bcrypt.gensalt(4)).decode()
    (directory / "users").write_text(
        "".join(f"{name}:{hashed}\n" for name in ("nobody", *(each.id for each in subjects)))
    )
    keys = ", ".join(f"{each.id}: {{client: {each.id}, secret: {SECRET}}}" for each in subjects)
    signed = f", {{hmac: {{known_to_accounts: true, keys: {{{keys}}}}}}}" if keys else ""
    asks = f"{{authenticate: {{methods: [{{introspection: {ASKING}}}]}}}}"
    methods = f"{{authenticate: {{methods: [api_key, jwt, mtls, {BESIDE}{signed}]}}}}"
    more = More(
        f"{{bind: '127.0.0.1:{run.tls_port}', tls: {{{ca.issue('any.test').yaml}, client_ca: {ca.pem}}}}}",
        f", accounts: {{targets: ['{run.accounts.url}']}}",
        f"  - {{name: opaque, match: {{path: /opaque}}, service: one, filters: [{asks}]}}\n"
        "  - name: opaque-things\n    match: {path: '/opaque/things/{id}'}\n    service: one\n"
        f"    resource: 'things/{{id}}'\n    filters: [{asks}, authorize]\n"
        f"  - {{name: opaque-plan, match: {{path: /opaque/by-plan}}, service: one, filters: [{asks}, by-plan]}}\n"
        f"  - {{name: by-plan, match: {{path: /by-plan}}, service: one, filters: [{methods}, by-plan]}}\n"
        f"filters: {{by-plan: {{authorize: {{cedar: {GOLD}}}}}}}\n",
    )
    with (
        small_origin(run.origin_port, directory) as target,
        gateway_for(run.accounts, run.port, target, methods, more),
    ):
        yield


def made(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def new_subject(run: Running, name: str) -> Subject:
    http = run.admin
    role = made(http.post("/v1/roles", json={"name": f"role-{name}", "grants": [grant("things/by-role")]}))["name"]
    said = {"name": name, "plan": "gold"}
    ident = made(http.post(CLIENTS, json={**said, "roles": [role], "certificates": [f"CN={name},O=Tests"]}))["id"]
    own = made(http.post(f"{CLIENTS}/{ident}/grants", json=grant("things/own")))["id"]
    key = made(http.post(f"{CLIENTS}/{ident}/keys", json={"name": "key"}))
    auth = ident, made(http.post(f"{CLIENTS}/{ident}/secrets", json={}))["client_secret"]
    token = made(httpx.post(f"{run.accounts.url}/oauth/token", data={"grant_type": "client_credentials"}, auth=auth))
    text = token["access_token"]
    pair = run.ca.issue(subject=name)
    door = Door(run.tls_port, str(run.ca.pem), str(pair.certificate), str(pair.key))
    shows: dict[str, Shown] = {"api_key": api_key(key["key"]), "jwt": bearer(text), "introspection": bearer(text)}
    shows |= {"basic": basic(ident, "password"), "mtls": door, "hmac": Pen(ident, SECRET)}
    return Subject(ident, role, own, key["id"], text, auth, shows)


def grant(resource: str) -> dict[str, Any]:
    return {"resource": resource, "actions": ["read"]}


def lateness(answers: Sequence[Answer], acknowledged: Mapping[str, float]) -> dict[str, float]:
    """By name, seconds from the acknowledgement to the end of the last request that was let in; negative before."""
    late = dict.fromkeys(acknowledged, -math.inf)
    for each in answers:
        if each.status == 204:
            late[each.name] = max(late[each.name], each.ended - acknowledged[each.name])
    return late


def let_in_late(answers: Sequence[Answer], acknowledged: Mapping[str, float]) -> list[Answer]:
    """Whoever asked after the time for it. When an answer came is no measure: that is how busy the machine was."""
    return [each for each in answers if each.status == 204 and each.began > acknowledged[each.name] + BOUND_SECONDS]


def tell(what: str, late: Mapping[str, float], answers: Sequence[Answer]) -> None:
    """With -s; how long the slowest answer took says what the machine was busy with."""
    ordered = sorted(late.values())
    p99, slowest = ordered[math.ceil(0.99 * len(ordered)) - 1], max(each.ended - each.began for each in answers)
    print(
        f"{what}: {len(ordered)}, worst {ordered[-1] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms,"
        f" {len(answers)} requests, the slowest {slowest * 1000:.0f} ms"
    )


def revoke(admin: httpx.Client, keys: list[tuple[str, str]], callers: Callers) -> tuple[dict[str, float], float]:
    """Revoke the keys one after the other, each being used from a while before to a while after: when that of each name
    was acknowledged, and how long all took."""
    acknowledged: dict[str, float] = {}
    added = dropped = 0
    began = time.monotonic() + AHEAD_SECONDS
    for number, (path, _) in enumerate(keys):
        while added < min(len(keys), number + 1 + AHEAD_SECONDS * KEYS_A_SECOND):
            callers.add(str(added), keys[added][1])
            added += 1
        time.sleep(max(0.0, began + number / KEYS_A_SECOND - time.monotonic()))
        made(admin.delete(path))
        acknowledged[str(number)] = time.monotonic()
        while acknowledged[str(dropped)] < time.monotonic() - WATCHED_SECONDS:
            callers.drop(str(dropped))
            dropped += 1
    return acknowledged, time.monotonic() - began


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_no_revoked_key_is_let_in_after_a_second(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        keys: list[tuple[str, str]] = []  # the path to revoke it, and what it shows
        for number in range(KEYS // KEYS_A_CLIENT):
            ident = made(run.admin.post(CLIENTS, json={"name": f"client-{number}"}))["id"]
            for _ in range(KEYS_A_CLIENT):
                key = made(run.admin.post(f"{CLIENTS}/{ident}/keys", json={"name": "key"}))
                keys.append((f"{CLIENTS}/{ident}/keys/{key['id']}", api_key(key["key"])))
        with guarded(run), Callers(run.port, CONNECTIONS, RATE) as callers:
            eventually(lambda: known(run.port, keys[-1][1]), "the keys are known")
            acknowledged, took = revoke(run.admin, keys, callers)
            for number, (_, field) in enumerate(keys):
                callers.add(str(number), field)  # all of them again: none comes back
            time.sleep(WATCHED_SECONDS + len(keys) / RATE)
            answers = callers.stop()
    late = lateness(answers, acknowledged)
    tell(f"keys revoked in {took:.0f} s", late, answers)
    assert {each.status for each in answers} - {TOO_OFTEN} == {204, 401}
    assert min(late.values()) > -AHEAD_SECONDS, "each was let in until it was revoked"
    assert let_in_late(answers, acknowledged) == []


def carry_out(
    what: str, change: Change, admin: httpx.Client, subjects: Sequence[Subject], callers: Callers
) -> dict[str, float]:
    """Do it to one subject after the other, all of whom call meanwhile: when that was acknowledged, by name."""
    acknowledged: dict[str, float] = {}
    for each in subjects:
        for kind in change.kinds:
            path = change.path if kind != "introspection" else f"/opaque{change.path}".removesuffix("/")
            callers.add(f"{what}/{kind}/{each.id}", each.shows[kind], path)
    time.sleep(AHEAD_SECONDS)
    for each in subjects:
        answer = change.act(admin, each)
        acknowledged |= {f"{what}/{kind}/{each.id}": time.monotonic() for kind in change.kinds}
        assert answer.is_success, (what, answer.text)
    time.sleep(WATCHED_SECONDS)
    for name in acknowledged:
        callers.drop(name)
    return acknowledged


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_whatever_is_changed_counts_within_a_second_for_every_kind_of_credential(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        for name in ("gold", "basic"):
            made(
                run.admin.post(
                    "/v1/plans", json={"name": name, "rate": {"requests": 1000, "seconds": 1}, "burst": 1000}
                )
            )
        subjects = {
            what: [new_subject(run, f"{index}-{n}") for n in range(SUBJECTS)] for index, what in enumerate(CHANGES)
        }
        everybody = [each for group in subjects.values() for each in group]
        with guarded(run, everybody), Callers(run.port, CONNECTIONS, RATE) as callers:
            eventually(lambda: known(run.port, str(everybody[-1].shows["api_key"])), "clients are known")
            acknowledged: dict[str, float] = {}
            for what, change in CHANGES.items():
                acknowledged |= carry_out(what, change, run.admin, subjects[what], callers)
            answers = callers.stop()
    late = lateness(answers, acknowledged)
    for what, change in CHANGES.items():
        for kind in change.kinds:
            prefix = f"{what}/{kind}/"
            these = {name: seconds for name, seconds in late.items() if name.startswith(prefix)}
            found = [each for each in answers if each.name.startswith(prefix)]
            tell(f"{what}, {kind}", these, found)
            assert {each.status for each in found} - {TOO_OFTEN} == {204, change.status}, (what, kind)
            assert let_in_late(found, acknowledged) == [], (what, kind)


def known(port: int, field: str) -> bool:
    """To whichever worker takes the connection; six times, so that it is both."""
    name, _, value = field.partition(": ")
    url = f"http://127.0.0.1:{port}/"
    headers = {name: value, **from_elsewhere()}
    return all(httpx.get(url, headers=headers, verify=False).status_code == 204 for _ in range(6))
