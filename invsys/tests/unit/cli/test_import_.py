"""`invsys import`."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from invsys.bootstrap.wiring import Services
from invsys.cli.main import main
from invsys.service.ports import ResourceQuery


@pytest.fixture(autouse=True)
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", database_url)


def write(path: Path, *lines: object) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def names(services: Services) -> list[str]:
    return [row.name for row in services.store.read(lambda tx: tx.resources.page(ResourceQuery("car", 5000)))]


def test_bad_lines_are_told_by_number_and_good_ones_go_in(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path / "cars.jsonl",
        {"resource_type": "car", "name": "a"},
        {"resource_type": "boat", "name": "b"},
        {"resource_type": "cars", "name": "a"},
        {"resource_type": "cars", "nam": "c"},
        {"resource_type": "cars", "name": "d", "capacity": 0},
        [],
        {"resource_type": "cars", "name": "e"},
    )
    assert main(["import", "resources", file]) == 1
    said = capsys.readouterr()
    assert "2 resources imported, 5 lines refused" in said.out
    told = [line.split(":")[2] for line in said.err.splitlines() if line.startswith("invsys:")]
    assert told == ["2", "3", "4", "5", "6"]
    assert sorted(names(services)) == ["a", "e"]


def test_a_dry_run_sees_everything_and_writes_nothing(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"resource_type": "car", "name": f"car {number}"} for number in range(1500)]
    file = write(tmp_path / "cars.jsonl", *lines, lines[0])
    assert main(["import", "resources", file, "--dry-run"]) == 1
    said = capsys.readouterr()
    assert "1500 resources would be imported, nothing was written, 1 lines refused" in said.out
    assert f"{file}:1501:" in said.err
    assert names(services) == []
    assert services.store.read(lambda tx: tx.changes.last()) == 0


def test_allocations_name_their_resource(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cars = tmp_path / "cars.csv"
    cars.write_text("resource_type,name,capacity\ncar,a,2\n")
    assert main(["import", "resources", str(cars)]) == 0
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "resource_type,resource_name,from_datetime,to_datetime,to_infinity,allocation_type,quantity\n"
        "car,a,2030-01-01T00:00:00Z,2030-01-02T00:00:00Z,,booking,2\n"
        "car,a,2030-01-01T12:00:00Z,,true,booking,\n"
        "car,b,2030-01-01T12:00:00Z,,true,booking,\n"
        "car,a,2030-01-02T00:00:00Z,,true,booking,\n"
    )
    assert main(["import", "allocations", str(rows)]) == 1
    said = capsys.readouterr()
    assert "2 allocations imported, 2 lines refused" in said.out
    assert "rows.csv:3: the resource is already allocated" in said.err
    assert "rows.csv:4: there is no resource 'b' here\n" in said.err


def test_what_is_wrong_with_a_table_is_told_in_words(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, told in (
        ("resource_type;name\ncar;a\n", ":2: resource_type: is missing: there is only 'resource_type;name'"),
        ("resource_type,name\ncar,\n,a\n", ":3: resource_type: is missing: there is only 'name'"),
        ("resource_type,name\ncar,a\ncar,a\n", ":3: another car is named 'a': choose another name"),
        ("resource_type,name\nbike,a\n", ":2: resource_type: names no kind: 'bike'"),
    ):
        file = tmp_path / "cars.csv"
        file.write_text(text)
        assert main(["import", "resources", str(file), "--dry-run"]) == 1
        assert told in capsys.readouterr().err


def test_a_name_is_found_whichever_keyboard_typed_it(services: Services, tmp_path: Path) -> None:
    car = {"resource_type": "car", "name": "S\u030ckoda"}
    booking = {"resource_type": "car", "from_infinity": True, "to_infinity": True, "allocation_type": "booking"}
    assert main(["import", "resources", write(tmp_path / "cars.jsonl", car)]) == 0
    assert names(services) == ["\u0160koda"]
    bookings = write(tmp_path / "bookings.jsonl", {**booking, "resource_name": "S\u030ckoda"})
    assert main(["import", "allocations", bookings]) == 0


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "resources", "/nonexistent/file.csv"]) == 1
    assert "cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_import_that_is_cut_off_says_where_to_go_on(
    services: Services, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo = tmp_path / "cars.jsonl"
    os.mkfifo(fifo)
    lines = [json.dumps({"resource_type": "car", "name": f"car {number}"}) + "\n" for number in range(999)]
    with ThreadPoolExecutor(1) as threads:
        status = threads.submit(main, ["import", "resources", str(fifo)])
        with fifo.open("w") as file:
            file.write("no JSON\n" + "".join(lines))
            file.flush()
            while services.store.read(lambda tx: tx.resources.count("car")) < len(lines):
                time.sleep(0.01)
            engine = create_engine(database_url)
            with engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE facets RENAME TO gone")
                connection.exec_driver_sql("ALTER TABLE resources RENAME TO gone_as_well")
            engine.dispose()
            file.write(lines[0])
        assert status.result(30) == 1
    said = capsys.readouterr()
    told = said.err.splitlines()
    assert told[0].startswith(f"invsys: {fifo}:1: ")
    assert told[1] == (
        "invsys: cut off after line 1000: 999 resources imported, 1 lines refused; import what follows it"
    )
    assert "no such table" in told[2]
