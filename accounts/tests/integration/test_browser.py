"""The pages in a real browser, where there is one: an admin does a day's work with a mouse, and without any script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts_harness.served import ServedAccounts
from servicekit.testing.browser import CHROMIUM, Browser

DESK, PHONE = (1280, 800), (390, 844)
# Not innerWidth: a phone shows the whole of a page that is too wide, only smaller.
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TABLE_TOO_WIDE = "Math.max(...[...document.querySelectorAll('.wide')].map((one) => one.scrollWidth - one.clientWidth))"
BODY = "document.body.innerText"
SECRET = "document.querySelector('.once code')?.textContent"


@pytest.fixture(scope="module")
def served() -> Iterator[ServedAccounts]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with ServedAccounts() as served:
        yield served


@pytest.fixture
def browser(served: ServedAccounts, tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "profile") as browser:
        yield browser


def fill(browser: Browser, form: str, **fields: str) -> None:
    for name, text in fields.items():
        browser.click(f"form[action$='{form}'] input[name={name}]", leads_on=False)
        browser.write(text)


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_client_from_its_making_to_the_revocation_of_its_key(
    served: ServedAccounts, browser: Browser, size: tuple[int, int]
) -> None:
    name = f"Acme <b>{size[0]}</b>"
    browser.size(*size)
    browser.open(served.base_url)
    browser.click("input[name=token]", leads_on=False)
    browser.write(served.admin_token)
    browser.click("button", "Sign in with a token")
    if size is PHONE:
        browser.click("summary", "New client", leads_on=False)
    fill(browser, "/clients", name=name, labels="team=fleet")
    browser.click("button", "Create client")
    assert browser.evaluate("document.title") == f"{name} · accounts"

    fill(browser, "/keys", name="build server")
    browser.click("button", "Create key")
    secret = browser.evaluate(SECRET)
    assert secret.startswith("mg_live_")
    browser.call("Page.reload")
    browser.open(browser.evaluate("location.href.split('#')[0]"))
    assert browser.evaluate(SECRET) is None
    assert secret not in browser.evaluate("document.documentElement.outerHTML")

    fill(browser, "/grants", actions="read create", resource="inventory/cars/*")
    browser.click("button", "Add grant")
    browser.click("nav a", "Who can do what")
    assert browser.evaluate("document.querySelector('.matrix td .chip').textContent").startswith("read, create")
    browser.click("input[name=action]", leads_on=False)
    browser.write("read")
    browser.click("input[name=resource]", leads_on=False)
    browser.write("inventory/cars/17")
    browser.click("button", "Ask")
    assert "yes" in browser.evaluate("document.querySelector('.chip.yes').innerText")
    assert browser.evaluate(TOO_WIDE) <= 0

    browser.click("tbody a", name)
    browser.click("button", "Revoke")
    assert browser.evaluate("document.querySelector('#keys .chip').textContent") == "revoked"
    assert browser.evaluate(TOO_WIDE) <= 0
    browser.click("nav a", "Audit")
    assert "Unbroken" in browser.evaluate(BODY)
    assert "key.revoked" in browser.evaluate("document.querySelector('tbody tr').innerText")
    assert browser.evaluate(TOO_WIDE) <= 0
    browser.click("button", "Sign out")
    browser.open(served.base_url)
    assert browser.evaluate("location.pathname") == "/sign-in"


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_whatever_things_are_called_they_stay_in_the_window(
    served: ServedAccounts, browser: Browser, size: tuple[int, int]
) -> None:
    word, suffix = "W" * 190, str(size[0])
    with served.admin() as http:
        for path, members in (("roles", {}), ("plans", {"rate": {"requests": 1, "seconds": 1}, "burst": 1})):
            assert http.post(f"/v1/{path}", json={"name": "x" * 60 + suffix, **members}).status_code == 201
        client = http.post("/v1/clients", json={"name": word + suffix, "labels": {"team": word}}).json()["id"]
        grant = {"resource": f"{'x' * 300}/**", "actions": ["read"], "constraint": {"query": {"fleet": word}}}
        assert http.post(f"/v1/clients/{client}/grants", json=grant).status_code == 201
        key = {"name": word, "scopes": ["x" * 64]}
        headers = {"Idempotency-Key": suffix}
        assert http.post(f"/v1/clients/{client}/keys", json=key, headers=headers).status_code == 201
    browser.size(*size)
    browser.open(served.base_url)
    browser.click("input[name=token]", leads_on=False)
    browser.write(served.admin_token)
    browser.click("button", "Sign in with a token")
    for path in ("/", f"/clients/{client}", "/matrix", "/roles", "/plans", "/audit"):
        browser.open(served.base_url + path)
        assert browser.evaluate(TOO_WIDE) <= 0, path
        if size is DESK:  # a phone scrolls what is a table
            assert browser.evaluate(TABLE_TOO_WIDE) <= 0, path
