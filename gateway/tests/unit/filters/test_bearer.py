import pytest

from moongate.filters.bearer import bearer_credential


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        (b"Bearer x.y.z", b"x.y.z"),
        (b"bEARER   mg_1", b"mg_1"),
        (b"Bearer ", b""),
        (b"Bearer", None),
        (b"Bearerx", None),
        (b"Basic eA==", None),
        (b"", None),
        (None, None),
    ],
)
def test_what_is_shown(authorization: bytes | None, shown: bytes | None) -> None:
    assert bearer_credential(authorization) == shown
