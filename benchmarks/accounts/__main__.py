"""What the feed and the checking of keys cost, on SQLite and PostgreSQL.

Bars, each a promise:
- a key is verified in process within 50 us (and its ratio to the HMAC alone is told);
- a snapshot of 10,000 clients with 20,000 keys and 100,000 grants takes at most 1 s and is at most 1 MB of gzip;
- a change is in the hands of a gateway that waits for it within 100 ms, at the median, over real sockets.

`python -m benchmarks.accounts [--clients 10000] [--samples 100]`; exit status 1 when a bar is missed.
"""

import argparse
import hashlib
import hmac
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
from sqlalchemy import insert

from accounts.adapters.tables import api_keys, clients, grants, records
from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.domain.credentials import Pepper, code, is_code_of, new_text, parse_text
from accounts.domain.grant import Grant
from accounts.domain.ids import CLIENT, GRANT, new_id
from accounts.domain.plan import Plan
from accounts.service import feed as feeding
from accounts.service import plans
from accounts.service.bootstrapping import bootstrap
from accounts.service.records import base64url
from accounts.service.records import grants as grants_told
from servicekit.core.values import Origin
from servicekit.storage.engine import WRITES, build_engine
from servicekit.testing.databases import ENGINES, Databases, running_postgres

VERIFY_BAR_US, SNAPSHOT_BAR_S, SNAPSHOT_BAR_BYTES, TELL_BAR_MS = 50.0, 1.0, 1e6, 100.0
KEYS, GRANTS = 2, 10


def main() -> int:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accounts", description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=100)
    options = parser.parse_args()
    missed = False
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as directory:
        databases = Databases(Path(directory), postgres, "accounts", migrate)
        for engine in ENGINES:
            peppers = Path(directory) / f"{engine}.peppers"
            services = build_services(Settings(databases.migrated(engine), str(peppers), threads=4))
            beginning = bootstrap(services.store, services.peppers, services.clock(), Origin())
            fill(services, options.clients)
            rows = snapshot_rows(services) + tell_rows(services, beginning.gateway_token, options.samples)
            services.close()
            missed |= report(engine, rows)
    missed |= report("none", verify_rows())
    return 1 if missed else 0


Rows = list[tuple[str, float, float, str]]


def report(engine: str, rows: Rows) -> bool:
    """Print what was measured beside its bar; whether one was missed."""
    for what, measured, bar, unit in rows:
        print(f"{engine:<12}{what:<52}{measured:>12.3f} {unit:<6} bar {bar:g}", flush=True)
    return any(measured > bar for _, measured, bar, _ in rows)


def migrate(url: str) -> None:
    """Bring a database to the newest schema."""
    services = build_services(Settings(url))
    services.migrate()
    services.close()


def fill(services: Services, count: int) -> None:
    """Clients with their keys and grants, straight into the tables, and the records that gateways are told."""
    chance = random.Random(1)
    pepper, now = services.peppers.current(), services.clock()
    engine = build_engine(services.settings.database_url, 1, "accounts").execution_options(**{WRITES: True})
    client_rows, key_rows, grant_rows, told = [], [], [], []
    for number in range(count):
        ident = new_id(CLIENT, now + number)
        client_rows.append(client_row(ident, f"client {number}"))
        macs = [(key, code(text, pepper).mac) for key, text in (new_text("mg_live") for _ in range(KEYS))]
        key_rows += [key_row(key, ident, mac) for key, mac in macs]
        given = [draw_grant(chance) for _ in range(GRANTS)]
        grant_rows += [grant_row(new_id(GRANT, now + number), ident, grant) for grant in given]
        keys = [{"id": key, "mac": base64url(mac), "pepper": 1} for key, mac in macs]
        record = {"id": ident, "name": f"client {number}", "keys": keys, "grants": grants_told(given)}
        told.append({"kind": "client", "id": ident, "body": json.dumps(record, separators=(",", ":"))})
    with engine.begin() as connection:
        for table, rows in ((clients, client_rows), (api_keys, key_rows), (grants, grant_rows), (records, told)):
            connection.execute(insert(table), rows)
    engine.dispose()


def draw_grant(chance: random.Random) -> Grant:
    """A grant on a pattern, one in ten on one of 3,000 things by its name."""
    kind = chance.choice(("cars", "lorries", "trucks"))
    tail = f"{chance.randrange(1000)}" if chance.random() < 0.1 else chance.choice(("*", "**", "*/allocations/*"))
    return Grant(f"inventory/{kind}/{tail}", chance.choice((("read",), ("read", "create"), ("update",), ("*",))))


