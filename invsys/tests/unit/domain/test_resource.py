"""Resources."""

from invsys.domain.resource import Resource, ResourceStatus


def test_a_resource_is_a_value() -> None:
    one = Resource("id", "car", "red", ResourceStatus.ACTIVE, 1, 1)
    assert one == Resource("id", "car", "red", ResourceStatus("active"), 1, 1)
    assert len({one, one}) == 1
