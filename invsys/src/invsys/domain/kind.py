"""Kinds of resource. A kind is named by its code in data (`car`) and by its plural in paths (`cars`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of thing a resource is."""

    code: str
    plural: str


SHIPPED = (Kind("car", "cars"), Kind("lorry", "lorries"), Kind("truck", "trucks"))
"""The kinds every installation starts with."""
