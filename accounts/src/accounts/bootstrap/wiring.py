"""The one place where adapters meet use cases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accounts.adapters.passwords import Argon2Hash
from accounts.adapters.pepper_file import PepperFile
from accounts.adapters.store import SqlStore
from accounts.adapters.verify import verify
from accounts.bootstrap.oauth import OAuth, build_oauth
from accounts.bootstrap.settings import Settings
from accounts.service.ports import PasswordHash, Peppers, Store
from servicekit.core.clock import wall_clock
from servicekit.core.values import Clock
from servicekit.storage.engine import build_engine
from servicekit.storage.migrate import Migrations
from servicekit.storage.soundness import Violation

PROGRAM = "accounts"


@dataclass(frozen=True, slots=True)
class Services:
    """What the web room and the command line work with."""

    settings: Settings
    store: Store
    peppers: Peppers
    passwords: PasswordHash
    clock: Clock
    oauth: OAuth
    migrate: Callable[[], None]
    schema_problem: Callable[[], str | None]
    verify: Callable[[], Iterator[Violation]]
    close: Callable[[], None]


def build_services(settings: Settings, clock: Clock = wall_clock) -> Services:
    """Wire everything for one process. Opens no connection yet. Raises SettingError for a bad URL."""
    engine = build_engine(settings.database_url, settings.threads, PROGRAM)
    migrations = Migrations("accounts.adapters", PROGRAM)
    peppers = PepperFile(Path(settings.pepper_file))
    store = SqlStore(engine, clock)
    return Services(
        settings=settings,
        store=store,
        peppers=peppers,
        passwords=Argon2Hash(),
        clock=clock,
        oauth=build_oauth(settings, store, peppers, clock),
        migrate=lambda: migrations.run(engine),
        schema_problem=lambda: migrations.problem(engine),
        verify=lambda: verify(engine, peppers.all(), clock()),
        close=engine.dispose,
    )
