import pytest

from moongate.filters.resource import ResourcePlan

# inventory/{kind}/{id?} beside /api/{kind}/**
PLAN = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2), ((b"POST", "book"),))


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        (b"/api/cars", (b"inventory", b"cars")),
        (b"/api/cars/", (b"inventory", b"cars")),
        (b"/api/cars/7", (b"inventory", b"cars", b"7")),
        (b"/api/cars/7/allocations/9", (b"inventory", b"cars", b"7")),
        (b"/api/cars/a%20b", (b"inventory", b"cars", b"a%20b")),
    ],
)
def test_segments_of_the_path_are_put_in(path: bytes, resource: tuple[bytes, ...]) -> None:
    assert PLAN.of(path) == resource


def test_what_stands_behind_an_absent_segment_is_left_out() -> None:
    plan = ResourcePlan("inventory/{kind}/{id?}/allocations", (b"inventory", 1, 2, b"allocations"))
    assert plan.of(b"/api/cars") == (b"inventory", b"cars")
    assert plan.of(b"/api/cars/7") == (b"inventory", b"cars", b"7", b"allocations")


@pytest.mark.parametrize(
    ("method", "action"),
    [
        (b"GET", "read"),
        (b"HEAD", "read"),
        (b"OPTIONS", "read"),
        (b"POST", "book"),
        (b"PUT", "update"),
        (b"PATCH", "update"),
        (b"DELETE", "delete"),
        (b"PURGE", "purge"),
    ],
)
def test_methods_are_actions(method: bytes, action: str) -> None:
    assert PLAN.action(method) == action
