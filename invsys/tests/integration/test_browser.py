"""The timeline in a real browser, where there is one: it draws, and a person gets about in it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from invsys_harness import ServedInvsys

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def seeded() -> Iterator[ServedInvsys]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with ServedInvsys() as served:
        assert served.command("seed").returncode == 0
        yield served


def browse(path: str, served: ServedInvsys, *options: str, profile: Path) -> str:
    assert CHROMIUM is not None
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
    ]
    ran = subprocess.run(
        [*command, *options, served.base_url + path], capture_output=True, text=True, timeout=60, check=True
    )
    return ran.stdout


def test_it_is_drawn(seeded: ServedInvsys, tmp_path: Path) -> None:
    for size in ("1280,900", "390,844"):
        picture = tmp_path / f"{size}.png"
        browse("/", seeded, f"--window-size={size}", f"--screenshot={picture}", profile=tmp_path / "profile")
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size > 20_000  # an empty page is a tenth of that


def test_week_and_filter_are_links_and_a_form(seeded: ServedInvsys, tmp_path: Path) -> None:
    """The document as the browser understood it; each step follows what the page before offered."""
    profile = tmp_path / "profile"
    month = browse("/?kind=trucks&zoom=month", seeded, "--dump-dom", profile=profile)
    week = (
        month.split('aria-label="Zoom"')[1]
        .split(">Week<")[0]
        .rpartition('href="')[2]
        .split('"')[0]
        .replace("&amp;", "&")
    )
    shown = browse(week, seeded, "--dump-dom", profile=profile)
    assert 'aria-current="page">Week<' in shown
    assert 'name="labelled"' in shown
    filtered = browse(f"{week}&labelled=fleet%3Dsouth", seeded, "--dump-dom", profile=profile)
    assert filtered.count('class="row"') < shown.count('class="row"')
    assert "<small>fleet=north" not in filtered
    assert "<small>fleet=south" in filtered
