"""Merge patch (RFC 7396) on JSON values."""

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
