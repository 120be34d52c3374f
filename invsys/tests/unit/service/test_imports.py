"""Imports, on both engines."""

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import AllocationConflictError, DuplicateNameError, InvalidValueError, NotFoundError
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.service.allocations import AllocationDraft
from invsys.service.imports import AllocationLine, ResourceLine, import_allocations, import_resources
from invsys.service.ports import ResourceQuery
from invsys.service.resources import ResourceDraft

CAR = Kind("car", "cars", attributes_schema={"required": ["doors"]})
DOORS = {"doors": 4}


def test_good_lines_go_in_and_bad_ones_are_told(services: Services) -> None:
    def lines(*names: str) -> list[ResourceLine]:
        return [ResourceLine(n, CAR, ResourceDraft(name, attributes=DOORS)) for n, name in enumerate(names, 1)]

    assert services.store.write(lambda tx: import_resources(tx, lines("a", "b"), 1)) == []
    wanted = [*lines("c", "a", "c"), ResourceLine(4, CAR, ResourceDraft("d"))]
    errors = services.store.write(lambda tx: import_resources(tx, wanted, 1))
    assert [(error.number, type(error.error)) for error in errors] == [
        (2, DuplicateNameError),
        (3, DuplicateNameError),
        (4, InvalidValueError),
    ]
    rows = services.store.read(lambda tx: tx.resources.page(ResourceQuery("car", 10, by_name=True)))
    assert [row.name for row in rows] == ["a", "b", "c"]
    assert services.store.read(lambda tx: tx.changes.last()) == 3


def test_allocations_are_checked_one_after_the_other(services: Services) -> None:
    line = ResourceLine(1, CAR, ResourceDraft("a", attributes=DOORS))
    services.store.write(lambda tx: import_resources(tx, [line], 1))
    spans = ((1, "a", 10, 20), (2, "a", 15, 25), (3, "a", 20, 30), (4, "b", 10, 20))
    wanted = [AllocationLine(n, CAR, name, AllocationDraft(Interval(*span), "booking")) for n, name, *span in spans]
    errors = services.store.write(lambda tx: import_allocations(tx, wanted, 1))
    assert [(error.number, type(error.error)) for error in errors] == [
        (2, AllocationConflictError),
        (4, NotFoundError),
    ]
