"""`accounts signing-key`."""

import pytest

from accounts_harness.commands import Run, RunJson

pytestmark = pytest.mark.usefixtures("services")


def test_keys_are_listed_and_rotated(run: Run, run_json: RunJson) -> None:
    [first] = run_json("signing-key", "list")
    assert (first["phase"], first["algorithm"]) == ("active", "ES256")
    following = run_json("signing-key", "rotate", "--alg", "RS256")
    assert (following["phase"], following["algorithm"]) == ("next", "RS256")
    assert [key["phase"] for key in run_json("signing-key", "list")] == ["active", "next"]
    assert "published already" in run("signing-key", "rotate", status=1)
    assert "signs from" in run("signing-key", "rotate", "--compromised")
    assert len(run("signing-key", "list").splitlines()) == 2
