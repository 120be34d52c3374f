"""Keys."""

import re

from accounts_harness.person import Person

TEXT = re.compile(r"mg_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}")


def test_a_key_is_shown_once_rotated_and_revoked(person: Person) -> None:
    path = person.do("/clients", name="Acme")
    assert person.send(f"{path}/keys", name="", env="live").status_code == 422
    person.do(f"{path}/keys", name="build", env="live", scopes="a b", expires="2090-01-01")
    first = TEXT.findall(person.see(path))
    assert len(first) == 1
    assert TEXT.findall(person.see(path) + person.see("/audit")) == []
    key = first[0].split("_")[2]
    assert person.send(f"{path}/keys/{key}/rotate").status_code == 422
    person.do(f"{path}/keys/{key}/rotate", overlap_seconds="3600")
    second = person.see(path)
    assert len(TEXT.findall(second)) == 1
    assert "chip ending" in second
    assert person.send(f"{path}/keys/{key}/rotate", overlap_seconds="0").status_code == 422
    person.do(f"{path}/keys/{key}/revoke")
    assert "chip revoked" in person.see(path)
    assert person.send(f"{path}/keys/none/revoke").status_code == 404
