"""Grants."""

import re

import pytest

from accounts_harness.person import Person

GRANT = {"effect": "allow", "actions": "read create", "resource": "inventory/cars/*", "query": "", "expires": ""}


def test_a_grant_is_given_and_taken_back(person: Person) -> None:
    path = person.do("/clients", name="Acme")
    person.do(f"{path}/grants", **{**GRANT, "query": "fleet=acme"})
    found = re.search(r"/grants/(gr_\w+)/remove", person.see(path))
    assert found
    person.do(f"{path}/grants/{found[1]}/remove")
    assert "No grants" in person.see(path)
    assert person.send(f"{path}/grants/{found[1]}/remove").status_code == 404


@pytest.mark.parametrize(
    ("field", "text"),
    [("resource", "/a"), ("actions", ""), ("query", "x"), ("expires", "2001-01-01"), ("effect", "maybe")],
)
def test_a_wrong_field_is_named(person: Person, field: str, text: str) -> None:
    path = person.do("/clients", name="Acme")
    answer = person.send(f"{path}/grants", **{**GRANT, field: text})
    assert (answer.status_code, f'id="grant-{field}-wrong"' in answer.text) == (422, True)
