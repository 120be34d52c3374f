"""Resources."""

from invsys.domain.resource import Resource, ResourceStatus


def test_a_new_resource_is_one_that_can_be_booked() -> None:
    one = Resource("id", "car", "red", 1)
    assert (one.status, one.capacity, one.attributes, one.labels, one.version) == (ResourceStatus.ACTIVE, 1, {}, {}, 1)
