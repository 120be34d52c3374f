import json
from pathlib import Path

import pytest

from gateway_harness.granted import granted
from moongate.cli.main import main


def test_a_table_of_those_who_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(granted(tmp_path))
    assert main(["who-can", "GET", "/api/cars/7", "--config", config]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["CLIENT", "c1", "c2"]
    assert main(["who-can", "DELETE", "/api/cars/7", "--config", config]) == 0
    assert capsys.readouterr().out == "no client may\n"
    assert main(["who-can", "GET", "/api/cars", "--config", config, "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["Client 1", "Client 2"]
