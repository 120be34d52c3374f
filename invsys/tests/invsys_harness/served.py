"""A real `invsys serve` process, and how the databases of its tests are migrated."""

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services
from servicekit.testing.served import Served


class ServedInvsys(Served):
    """`with ServedInvsys() as served:` then call `served.base_url`. Leaves no process and no file behind."""

    def __init__(self, database_url: str | None = None, environ: dict[str, str] | None = None) -> None:
        super().__init__("invsys", database_url, environ)


def migrate(url: str) -> None:
    """Bring the database to the newest schema."""
    services = build_services(Settings(database_url=url))
    try:
        services.migrate()
    finally:
        services.close()
