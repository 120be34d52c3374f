"""What gateway/README.md tells operators is all that there is: codes with their statuses, fields of the log."""

from __future__ import annotations

import re
from pathlib import Path

from moongate.core import errors
from moongate.observe.access_log import Line

TEXT = (Path(__file__).parents[2] / "README.md").read_text()
ROW = re.compile(r"^\| (`[a-z0-9_`, ]+`) \| (\d{3}) \|", re.MULTILINE)
NAMES = re.compile(r"`([a-z0-9_]+)`")


def test_every_code_is_there_with_its_status() -> None:
    told = {(code, int(status)) for codes, status in ROW.findall(TEXT) for code in NAMES.findall(codes)}
    failures = [each for each in vars(errors).values() if isinstance(each, errors.Failure)]
    assert told == {(each.code, each.status) for each in failures if each is not errors.CLIENT_GONE}


def test_every_field_of_the_log_is_there_in_its_order() -> None:
    section = TEXT.split("### The access log\n")[1].split("\n### ")[0]
    first_column = "".join(line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `"))
    assert tuple(NAMES.findall(first_column)) == Line.__struct_fields__
