"""The one place where adapters meet use cases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from invsys.adapters.store import SqlStore
from invsys.adapters.verify import verify
from invsys.bootstrap.settings import Settings
from invsys.service.kinds import KindCatalog
from invsys.service.ports import Store
from servicekit.core.clock import wall_clock
from servicekit.core.values import Clock
from servicekit.storage.engine import build_engine
from servicekit.storage.migrate import Migrations
from servicekit.storage.soundness import Violation

MIGRATIONS = Migrations("invsys.adapters", "invsys")


@dataclass(frozen=True, slots=True)
class Services:
    """What the web room and the command line work with."""

    settings: Settings
    store: Store
    clock: Clock
    kinds: KindCatalog
    migrate: Callable[[], None]
    schema_problem: Callable[[], str | None]
    verify: Callable[[], Iterator[Violation]]
    close: Callable[[], None]


def build_services(settings: Settings, clock: Clock = wall_clock) -> Services:
    """Wire everything for one process. Opens no connection yet. Raises SettingError for a bad database URL."""
    engine = build_engine(settings.database_url, settings.threads, "invsys")
    store = SqlStore(engine, clock)
    return Services(
        settings=settings,
        store=store,
        clock=clock,
        kinds=KindCatalog(store, clock),
        migrate=lambda: MIGRATIONS.run(engine),
        schema_problem=lambda: MIGRATIONS.problem(engine),
        verify=lambda: verify(engine),
        close=engine.dispose,
    )
