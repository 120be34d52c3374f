"""The timeline in a real browser, where there is one: it draws, and a person gets about in it with a mouse."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from invsys_harness import ServedInvsys
from servicekit.testing.browser import CHROMIUM, Browser

DESK, PHONE = (1280, 760), (390, 844)
NAMES = "[...document.querySelectorAll('.name b')].map(one => one.textContent)"
CURRENT = "document.querySelector('[aria-label=Zoom] [aria-current]').textContent"
# Not innerWidth: a phone shows the whole of a page that is too wide, only smaller.
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def seeded() -> Iterator[ServedInvsys]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with ServedInvsys() as served:
        assert served.command("seed").returncode == 0
        yield served


@pytest.fixture
def browser(seeded: ServedInvsys, tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "profile") as browser:
        yield browser


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_it_is_drawn_and_no_wider_than_the_window(
    seeded: ServedInvsys, browser: Browser, size: tuple[int, int]
) -> None:
    browser.size(*size)
    for zoom in ("day", "week", "month"):
        browser.open(f"{seeded.base_url}/?kind=trucks&zoom={zoom}")
        assert browser.evaluate(TOO_WIDE) <= 0, zoom
        assert len(browser.picture()) > 20_000  # an empty page is a tenth of that


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_whatever_things_are_called_they_stay_in_the_window(
    seeded: ServedInvsys, browser: Browser, size: tuple[int, int]
) -> None:
    car = {"name": "W" * 190 + str(size[0]), "labels": {"fleet": "y" * 200}}
    booking = {"from_infinity": True, "to_infinity": True, "allocation_type": "b" * 64, "description": "Z" * 2000}
    with httpx.Client(base_url=seeded.base_url, timeout=30) as http:
        path = http.post("/api/lorries", json=car).headers["Location"]
        made = http.post(f"{path}/allocations", json=booking, headers={"Idempotency-Key": path})
    assert made.status_code == 201
    browser.size(*size)
    for path in ("/?kind=lorries", f"/?kind=lorries#{made.json()['id']}", "/docs"):
        browser.open("about:blank")
        browser.open(seeded.base_url + path)
        browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert browser.evaluate(TOO_WIDE) <= 0, path


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_clicking_through_month_week_filter_and_a_bar(
    seeded: ServedInvsys, browser: Browser, size: tuple[int, int]
) -> None:
    browser.size(*size)
    browser.open(seeded.base_url)
    browser.click("nav a", "Trucks")
    browser.click("nav a", "Month")
    assert browser.evaluate(CURRENT) == "Month"
    browser.click("nav a", "Week")
    assert browser.evaluate(CURRENT) == "Week"
    assert len(browser.evaluate(NAMES)) == 10
    browser.click("input[name=labelled]", leads_on=False)
    browser.write("fleet=south")
    browser.click("button", "Filter")
    assert browser.evaluate(NAMES) == ["truck 02", "truck 05", "truck 08"]
    browser.click("form a", "Clear")
    assert len(browser.evaluate(NAMES)) == 10
    browser.click("li a", leads_on=False)
    assert browser.evaluate("document.querySelector('.card:target dt').textContent") == "What"
    browser.click(".card a", "Close", leads_on=False)
    assert browser.evaluate("document.querySelector('.card:target')") is None
