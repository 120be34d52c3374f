"""What `moongate can` says of a client is what the running gateway does with it, and what a reading of all its grants
would do, with the same forced on the query."""

from __future__ import annotations

import itertools
import time
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.grants_reference import any_grants, reference
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, api_key, client_record, public_id
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.offline import Request
from moongate.config import parse
from moongate.control.accounts.access import can

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway_harness.raw_client import RawClient
    from moongate.compile import Snapshot
    from moongate.stores.records import Grant

CLIENTS = 5
MARK = 99  # a client whose changes say that those before them have been seen
PAST, FUTURE = 1, 2**33
WORDS = {
    "cars": ["cars"],
    "7": ["7", "%37"],
    "é": ["%C3%A9", "%c3%a9"],
    "a@b": ["a@b", "a%40b"],
    "a,b": ["a,b", "a%2Cb"],  # of a semicolon, test_authorize tells
}
"""As grants have them, and as requests may."""
METHODS = {"GET": "read", "POST": "create", "DELETE": "delete", "PATCH": "update", "PURGE": "purge"}
GRANTS = st.lists(any_grants(st.sampled_from(list(WORDS)), [None, None, PAST, FUTURE], "inventory/"), max_size=5)


class Client(NamedTuple):
    status: str
    roles: list[str]
    grants: list[Grant]


class Asked(NamedTuple):
    client: int
    method: str
    words: list[tuple[str, str]]  # as a grant has it, and as the request does


class World(NamedTuple):
    roles: dict[str, list[Grant]]
    clients: list[Client]
    asked: list[Asked]


WORLDS = st.builds(
    World,
    st.fixed_dictionaries({"r1": GRANTS, "r2": GRANTS}),
    st.lists(
        st.builds(
            Client,
            st.sampled_from(["active"] * 4 + ["suspended"]),
            st.lists(st.sampled_from(["r1", "r2", "absent"]), unique=True),
            GRANTS,
        ),
        min_size=CLIENTS,
        max_size=CLIENTS,
    ),
    st.lists(
        st.builds(
            Asked,
            st.integers(0, CLIENTS - 1),
            st.sampled_from(list(METHODS)),
            st.lists(
                st.sampled_from([(word, spelled) for word, all_of_it in WORDS.items() for spelled in all_of_it]),
                min_size=1,
                max_size=3,
            ),
        ),
        min_size=10,
        max_size=10,
    ),
)


class Live(NamedTuple):
    feed: AccountsFeed
    gateway: GatewayProcess
    snapshot: Snapshot
    numbers: Iterator[int]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    directory = Path(tmp_path_factory.mktemp("gateway"))
    with AccountsFeed() as feed, ScriptedOrigin(telling) as origin:
        config = (
            "trusted_proxies: [127.0.0.1]\n"
            f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {directory}/replica.sqlite}}\n"
            f"services: {{api: {{targets: ['{origin.url}']}}}}\n"
            "routes: [{name: all, match: {path: '/api/{kind}/**'}, resource: 'inventory/{kind}/{id?}', service: api,"
            " filters: [authenticate, authorize]}]\n"
        )
        with running_gateway(directory, config) as gateway:
            snapshot = compile_config(parse("version: 1\n" + config, "f.yaml", JUDGES), 1)
            yield Live(feed, gateway, snapshot, itertools.count())


def as_told(grant: Grant) -> dict[str, Any]:
    told = {"resource": grant.resource, "actions": grant.actions, "effect": grant.effect}
    return {**told, "expires_at": grant.expires_at, "query": {} if grant.effect == "deny" else grant.query}


def key(number: int) -> str:
    return f"X-API-Key: {api_key(public_id(number)).decode()}"


def become(live: Live, world: World, connection: RawClient) -> None:
    """Accounts says so, and the gateway has heard it."""
    for name, held in world.roles.items():
        live.feed.put("role", name, {"name": name, "grants": [as_told(grant) for grant in held]})
    for number, client in enumerate(world.clients):
        grants = [as_told(grant) for grant in client.grants]
        live.feed.client(client_record(number, grants=grants, roles=client.roles, status=client.status))
    mark = next(live.numbers)
    live.feed.client(client_record(MARK, grants=[{"resource": f"inventory/mark/{mark}", "actions": ["read"]}]))
    path = f"/api/mark/{mark}"
    eventually(lambda: connection.request("GET", path, key(MARK)).status == 200, "the changes")


def agree(live: Live, world: World, asked: Asked, connection: RawClient) -> None:
    client = world.clients[asked.client]
    held = [*client.grants, *(grant for role in client.roles for grant in world.roles.get(role, ()))]
    expected, grant = reference(
        held, ["inventory", *(word for word, _ in asked.words[:2])], METHODS[asked.method], time.time()
    )
    expected = expected and client.status == "active"
    target = "/api/" + "/".join(spelled for _, spelled in asked.words) + "?label=own"
    said = can(live.snapshot, Request(asked.method, target), f"c{asked.client}")
    # From an address of its own: the keys of the suspended are wrong ones, of which an address may show a few.
    address = f"X-Forwarded-For: {IPv4Address(0x0A00_0000 + next(live.numbers))}"
    answer = connection.request(asked.method, target, key(asked.client), address)
    assert answer.status == (200 if expected else 403 if client.status == "active" else 401)
    assert said.is_allowed is expected, said
    if expected:
        assert grant is not None
        label = grant.query.get("label", "own")
        assert answer.body.decode().split(" ")[1].endswith(f"?label={label}")


def run_agreement(live: Live, examples: int) -> None:
    @settings(max_examples=examples, database=None, phases=[Phase.generate])
    @given(WORLDS)
    def check(world: World) -> None:
        with live.gateway.connect() as connection:
            become(live, world, connection)
            for asked in world.asked:
                agree(live, world, asked, connection)

    check()


def test_some_worlds(live: Live) -> None:
    run_agreement(live, 25)


@pytest.mark.slow
def test_many_worlds(live: Live) -> None:
    run_agreement(live, 500)
