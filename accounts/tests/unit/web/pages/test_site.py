"""All pages together."""

from accounts_harness.person import Person


def test_each_page_of_the_menu_is_there(person: Person) -> None:
    for path in ("/", "/matrix", "/roles", "/plans", "/audit"):
        assert f'<a href="{path}" aria-current="page">' in person.see(path)
