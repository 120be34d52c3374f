"""Resources and allocations as JSON objects: what callers get, and what history keeps. One form for both."""

from typing import Any

from invsys.domain.allocation import Allocation
from invsys.domain.interval import ALWAYS, NEVER, format_instant
from invsys.domain.resource import Resource


def resource_snapshot(resource: Resource) -> dict[str, Any]:
    """A resource as a JSON object."""
    return {
        "id": resource.id,
        "resource_type": resource.kind,
        "name": resource.name,
        "status": resource.status.value,
        "capacity": resource.capacity,
        "attributes": resource.attributes,
        "labels": resource.labels,
        "created": format_instant(resource.created),
        "version": resource.version,
    }


def allocation_snapshot(allocation: Allocation) -> dict[str, Any]:
    """An allocation as a JSON object."""
    start, end = allocation.interval.start, allocation.interval.end
    expires = allocation.hold_expires
    return {
        "id": allocation.id,
        "resource_id": allocation.resource_id,
        "resource_type": allocation.resource_kind,
        "from_datetime": None if start == ALWAYS else format_instant(start),
        "to_datetime": None if end == NEVER else format_instant(end),
        "from_infinity": start == ALWAYS,
        "to_infinity": end == NEVER,
        "quantity": allocation.quantity,
        "allocation_type": allocation.allocation_type,
        "status": allocation.status.value,
        "hold_expires_at": None if expires is None else format_instant(expires),
        "description": allocation.description,
        "dump": allocation.dump,
        "created": format_instant(allocation.created),
        "version": allocation.version,
    }
