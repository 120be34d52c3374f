import pytest

from moongate.compile.resources import resource_plan
from moongate.filters.resource import ResourcePlan
from moongate.routing import PathPattern

TAIL = PathPattern.parse("/api/{kind:cars|lorries}/**")
EXACT = PathPattern.parse("/api/{kind}/{id}")


def test_names_stand_for_segments_of_the_path_and_then_of_its_tail() -> None:
    plan = resource_plan("inventory/{kind}/{id?}/{part?}", TAIL, {"POST": "book"})
    assert plan == ResourcePlan("inventory/{kind}/{id?}/{part?}", (b"inventory", 1, 2, 3), ((b"POST", "book"),))
    assert plan.of(b"/api/cars/7/allocations/9") == (b"inventory", b"cars", b"7", b"allocations")
    assert resource_plan("{id}/of/{kind}", EXACT, {}).of(b"/api/cars/7") == (b"7", b"of", b"cars")


@pytest.mark.parametrize(
    ("text", "pattern", "said"),
    [
        ("a/{nothing}", EXACT, "the path /api/{kind}/{id} has nothing called 'nothing' and no tail"),
        ("a/{id}", TAIL, "the tail /\\*\\* may be empty, so this can be absent: write {id\\?}"),
        ("a/{kind?}", TAIL, "the path always has {kind}, write it without \\?"),
        ("/a", TAIL, "segments stand between single slashes"),
        ("a//b", TAIL, "segments stand between single slashes"),
        ("", TAIL, "segments stand between single slashes"),
        ("a/*", TAIL, "patterns stand in grants"),
        ("a/x{kind}", TAIL, "a placeholder fills a whole segment"),
        ("a b", TAIL, "a placeholder fills a whole segment"),
    ],
)
def test_a_template_that_can_not_be_filled_is_refused(text: str, pattern: PathPattern, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        resource_plan(text, pattern, {})
