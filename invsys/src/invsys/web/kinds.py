"""From the plural in a path to the kind it means."""

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import NotFoundError
from invsys.domain.kind import Kind


def kind_of(services: Services, plural: str) -> Kind:
    """The kind behind `/api/{plural}`. Raises NotFoundError."""
    for kind in services.kinds:
        if kind.plural == plural:
            return kind
    raise NotFoundError("kind", plural)
