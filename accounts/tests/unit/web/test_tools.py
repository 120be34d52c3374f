"""What routes share."""

import json

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.web.schemas import GrantIn
from accounts.web.tools import build_grant, new_credential


def test_what_is_kept_of_a_new_credential_lacks_it() -> None:
    for members in ({"id": "a"}, {"id": "a", "version": 1}):
        answer = new_credential(members, {"key": "secret"}, "/where")
        assert json.loads(answer.body) == {**members, "key": "secret"}
        assert json.loads(answer.kept or "") == {**members, "key": None}
        assert (answer.headers["Cache-Control"], answer.headers["Location"]) == ("no-store", "/where")


def test_a_wrong_grant_is_named_by_its_place() -> None:
    with pytest.raises(InvalidValueError) as caught:
        build_grant(GrantIn(resource="/a", actions=["read"]), "grants/3/")
    assert caught.value.field == "grants/3/resource"
