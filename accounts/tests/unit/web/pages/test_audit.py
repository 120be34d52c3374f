"""The audit."""

from sqlalchemy import text

from accounts_harness.person import Person
from servicekit.storage.engine import build_engine


def test_the_newest_comes_first_with_the_proof(person: Person, database_url: str) -> None:
    path = person.do("/clients", name="Acme <b>")
    page = person.see("/audit")
    assert page.index("client.created") < page.index("admin_token.created")
    assert ("Unbroken" in page, "<b>&#34;" in page, "Acme &lt;b&gt;" in page) == (True, False, True)
    assert "admin_token" not in person.see(f"/audit?subject={path.rpartition('/')[2]}")
    engine = build_engine(database_url, 1, "accounts")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_is_final_update"))
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE seq = 2"))
    engine.dispose()
    assert "The audit is broken" in person.see("/audit")
