"""`accounts serve`."""

from pathlib import Path

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run


def test_it_refuses_a_database_without_its_peppers(services: Services, run: Run) -> None:
    path = Path(services.settings.pepper_file)
    path.rename(path.with_name("elsewhere"))
    assert "cannot be read" in run("serve", "--port", "0", status=1)
    services.peppers.create()
    assert "restore its own file" in run("serve", "--port", "0", status=1)
