"""Clients."""

from accounts_harness.person import Person


def test_make_search_suspend_resume_and_close(person: Person) -> None:
    path = person.do("/clients", name="Acme <script>", labels="team=a")
    person.do("/clients", name="Bolt")
    text = person.see("/")
    assert "Acme &lt;script&gt;" in text
    assert "<script>" not in text
    assert "Bolt" not in person.see("/?name=Acme&status=")
    for status in ("suspended", "active"):
        person.do(f"{path}/status", status=status)
        assert f'<span class="chip {status}">' in person.see(path)
    assert person.send(f"{path}/status", status="closed", name="Bolt").status_code == 422
    person.do(f"{path}/status", status="closed", name="Acme <script>")
    assert "Create key" not in person.see(path)
    assert person.send(f"{path}/status", status="active").status_code == 422
    assert "Acme" in person.see("/?status=closed")


def test_what_is_wrong_is_told_at_the_field_with_what_was_typed(person: Person) -> None:
    person.do("/clients", name="Acme")
    for name, told in (("Acme", "another client has this name"), ("a\x1b[2J", "visible characters"), ("", "visible")):
        answer = person.send("/clients", name=name, labels="k=kept")
        assert (answer.status_code, told in answer.text) == (422, True)
        assert 'value="k=kept"' in answer.text
    assert person.send("/clients", name="a\x00").status_code == 400


def test_plan_and_roles_are_given_and_nobody_is_overwritten(person: Person) -> None:
    path = person.do("/clients", name="Acme")
    plan = {"name": "p", "rate": "1", "seconds": "1", "burst": "1", "quota": "", "period": "day", "concurrency": ""}
    person.do("/plans", **plan)
    person.do("/roles", name="reader", effect="allow", actions="read", resource="a/**", query="", expires="")
    person.do(f"{path}/belongings", plan="p", roles=["reader"], version="1")
    assert "role reader" in person.see(path)
    stale = person.send(f"{path}/belongings", plan="", version="1")
    assert (stale.status_code, "somebody changed it" in stale.text) == (422, True)


def test_a_long_list_has_pages(person: Person) -> None:
    for number in range(51):
        person.do("/clients", name=f"c{number:02}")
    first = person.see("/")
    link = first.partition('class="more"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert ("c49<" in first, "c50<" in first, "c50<" in person.see(link)) == (True, False, True)
