"""The types of the fixtures that run commands."""

from collections.abc import Callable
from typing import Any

Run = Callable[..., str]
"""Arguments, and the exit status that is expected; what was said on stdout, on stderr where the status is not 0."""
RunJson = Callable[..., Any]
"""Arguments; the JSON value that was said."""
