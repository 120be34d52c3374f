"""Who belongs to the system: a service is added here, the gateway comes last because it stands in front of all."""

import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from run_system.children import ChildPlan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "gateway.yaml"
HOST = "127.0.0.1"
DEFAULT_PORT = 8080
DEFAULT_INVSYS_PORT = 8101


@dataclass(frozen=True)
class SystemPlan:
    """What `make run` starts, in the order of starting; it is stopped in the reverse order."""

    url: str
    logs: Path
    ports: Mapping[str, int]  # that must be free, by the make variable that sets each
    preparations: tuple[ChildPlan, ...]  # run to their end, one after the other, before any child
    children: tuple[ChildPlan, ...]


def system(port: int, invsys_port: int, state: Path, config: Path = EXAMPLE) -> SystemPlan:
    """Plan a gateway in front of invsys; `state` is the directory of the database and the logs.

    `config` is the gateway's; it reads the ports from the environment, by the names of the make variables.
    """
    url = f"http://{HOST}:{port}"
    ports = {"PORT": port, "PORT_INVSYS": invsys_port}
    # The gateway drops what callers send under this name, and sets it to the client that it proved.
    settings = {"INVSYS_DATABASE_URL": f"sqlite:///{state / 'invsys.db'}", "INVSYS_ACTOR_HEADER": "X-Client-Id"}
    return SystemPlan(
        url=url,
        logs=state / "log",
        ports=ports,
        preparations=(ChildPlan("invsys-migrate", (script("invsys"), "migrate"), settings),),
        children=(
            ChildPlan(
                name="invsys",
                command=(script("invsys"), "serve", "--host", HOST, "--port", str(invsys_port)),
                environment=settings,
                ready_url=f"http://{HOST}:{invsys_port}/readyz",
            ),
            ChildPlan(
                name="gateway",
                command=(script("moongate"), "run", str(config)),
                environment={name: str(number) for name, number in ports.items()},
                ready_url=f"{url}/api/cars?limit=1",  # an answer that came the whole way
            ),
        ),
    )


def script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)
