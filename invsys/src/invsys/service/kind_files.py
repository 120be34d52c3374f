"""Kinds as a person writes them: a TOML file of `[[kind]]` tables, or the options of a command."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import parse_instant
from invsys.domain.kind import Kind, Mode

_DURATION = re.compile(r"(\d+)(s|m|h|d)", re.ASCII)
_UNIT_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_MEMBERS = {"code", "plural", "slot", "anchor", "attributes_schema"}


def read_kinds(text: str) -> list[Kind]:
    """The kinds of a TOML file. Raises InvalidValueError that names the table and the member."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValueError("kinds file", "bad_toml", f"is no TOML: {error}") from None
    tables = document.pop("kind", [])
    if document or not isinstance(tables, list):
        raise InvalidValueError("kinds file", "bad_kinds", "has something beside [[kind]] tables")
    kinds = []
    for number, table in enumerate(tables, 1):
        try:
            kinds.append(build_kind(table))
        except InvalidValueError as error:
            raise InvalidValueError(f"kind {number}, {error.field}", error.code, error.detail) from None
    return kinds


def build_kind(table: Mapping[str, Any]) -> Kind:
    """A kind from its members; with a slot it is an interval kind. Raises InvalidValueError."""
    unknown = sorted(set(table) - _MEMBERS)
    if unknown:
        raise InvalidValueError(
            unknown[0], "unknown", f"is no member of a kind; there are {', '.join(sorted(_MEMBERS))}"
        )
    for name in ("code", "plural"):
        if not isinstance(table.get(name), str):
            raise InvalidValueError(name, "missing", "must be given, as text")
    slot = table.get("slot")
    schema = table.get("attributes_schema")
    if schema is not None and not isinstance(schema, dict):
        raise InvalidValueError("attributes_schema", "bad_schema", "must be an object")
    return Kind(
        code=table["code"],
        plural=table["plural"],
        mode=Mode.CONTINUOUS if slot is None else Mode.INTERVAL,
        slot=None if slot is None else _duration(slot),
        anchor=_anchor(table.get("anchor")),
        attributes_schema=schema,
    )


def _duration(value: object) -> int:
    found = _DURATION.fullmatch(str(value))
    if found is None or len(found[1]) > 9:
        raise InvalidValueError("slot", "bad_duration", "must be a number with s, m, h or d, such as 30m")
    return int(found[1]) * _UNIT_US[found[2]]


def _anchor(value: object) -> int:
    if value is None:
        return 0
    try:
        return parse_instant(str(value).replace(" ", "T"))
    except ValueError as error:
        raise InvalidValueError("anchor", "bad_instant", str(error)) from None
