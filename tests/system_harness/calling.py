"""Callers as a process beside a test, so that what measures does not wait for what it measures."""

import base64
import json
import os
import subprocess
import sys
from typing import NamedTuple, Self, TypeAlias

from system_harness.caller import Door, Pen
from system_harness.running import STOP_SECONDS, TESTS

Shown: TypeAlias = str | Door | Pen


class Answer(NamedTuple):
    """`began` and `ended` are by the machine's monotonic clock; `status` is 0 where nothing came."""

    name: str
    began: float
    ended: float
    status: int


class Callers:
    """A running `system_harness.caller`; `with` it, and it is gone whatever happens."""

    def __init__(self, port: int, connections: int, rate: float) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "system_harness.caller", str(port), str(connections), str(rate)),
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        self._added = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def add(self, name: str, shown: Shown, path: str = "/") -> None:
        """From now on send, in turn with all others, a request that shows this: a header field, a certificate, a
        signature.

        It says that it is from an address of its own: who shows a wrong credential shall be no burden to others.
        """
        self._added += 1
        address = f"10.{self._added >> 16}.{self._added >> 8 & 255}.{self._added & 255}"
        lines = [f"GET {path} HTTP/1.1", "Host: any.test", f"X-Forwarded-For: {address}"]
        order: dict[str, object] = {"add": name}
        if isinstance(shown, str):
            lines.append(shown)
        else:
            order["door" if isinstance(shown, Door) else "pen"] = shown
        self._tell({**order, "head": "".join(f"{line}\r\n" for line in lines)})

    def drop(self, name: str) -> None:
        self._tell({"drop": name})

    def stop(self) -> list[Answer]:
        """What became of every request."""
        out, _ = self._process.communicate(timeout=2 * STOP_SECONDS)
        return [Answer(*each) for each in json.loads(out)]

    def _tell(self, order: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()


def api_key(text: str) -> str:
    return f"X-API-Key: {text}"


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def basic(name: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
