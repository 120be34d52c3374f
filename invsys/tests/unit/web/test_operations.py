"""The table of operations."""

from invsys.web.operations import OPERATIONS


def test_names_are_unique_and_each_write_says_what_it_understands() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        assert (operation.key is None) == (operation.method == "get")
        assert (operation.match is True) == (operation.method in ("patch", "delete"))
