"""The log."""

import io
import json
import logging
import sys

import pytest

from servicekit.process.logs import install


def test_everything_said_is_one_json_line(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("notes")
    before = (logger.handlers, logger.level, logger.propagate)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        install("notes")
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logging.getLogger("notes.x").exception("it \u2028 failed", extra={"fields": {"a": 1}})
    finally:
        logger.handlers, logger.level, logger.propagate = before
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"], said["a"]) == ("error", "notes.x", "it \u2028 failed", 1)
    assert "ValueError: two\nlines" in said["exception"]
