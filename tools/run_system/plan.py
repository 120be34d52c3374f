"""Who belongs to the system: a service is added here, the gateway comes last because it stands in front of all."""

import shlex
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from run_system.children import ChildPlan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "gateway.yaml"
HOST = "127.0.0.1"
GATEWAY_TOKEN = "gateway.token"  # in the directory of the state, and so the next
ADMIN_TOKEN = "admin.token"
DEMO_KEY = "demo.key"
SHOWN_WEEK = "2027-03-01"
TOOLS = ROOT / "tools"


@dataclass(frozen=True)
class Ports:
    """Where everything listens, by the make variables PORT, PORT_INVSYS and PORT_ACCOUNTS."""

    gateway: int = 8080
    invsys: int = 8101
    accounts: int = 8102

    def named(self) -> dict[str, int]:
        return {"PORT": self.gateway, "PORT_INVSYS": self.invsys, "PORT_ACCOUNTS": self.accounts}


@dataclass(frozen=True)
class SystemPlan:
    """What `make run` starts, in the order of starting; it is stopped in the reverse order."""

    url: str
    logs: Path
    key_file: Path  # holds the API key of the demo client, once the preparations have run
    ports: Mapping[str, int]  # that must be free, by the make variable that sets each
    preparations: tuple[ChildPlan, ...]  # run to their end, one after the other, before any child
    children: tuple[ChildPlan, ...]
    sights: tuple[str, ...] = ()  # what else there is to look at, a line each


def system(ports: Ports, state: Path, config: Path = EXAMPLE) -> SystemPlan:
    """Plan a gateway in front of invsys, with accounts beside it; `state` is the directory of databases and logs.

    `config` is the gateway's; it reads the ports from the environment, by the names of the make variables.
    """
    url = f"http://{HOST}:{ports.gateway}"
    key_file = state / DEMO_KEY
    # The gateway drops what callers send under this name, and sets it to the client that it proved.
    inventory = {"INVSYS_DATABASE_URL": f"sqlite:///{state / 'invsys.db'}", "INVSYS_ACTOR_HEADER": "X-Client-Id"}
    clients = {
        "ACCOUNTS_DATABASE_URL": f"sqlite:///{state / 'accounts.db'}",
        "ACCOUNTS_PEPPER_FILE": str(state / "accounts.peppers"),
        "ACCOUNTS_ISSUER": f"http://{HOST}:{ports.accounts}",  # the gateway takes tokens of who is called so
    }
    demo = (sys.executable, "-m", "run_system.demo", str(state))
    return SystemPlan(
        url=url,
        logs=state / "log",
        key_file=key_file,
        ports=ports.named(),
        preparations=(
            ChildPlan("invsys-migrate", (script("invsys"), "migrate"), inventory),
            ChildPlan("accounts-migrate", (script("accounts"), "migrate"), clients),
            ChildPlan("demo-client", demo, {**clients, "PYTHONPATH": str(TOOLS)}),
        ),
        children=(
            _service("accounts", ports.accounts, clients),
            _service("invsys", ports.invsys, inventory),
            ChildPlan(
                name="gateway",
                command=(script("moongate"), "run", str(config)),
                environment={"STATE": str(state), **{name: str(port) for name, port in ports.named().items()}},
                ready_url=f"{url}/api/cars?limit=1",  # an answer that came the whole way
                secrets={"GATEWAY_TOKEN": state / GATEWAY_TOKEN},
                key_file=key_file,
            ),
        ),
        sights=_sights(ports, state, clients),
    )


def _sights(ports: Ports, state: Path, clients: Mapping[str, str]) -> tuple[str, ...]:
    settings = " ".join(f"{name}={shlex.quote(text)}" for name, text in clients.items())
    return (
        f"Bookings as a page, in the week of the lines below: http://{HOST}:{ports.invsys}/?first={SHOWN_WEEK}",
        f"Clients, keys and grants as pages: http://{HOST}:{ports.accounts}/ (the token is in {state / ADMIN_TOKEN})",
        f"The same by command: export {settings}; {script('accounts')} client list",
    )


def _service(name: str, port: int, environment: Mapping[str, str]) -> ChildPlan:
    command = (script(name), "serve", "--host", HOST, "--port", str(port))
    return ChildPlan(name, command, environment, f"http://{HOST}:{port}/readyz")


def script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)
