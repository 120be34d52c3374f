"""The admin address: bound, served on control's own loop, moved by a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from moongate.net.listener import address_of, bind

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from moongate.compile import AdminPlan
    from moongate.control.admin.server import Server
    from moongate.control.journal import Journal
    from moongate.net.tasks import Tasks


class AdminUnbound(OSError):  # noqa: N818 - what happened
    """The admin address can not be bound."""


class Bound(NamedTuple):
    """``sock`` is None where there is no address, or none that could be had."""

    plan: AdminPlan | None
    sock: socket.socket | None


class Door:
    """Where operators come in."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._bound = Bound(None, None)
        self._server: Server | None = None
        self._make_app: Callable[[], ASGIApp] | None = None
        self._app: ASGIApp | None = None
        self._tasks: Tasks | None = None

    @property
    def token(self) -> str | None:
        """What callers have to show; None where nothing is asked."""
        return self._bound.plan.token if self._bound.plan is not None else None

    def bind(self, plan: AdminPlan | None) -> Bound:
        """The address of ``plan``, bound. Raises AdminUnbound where that can not be and somebody wrote it into a
        config; else it is warned of."""
        if plan is None:
            return Bound(None, None)
        now = self._bound
        if now.sock is not None and now.plan is not None and (now.plan.host, now.plan.port) == (plan.host, plan.port):
            return Bound(plan, now.sock)
        try:
            return Bound(plan, bind(plan.host, plan.port))
        except OSError as error:
            if plan.is_required:
                raise AdminUnbound(error.errno, error.strerror, error.filename) from None
            self._journal.say(
                f"warning: no admin address, {error.filename} can not be had ({error.strerror}): "
                "choose another with `admin: {bind: ADDRESS:PORT}`, or write `admin: off`"
            )
            return Bound(plan, None)

    def discard(self, bound: Bound) -> None:
        """``bound`` was for nothing."""
        if bound.sock is not None and bound.sock is not self._bound.sock:
            bound.sock.close()

    def open(self, make_app: Callable[[], ASGIApp], tasks: Tasks) -> None:
        """Serve the app that ``make_app`` makes on what is adopted, now and later. It is made, and what serves it is
        imported, only where there is an address."""
        self._make_app, self._tasks = make_app, tasks
        self._serve()

    def adopt(self, bound: Bound) -> None:
        """``bound`` is the address from now on; requests that run on the one before end in good order."""
        before, self._bound = self._bound, bound
        if bound.sock is before.sock:
            return
        self._leave()
        if before.sock is not None:
            before.sock.close()  # the server has a duplicate
        self._serve()

    def close(self) -> None:
        """Serve no longer."""
        self._leave()
        if self._bound.sock is not None:
            self._bound.sock.close()
        self._bound = Bound(None, None)

    def _serve(self) -> None:
        sock = self._bound.sock
        if sock is None or self._make_app is None or self._tasks is None:
            return
        from moongate.control.admin.server import Server

        if self._app is None:
            self._app = self._make_app()
        self._server = Server(self._app)
        self._tasks.spawn(self._server.run_on(sock.dup()))
        host, port = address_of(sock)
        self._journal.say(f"admin on http://{f'[{host}]' if ':' in host else host}:{port}")

    def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.should_exit = True
