"""Roles and plans."""

from accounts_harness.person import Person

PLAN = {"name": "p", "rate": "100", "seconds": "1", "burst": "200", "quota": "5000", "period": "day", "concurrency": ""}
ROLE = {"name": "reader", "effect": "allow", "actions": "read", "resource": "cars/*", "query": "", "expires": ""}


def test_plans_are_made_and_wrong_ones_told_at_the_field(person: Person) -> None:
    for field, text in (("rate", "x"), ("rate", ""), ("quota", "0"), ("name", "P"), ("concurrency", "-1")):
        answer = person.send("/plans", **{**PLAN, field: text})
        assert (answer.status_code, f'id="plan-{field}-wrong"' in answer.text) == (422, True)
    assert person.send("/plans", **{**PLAN, "period": "aeon"}).status_code == 422
    person.do("/plans", **PLAN)
    assert "5,000 a day" in person.see("/plans")
    assert person.send("/plans", **PLAN).status_code == 422


def test_roles_are_made_and_wrong_ones_told_at_the_field(person: Person) -> None:
    for field, text in (("name", "A b"), ("actions", ""), ("resource", "")):
        answer = person.send("/roles", **{**ROLE, field: text})
        assert (answer.status_code, f'id="role-{field}-wrong"' in answer.text) == (422, True)
    person.do("/roles", **ROLE)
    assert "cars/*" in person.see("/roles")
