"""Who belongs to the system: a service is added here, the gateway comes last because it stands in front of all."""

import re
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from run_system.children import ChildPlan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "gateway.yaml"
HOST = "127.0.0.1"
DEFAULT_PORT = 8080  # as in the example
DEFAULT_INVSYS_PORT = 8101


@dataclass(frozen=True)
class SystemPlan:
    """What `make run` starts, in the order of starting; it is stopped in the reverse order."""

    url: str
    logs: Path
    ports: Mapping[str, int]  # that must be free, by the make variable that sets each
    files: Mapping[Path, str]  # written before anything runs
    preparations: tuple[ChildPlan, ...]  # run to their end, one after the other, before any child
    children: tuple[ChildPlan, ...]


def system(port: int, invsys_port: int, state: Path, config: str) -> SystemPlan:
    """Plan a gateway in front of invsys; `state` is the directory of database, logs and the config as it is run.

    `config` is the gateway's, written for the default ports.
    """
    url = f"http://{HOST}:{port}"
    database = {"INVSYS_DATABASE_URL": f"sqlite:///{state / 'invsys.db'}"}
    placed = state / "gateway.yaml"
    return SystemPlan(
        url=url,
        logs=state / "log",
        ports={"PORT": port, "PORT_INVSYS": invsys_port},
        files={placed: with_ports(config, {DEFAULT_PORT: port, DEFAULT_INVSYS_PORT: invsys_port})},
        preparations=(ChildPlan("invsys-migrate", (script("invsys"), "migrate"), database),),
        children=(
            ChildPlan(
                name="invsys",
                command=(script("invsys"), "serve", "--host", HOST, "--port", str(invsys_port)),
                environment=database,
                ready_url=f"http://{HOST}:{invsys_port}/readyz",
            ),
            ChildPlan(
                name="gateway",
                command=(script("moongate"), "run", str(placed)),
                environment={},
                ready_url=f"{url}/api/cars?limit=1",  # an answer that came the whole way
            ),
        ),
    )


def with_ports(config: str, chosen: Mapping[int, int]) -> str:
    """Return the config with this machine's default ports replaced, all at once: one may be the other's default."""
    return re.sub(rf"(?<={HOST}:)\d+\b", lambda found: str(chosen.get(int(found[0]), found[0])), config)


def script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)
