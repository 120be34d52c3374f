"""Kinds."""

from invsys.domain.kind import SHIPPED


def test_the_paths_of_the_shipped_kinds() -> None:
    assert {kind.code: kind.plural for kind in SHIPPED} == {"car": "cars", "lorry": "lorries", "truck": "trucks"}
