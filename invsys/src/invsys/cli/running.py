"""What subcommands share: services with a schema, and plain output."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import Services, build_services
from servicekit.core.errors import StoreUnavailableError


@contextmanager
def ready_services() -> Iterator[Services]:
    """Services on a database that has the schema. Raises StoreUnavailableError when it has not."""
    services = build_services(load_settings(os.environ))
    try:
        trouble = services.schema_problem()
        if trouble is not None:
            raise StoreUnavailableError(trouble)
        yield services
    finally:
        services.close()


def say(text: str) -> None:
    """One line of result, on stdout."""
    print(text)  # noqa: T201


def complain(text: str) -> None:
    """One line of trouble, on stderr."""
    print(f"invsys: {text}", file=sys.stderr)  # noqa: T201
