import json
from pathlib import Path

import pytest

from gateway_harness.granted import granted
from moongate.cli.main import main


def test_yes_and_no_are_the_status_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(granted(tmp_path))
    assert main(["can", "Client 1", "GET", "/api/cars/7", "--config", config]) == 0
    assert capsys.readouterr().out.startswith("yes: its grant 'allow read on inventory/cars/**' decides")
    assert main(["can", "c1", "DELETE", "/api/cars/7", "--config", config]) == 1
    assert capsys.readouterr().out == "no: client c1 has no grant for delete on inventory/cars/7\n"
    assert main(["can", "c1", "GET", "/api/cars", "--config", config, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_allowed"] is True


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nobody", "GET", "/api/cars"), 1, "accounts knows no client 'nobody'"),
        (("c1", "/api/cars", "GET"), 2, "the method comes first: moongate can CLIENT GET /api/cars"),
        (("c1", "GET", "/api/cars", "-H", "x"), 2, "'x' is no header"),
    ],
)
def test_first_wrong_tries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    assert main(["can", *arguments, "--config", str(granted(tmp_path))]) == status
    assert said in capsys.readouterr().err
