"""Who may do what."""

from accounts.domain.client import Client
from accounts.domain.decision import Held
from accounts.domain.grant import Effect, Grant
from accounts.web.pages.matrix import MAX_PATTERNS, lay_out
from accounts_harness.person import Person


def test_the_table_has_what_is_live_and_says_what_it_leaves_out() -> None:
    client = Client("cl_a", "Acme", 0)
    held = [
        Held(Grant("a/*", ("*",))),
        Held(Grant("a/*", ("read",), Effect.DENY), "r"),
        Held(Grant("b", ("x",), expires_at=1)),
    ]
    table = lay_out([client], {"cl_a": held}, 2_000_000)
    assert (table.patterns, table.left_out) == (["a/*"], 0)
    assert [(cell.look, cell.actions, cell.role) for cell in table.rows[0][1][0]] == [
        ("allow", "everything", None),
        ("deny", "read", "r"),
    ]
    many = [Held(Grant(f"p{number}", ("read",))) for number in range(MAX_PATTERNS + 2)]
    assert lay_out([client], {"cl_a": many}, 0).left_out == 2


def test_a_question_is_answered_with_the_grant_that_decides(person: Person) -> None:
    path = person.do("/clients", name="Acme")
    person.do("/clients", name="Bolt")
    person.do(f"{path}/grants", effect="allow", actions="read", resource="cars/*", query="", expires="")
    assert "cars/*" in person.see("/matrix")
    text = person.see("/matrix?action=read&resource=cars/1")
    assert (text.count("chip yes"), text.count("chip no")) == (1, 1)
    assert "granted by" in text
    for query in ("action=read", "resource=cars/1", "action=*&resource=cars/1", "action=read&resource=/x"):
        answer = person.client.get(f"/matrix?{query}")
        assert (answer.status_code, 'class="wrong"' in answer.text) == (422, True)
