"""Lines of CSV and JSON Lines files, read and written one at a time.

In CSV a cell that is empty is a member that is absent, and `attributes`, `labels` and `dump` are JSON.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, TextIO

from servicekit.web.body import parse_json
from servicekit.web.problems import RefusalError

MAX_LINE = 1024 * 1024
_JSON_CELLS = frozenset({"attributes", "labels", "dump"})
_NUMBER_CELLS = frozenset({"capacity", "quantity"})
_FLAG_CELLS = {"true": True, "false": False}

Line = tuple[int, dict[str, Any] | RefusalError]
"""A line number, and its members or why it has none."""


def read_lines(source: BinaryIO, form: str) -> Iterator[Line]:
    """The lines of a file in `csv` or `jsonl`; a line that cannot be read is an error and the next one follows."""
    return _csv_lines(source) if form == "csv" else _json_lines(source)


def _json_lines(source: BinaryIO) -> Iterator[Line]:
    number = 0
    while data := source.readline(MAX_LINE):
        number += 1
        if len(data) == MAX_LINE and not data.endswith(b"\n"):
            yield number, RefusalError(413, "line_too_long", f"the line is longer than {MAX_LINE} bytes")
            while (rest := source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        elif data.strip():
            yield number, _object(data)


def _object(data: bytes) -> dict[str, Any] | RefusalError:
    try:
        value = parse_json(data)
    except RefusalError as error:
        return error
    return value if isinstance(value, dict) else RefusalError(422, "no_object", "the line is no JSON object")


def _csv_lines(source: BinaryIO) -> Iterator[Line]:
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(_text(source), strict=True)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            yield max(reader.line_num, 1), RefusalError(400, "bad_csv", f"it is no CSV in UTF-8: {error}")
            return  # after a broken quote nobody can tell where the next line begins
        if cells is None:
            return
        if header is None:
            header = cells
            if twice := sorted({name for name in cells if cells.count(name) > 1}):
                yield 1, RefusalError(400, "bad_csv", f"the header has the column {twice[0]!r} twice")
                return
        elif len(cells) > len(header):
            yield reader.line_num, RefusalError(422, "bad_csv", f"has {len(cells)} cells, the header has {len(header)}")
        elif cells:
            yield reader.line_num, _members(dict(zip(header, cells, strict=False)))


def _text(source: BinaryIO) -> Iterator[str]:
    while data := source.readline(MAX_LINE):
        yield data.decode("utf-8-sig")


def _members(cells: dict[str, str]) -> dict[str, Any] | RefusalError:
    members: dict[str, Any] = {}
    for name, text in cells.items():
        if text == "":
            continue
        try:
            if name in _JSON_CELLS:
                members[name] = parse_json(text.encode())
            elif name in _NUMBER_CELLS and text.isascii() and text.isdigit() and len(text) < 19:
                members[name] = int(text)
            elif "\x00" in text:
                raise RefusalError(422, "bad_csv", "contains a NUL character")
            else:
                members[name] = _FLAG_CELLS.get(text, text) if name.endswith("_infinity") else text
        except RefusalError as error:
            return RefusalError(error.status, error.code, f"{name}: {error.detail}")
    return members


def line_writer(target: TextIO, form: str, columns: Sequence[str]) -> Callable[[dict[str, Any]], None]:
    """A function that writes one line; for CSV the header is written at once."""
    if form == "jsonl":
        return lambda members: print(json.dumps(members, ensure_ascii=False), file=target)
    print(_row(columns), file=target)
    return lambda members: print(_row([_cell(name, members[name]) for name in columns]), file=target)


def _row(cells: Sequence[str]) -> str:
    # Python 3.11 quotes a cell for the characters of its line ending: of CR LF for either, which no reader takes bare.
    row = io.StringIO()
    csv.writer(row).writerow(cells)
    return row.getvalue().removesuffix("\r\n")


def _cell(name: str, value: Any) -> str:
    if name in _JSON_CELLS:
        is_absent = value is None or (value == {} and name != "dump")  # a dump of {} is another than none
        return "" if is_absent else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)
