"""Lines of files."""

import io
from typing import Any

import pytest

from invsys.cli.lines import MAX_LINE, line_writer, read_lines
from servicekit.web.problems import RefusalError


def read(data: bytes, form: str) -> list[tuple[int, Any]]:
    return [
        (number, members.code if isinstance(members, RefusalError) else members)
        for number, members in read_lines(io.BytesIO(data), form)
    ]


def test_json_lines() -> None:
    data = b'{"a": 1}\n\n[1]\n{"a": \n{"a": 1, "a": 2}\n{"a": "\xff"}\n{"b": "\\u0000"}\n{"c": 2}'
    assert read(data, "jsonl") == [
        (1, {"a": 1}),
        (3, "no_object"),
        (4, "bad_json"),
        (5, "bad_json"),
        (6, "bad_json"),
        (7, "validation_failed"),
        (8, {"c": 2}),
    ]


def test_a_line_without_end_is_refused_in_bounded_memory() -> None:
    data = b'{"a": "' + b"x" * (2 * MAX_LINE) + b'"}\n{"a": 1}\n'
    assert read(data, "jsonl") == [(1, "line_too_long"), (2, {"a": 1})]


def test_csv() -> None:
    data = b"\xef\xbb\xbfname,capacity,labels,to_infinity\r\n"
    data += b'a,3,"{""x"": ""1""}",true\r\n"b\nc",,,\r\nd,1,2,3,4\r\ne,x,{,\r\n'
    assert read(data, "csv") == [
        (2, {"name": "a", "capacity": 3, "labels": {"x": "1"}, "to_infinity": True}),
        (4, {"name": "b\nc"}),
        (5, "bad_csv"),
        (6, "bad_json"),
    ]
    assert read(b'name\n"open', "csv") == [(2, "bad_csv")]
    assert read(b"name\n\xff\n", "csv")[0][1] == "bad_csv"
    assert read(b"name,name\na,b\n", "csv") == [(1, "bad_csv")]
    assert read(b"name,description\na,b\x00c\nd,e\n", "csv") == [(2, "bad_csv"), (3, {"name": "d", "description": "e"})]
    assert read(b"", "csv") == []


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_written_is_read_again(form: str) -> None:
    columns = ("name", "capacity", "labels", "dump", "to_infinity", "description")
    lines = [
        {
            "name": 'a "b", c',
            "capacity": 2,
            "labels": {"ü": "1"},
            "dump": [None],
            "to_infinity": True,
            "description": "x",
        },
        {"name": "a\nb", "capacity": 1, "labels": {}, "dump": None, "to_infinity": False, "description": None},
        {"name": "c", "capacity": 1, "labels": {}, "dump": {}, "to_infinity": False, "description": "a\rb\r\nc\r"},
    ]
    target = io.StringIO()
    write = line_writer(target, form, columns)
    for line in lines:
        write(line)
    said = [{name: value for name, value in line.items() if value not in (None, False)} for line in lines]
    for line in said:
        if line["labels"] == {}:
            del line["labels"]
    read_again = [members for _, members in read(target.getvalue().encode(), form)]
    assert [{name: line[name] for name in line if line[name] not in (None, False)} for line in read_again] == (
        said if form == "csv" else [{"labels": {}, **line} for line in said]
    )
