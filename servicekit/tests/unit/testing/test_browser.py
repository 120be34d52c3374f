"""The driven browser."""

from pathlib import Path

import pytest

from servicekit.testing.browser import CHROMIUM, Browser


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_it_clicks_types_and_says_what_is_missing(tmp_path: Path) -> None:
    with Browser(tmp_path / "profile") as browser:
        browser.open("data:text/html,<input><p>text</p>")
        browser.click("input", leads_on=False)
        browser.write("typed")
        assert browser.evaluate("document.querySelector('input').value") == "typed"
        with pytest.raises(LookupError, match="no p 'other' is to be seen"):
            browser.click("p", "other")
        assert browser.picture().startswith(b"\x89PNG")
