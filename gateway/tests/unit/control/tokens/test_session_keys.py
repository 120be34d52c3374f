"""The key that seals sessions: made once, or as the config says."""

from __future__ import annotations

import base64
import json
import stat
from typing import TYPE_CHECKING

import pytest

from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.session_keys import session_keys
from moongate.core.login_plans import LoginsPlan

if TYPE_CHECKING:
    from pathlib import Path


def test_one_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    plan = LoginsPlan(str(path))
    (key,) = session_keys(plan)
    assert len(key) == 32
    assert session_keys(plan) == [key]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert session_keys(LoginsPlan(str(tmp_path / "other.json"))) != [key]


def test_a_person_can_put_another_in_front(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    (old,) = session_keys(LoginsPlan(str(path)))
    new = base64.b64encode(b"n" * 32).decode()
    path.write_text(json.dumps({"keys": [new, *json.loads(path.read_text())["keys"]]}))
    assert session_keys(LoginsPlan(str(path))) == [b"n" * 32, old]


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": ["AAAA"]}', '{"keys": ["!"]}', "[" * 9999])
def test_a_file_of_something_else_is_no_reason_to_lose_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(PlaceInvalid, match="move it away"):
        session_keys(LoginsPlan(str(path)))
    assert path.read_text() == content


def test_secrets_of_the_config_make_the_same_keys_everywhere(tmp_path: Path) -> None:
    one, two = "a" * 32, "b" * 32
    keys = session_keys(LoginsPlan(str(tmp_path / "none.json"), (one, two)))
    assert [len(key) for key in keys] == [32, 32]
    assert session_keys(LoginsPlan("elsewhere", (two,))) == keys[1:]
    assert one.encode() not in keys
    assert not (tmp_path / "none.json").exists()
