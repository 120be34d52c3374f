"""Merge patch (RFC 7396) on JSON values, and whether it changed anything."""

import json
from typing import Any


def merge(target: Any, patch: Any) -> Any:
    """`target` with `patch` applied: members that are null go, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are one. Python alone takes `true` for 1, and 1 for 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
