"""The one place where adapters meet use cases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from invsys.adapters.clock import wall_clock
from invsys.adapters.engine import build_engine
from invsys.adapters.migrate import migrate, schema_problem
from invsys.adapters.store import SqlStore
from invsys.adapters.verify import Violation, verify
from invsys.bootstrap.settings import Settings
from invsys.service.kinds import KindCatalog
from invsys.service.ports import Clock, Store


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
    """Wire everything for one process. Opens no connection yet. Raises InvalidValueError for a bad database URL."""
    engine = build_engine(settings.database_url, settings.threads)
    store = SqlStore(engine, clock)
    return Services(
        settings=settings,
        store=store,
        clock=clock,
        kinds=KindCatalog(store, clock),
        migrate=lambda: migrate(engine),
        schema_problem=lambda: schema_problem(engine),
        verify=lambda: verify(engine),
        close=engine.dispose,
    )