def client_row(ident: str, name: str) -> dict[str, object]:
    """An active client."""
    members: dict[str, object] = {"id": ident, "name": name, "status": "active", "not_before": 0, "plan": None}
    return {**members, "labels": "{}", "certificates": "[]", "created_at": 1, "closed_at": None, "version": 1}


def key_row(ident: str, client: str, mac: bytes) -> dict[str, object]:
    """A key without an end."""
    members: dict[str, object] = {"id": ident, "client_id": client, "name": "key", "env": "live", "mac": mac}
    return {**members, "pepper": 1, "scopes": "[]", "created_at": 1, "created_by": "", "version": 1}


def grant_row(ident: str, client: str, grant: Grant) -> dict[str, object]:
    """A grant that allows."""
    members: dict[str, object] = {"id": ident, "client_id": client, "resource": grant.resource, "query": "{}"}
    return {**members, "actions": json.dumps(grant.actions), "effect": "allow", "created_at": 1}


def snapshot_rows(services: Services) -> Rows:
    """Time and size of a snapshot: the best of five, for whatever else the machine does only adds."""
    times, busy = [], []
    for _ in range(5):
        began, worked = time.perf_counter(), time.process_time()
        taken = feeding.snapshot(services.store, services.peppers.all())
        times.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    size = float(len(taken.body))
    return [
        ("snapshot, CPU time of the service", min(busy), SNAPSHOT_BAR_S, "s"),
        ("snapshot, to the last octet of gzip", min(times), SNAPSHOT_BAR_S, "s"),
        ("snapshot, size", size, SNAPSHOT_BAR_BYTES, "bytes"),
    ]


def tell_rows(services: Services, credential: str, samples: int) -> Rows:
    """From before a change is asked for to when a gateway that waits has it."""
    environ = {
        "ACCOUNTS_DATABASE_URL": services.settings.database_url,
        "ACCOUNTS_PEPPER_FILE": services.settings.pepper_file,
    }
    command = [sys.executable, "-m", "accounts", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        base = server.stdout.readline().split("listening on ")[1].strip()
        try:
            return [
                (
                    "change, until a waiting gateway has it, median",
                    tell(services, base, credential, samples),
                    TELL_BAR_MS,
                    "ms",
                )
            ]
        finally:
            server.terminate()


def tell(services: Services, base: str, credential: str, samples: int) -> float:
    """The median, in milliseconds."""

    headers = {"Authorization": f"Bearer {credential}"}
    got: dict[str, float] = {}
    done = threading.Event()
    with httpx.Client(base_url=base, headers=headers, timeout=60, transport=httpx.HTTPTransport(retries=8)) as http:
        state = services.store.read(lambda tx: tx.feed.state())
        after = [state.last]

        def follow() -> None:
            while not done.is_set():
                asked: dict[str, str | int] = {"epoch": state.epoch, "after": after[0], "wait": 2}
                answer = http.get("/internal/v1/changes", params=asked).json()
                after[0] = answer["seq"]
                got.update({change["id"]: time.perf_counter() for change in answer["changes"]})

        follower = threading.Thread(target=follow)
        follower.start()
        times = []
        for number in range(samples):
            time.sleep(random.uniform(0.02, 0.1))
            name = f"plan-{number}"
            began = time.perf_counter()
            services.store.write(lambda tx, name=name: plans.create(tx, Plan(name, 1, 1, 1), 1))  # type: ignore[misc]
            while name not in got:
                time.sleep(0.001)
            times.append(got[name] - began)
        done.set()
        follower.join()
    return statistics.median(times) * 1000


def verify_rows() -> Rows:
    """A key that is shown, until it is known to be the one."""
    pepper = Pepper(1, bytes(32))
    _, text = new_text("mg_live")
    kept = code(text, pepper)

    def best(work: object, rounds: int = 2000) -> float:
        times = []
        for _ in range(20):
            began = time.process_time()
            for _ in range(rounds):
                work()  # type: ignore[operator]
            times.append((time.process_time() - began) / rounds)
        return min(times) * 1e6

    octets = text.encode()
    whole = best(lambda: parse_text(text) and is_code_of(text, kept, pepper))
    raw = best(lambda: hmac.digest(pepper.secret, octets, hashlib.sha256))
    return [
        ("key, verified", whole, VERIFY_BAR_US, "us"),
        ("key, verified, to the HMAC alone", whole / raw, 20, "ratio"),
    ]


if __name__ == "__main__":
    sys.exit(main())
