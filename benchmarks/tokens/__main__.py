"""How many access tokens a core makes, and what share of that is the signature.

CPU time of this process, so that what else the machine does counts little; SQLite on a file, one thread, ES256. The
token endpoint is the whole application without a socket: form, authentication, database, token, answer.

`python -m benchmarks.tokens [--tokens 2000]`; exit status 1 when the endpoint makes fewer than 300 tokens a second.
"""

import argparse
import base64
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.service import clients, profiles
from accounts.service.authenticating import Shown
from accounts.service.bootstrapping import bootstrap
from accounts.service.clients import ClientDraft
from accounts.web import oauth
from accounts.web.app import create_app
from servicekit.core.values import Origin

BAR = 300
ME = Origin(actor="benchmark")


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokens", description=__doc__)
    parser.add_argument("--tokens", type=int, default=2000)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    oauth.CLIENT_BURST = oauth.ADDRESS_BURST = 10**9
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings(database_url=f"sqlite:///{directory}/a.db", pepper_file=str(Path(directory) / "peppers"))
        services = build_services(settings)
        services.migrate()
        bootstrap(services.store, services.peppers, services.clock(), ME)
        found = measure(services, options.tokens)
        services.close()
    raw = found["the signature alone"]
    print(f"{'what':<36}{'us':>9}{'a second':>11}{'signatures':>12}")
    for what, seconds in found.items():
        print(f"{what:<36}{seconds * 1e6:>9.0f}{1 / seconds:>11.0f}{seconds / raw:>12.2f}")
    return 0 if 1 / found["the token endpoint"] >= BAR else 1


def measure(services: Services, count: int) -> dict[str, float]:
    """CPU seconds of each, by what it is."""
    now, pepper = services.clock(), services.peppers.current()
    client = services.store.write(lambda tx: clients.create(tx, ClientDraft("Acme"), now), ME)
    made = services.store.write(lambda tx: profiles.create_secret(tx, client.id, None, pepper, now), ME)
    shown = Shown(client.id, secret=made.text)
    tokens, authenticator = services.oauth.tokens, services.oauth.authenticator
    signer, known = services.oauth.keyring.signer(), authenticator.client(shown)
    claims = {
        "iss": "x" * 30,
        "sub": client.id,
        "client_id": client.id,
        "aud": "moongate",
        "iat": 1,
        "exp": 2,
        "jti": "j" * 22,
    }
    http = create_app(services).test_client()
    form = {"grant_type": "client_credentials"}
    basic = {"Authorization": "Basic " + base64.b64encode(f"{client.id}:{made.text}".encode()).decode()}
    assert http.post("/oauth/token", data=form, headers=basic).status_code == 200
    return {
        "the signature alone": per_call(lambda: signer.sign(claims), count),
        "a token, made by who knows for whom": per_call(lambda: tokens.issue(known, None, None, ME), count),
        "the check of a client's secret": per_call(lambda: authenticator.client(shown), count),
        "the token endpoint": per_call(lambda: http.post("/oauth/token", data=form, headers=basic), count),
    }


def per_call(act: Callable[[], object], count: int) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    for _ in range(count):
        act()
    return (time.process_time() - began) / count


if __name__ == "__main__":
    sys.exit(main())
