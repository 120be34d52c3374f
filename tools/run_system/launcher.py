"""The life of `make run`: free ports, migrations, children one after the other, the guide, then wait and stop all."""

import fcntl
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn
from urllib.parse import urlsplit

from run_system.children import Child, ChildError
from run_system.guide import guide
from run_system.plan import HOST, SystemPlan

READY_SECONDS = 30.0
MIGRATE_SECONDS = 60.0
STOP_SECONDS = 10.0  # longer than an exchange under way should take; then the child is killed


class StopAsked(Exception):  # noqa: N818 - not an error: somebody pressed Ctrl-C
    """Someone wants the system to end: Ctrl-C, SIGTERM, or the terminal went away."""


class Wake:
    """Signals as one event to wait for: a request to stop, or a child that may have ended."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.stop_asked = 0

    def install(self) -> None:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, self._ask)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: self._event.set())

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked += 1
        self._event.set()

    def pause(self, seconds: float | None = None) -> None:
        """Sleep until a signal, at most `seconds`. Raises StopAsked."""
        self._event.wait(seconds)
        self._event.clear()
        if self.stop_asked:
            raise StopAsked


def port_problems(wanted: Mapping[str, int]) -> list[str]:
    """Say for each port that cannot be listened on what to type instead, before anything is started."""
    problems, proposed = [], set(wanted.values())
    for name, port in wanted.items():
        if list(wanted.values()).count(port) > 1:
            problems.append(f"{name} and another port are both {port}: give each its own")
        elif reason := why_not_free(port):
            free = next((one for one in range(port + 1, 65536) if one not in proposed and not why_not_free(one)), 8080)
            proposed.add(free)
            problems.append(f"port {port} {reason}: try `make run {name}={free}`")
    return problems


def why_not_free(port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            return "is not yours to listen on"
        except OSError:
            return "is taken"
    return ""


def claim(state: Path) -> IO[str]:
    """Keep the directory to ourselves for as long as the file that is returned is open: databases, logs and the copy of
    the grants in it are one system's. Raises ChildError."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        held = (state / "lock").open("w")
    except OSError as error:
        raise ChildError(f"{state} cannot be written to: {error.strerror}: try `make run STATE=DIRECTORY`") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise ChildError(f"another `make run` uses {state}: stop it, or try `make run STATE={state}-2`") from None
    return held


def launch(system: SystemPlan, say: Callable[[str], None]) -> int:
    """Run the system until someone stops it or a part of it dies; return the exit status, with nothing left running."""
    wake = Wake()
    wake.install()
    if problems := port_problems(system.ports):
        say("\n".join(problems))
        return 1
    try:
        held = claim(system.logs.parent)
    except ChildError as error:
        say(str(error))
        return 1
    running: list[Child] = []
    try:
        start(system, running, wake, say)
        say(f"\nMoongate answers on {system.url}; logs are in {system.logs}; Ctrl-C stops everything.")
        for sight in system.sights:
            say(sight)
        say("Paste these lines, in order, into another terminal:\n")
        say(guide(system.url, f"car-{secrets.token_hex(3)}", system.key_file.read_text().strip()))
        watch(running, wake)
    except StopAsked:
        return 0
    except ChildError as error:
        say(f"\n{error}")
        return 1
    finally:
        stop(running, wake, say)
        held.close()


def start(system: SystemPlan, running: list[Child], wake: Wake, say: Callable[[str], None]) -> None:
    """Append each child to `running` before waiting for it, so that whatever happens it is stopped."""
    for plan in (*system.preparations, *system.children):
        began = time.monotonic()
        own = urlsplit(plan.ready_url).port
        # Again, for preparing takes seconds: who took the port meanwhile would answer in the child's place.
        if problems := port_problems({name: port for name, port in system.ports.items() if port == own}):
            raise ChildError("\n".join(problems))
        child = Child(plan, system.logs / f"{plan.name}.log")
        running.append(child)
        say(f"{plan.name}: starting, log in {child.log}")
        if plan.ready_url:
            child.wait_ready(READY_SECONDS, wake.pause)
        else:
            child.wait_end(MIGRATE_SECONDS, wake.pause)
            running.remove(child)
        say(f"{plan.name}: {'ready' if plan.ready_url else 'done'} after {time.monotonic() - began:.1f} s")


def watch(running: list[Child], wake: Wake) -> NoReturn:
    """Raise StopAsked or ChildError, whichever comes first."""
    while True:
        for child in running:
            if child.has_ended():
                raise child.ended()
        wake.pause()


def stop(running: list[Child], wake: Wake, say: Callable[[str], None]) -> None:
    """Stop the last started first; a second Ctrl-C kills what is left."""
    asked = wake.stop_asked
    say("Stopping ...")
    for child in reversed(running):
        if child.has_ended():
            child.kill()  # what it may have left behind
            continue
        in_time = child.stop(STOP_SECONDS, lambda: wake.stop_asked > asked)
        say(f"{child.name}: {'stopped' if in_time else 'killed, it did not stop in time'}")
