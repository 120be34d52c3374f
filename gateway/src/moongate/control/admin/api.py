"""The endpoints of the admin API. Each reads what it is asked, asks control, and answers; every change is told in the
journal with who asked for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from moongate.compile.offline import Request as Asked
from moongate.control.accounts.access import explain_for, who_can
from moongate.control.accounts.looking import LookFailed
from moongate.control.admin.access import Access
from moongate.control.admin.answers import AdminRefused, answer, plain, problem
from moongate.control.admin.openapi import Endpoint, document
from moongate.control.admin.state import config_of, metrics_of, problem_of, routes_of, services_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from moongate.control.journal import Journal
    from moongate.control.reload import Outcome, Reloader
    from moongate.control.supervisor import Supervisor

T = TypeVar("T", bound=msgspec.Struct)
P = ParamSpec("P")
R = TypeVar("R")

MAX_BODY_BYTES: Final = 64 * 1024


class ReloadRequest(msgspec.Struct, forbid_unknown_fields=True):
    """``dry_run``: have everything made ready, and change nothing."""

    dry_run: bool = False


class ExplainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A request as a person gives it; headers as name and value. With a ``client``, by id or name, it is decided for
    that one, as if a credential with these scopes had proved it."""

    url: str
    method: str = "GET"
    headers: list[tuple[str, str]] = []
    client: str | None = None
    scopes: list[str] = []


class DrainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A target by its URL, or a worker by its number."""

    target: str | None = None
    worker: int | None = None


class UndrainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A target by its URL."""

    target: str


class Api:
    """What may be asked of control. ``is_leaving`` says whether it was told to end."""

    def __init__(
        self, reloader: Reloader, supervisor: Supervisor, journal: Journal, is_leaving: Callable[[], bool]
    ) -> None:
        self._reloader = reloader
        self._supervisor = supervisor
        self._journal = journal
        self._drained: set[str] = set()
        self._is_leaving = is_leaving
        self.endpoints = (*self._reading(), *self._changing())

    def _reading(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint("GET", "/healthz", "Whether the control process lives.", self._healthz),
            Endpoint(
                "GET",
                "/readyz",
                "Whether clients should be sent here.",
                self._readyz,
                statuses={503: "The gateway is leaving, or no worker serves."},
            ),
            Endpoint("GET", "/metrics", "Metrics for Prometheus.", self._metrics),
            Endpoint("GET", "/routes", "The routes in match order.", self._routes),
            Endpoint("GET", "/services", "The services with the live state of their targets.", self._services),
            Endpoint("GET", "/config", "What is served, without its secrets, and its digest.", self._config),
            Endpoint("GET", "/openapi.json", "This description.", self._openapi),
            Endpoint(
                "GET",
                "/explain",
                "Which route a request would take, and why every other one would not.",
                self._explain_query,
                query={"url": "As in http://host/path?query.", "method": "GET where absent.", "header": "Name: value"},
                statuses={400: "This is no request."},
            ),
            Endpoint(
                "POST",
                "/explain",
                "Which route a request would take, and why every other one would not.",
                self._explain_body,
                body=ExplainRequest,
                statuses={400: "This is no request.", 404: "No such client is known here."},
            ),
            Endpoint(
                "POST",
                "/who-can",
                "The clients that may make a request, and which of their grants decides.",
                self._who_can,
                body=ExplainRequest,
                statuses={400: "This is no request.", 404: "No clients are known here."},
            ),
        )

    def _changing(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "POST",
                "/reload",
                "Read the config again, and serve it; only where If-Match holds the digest that is served.",
                self._reload,
                body=ReloadRequest,
                statuses={412: "Something else is served.", 422: "The config is refused; `problems` says why."},
            ),
            Endpoint(
                "POST",
                "/drain",
                "Send a target nothing new, or replace a worker that then ends in good order.",
                self._drain,
                body=DrainRequest,
                statuses={404: "There is no such target or worker.", 409: "It is the last target of a service."},
            ),
            Endpoint(
                "POST",
                "/undrain",
                "Send a target requests again.",
                self._undrain,
                body=UndrainRequest,
                statuses={404: "It is not drained."},
            ),
        )

    def app(self, token: Callable[[], str | None]) -> ASGIApp:
        """The whole API for a server; ``token`` tells what has to be shown."""
        routes = [Route(each.path, each.handler, methods=[each.method]) for each in self.endpoints]
        handlers = {AdminRefused: _refused, HTTPException: _not_here, Exception: _failed}
        return Access(Starlette(routes=routes, exception_handlers=handlers), token)  # type: ignore[arg-type]

    async def _healthz(self, _: Request) -> Response:
        return answer({"status": "ok"})

    async def _readyz(self, _: Request) -> Response:
        if self._is_leaving():
            raise AdminRefused(503, "draining", "The gateway is leaving.")
        if not self._supervisor.is_serving:
            raise AdminRefused(503, "no_worker", "No worker serves.")
        return answer({"status": "ready"})

    async def _metrics(self, request: Request) -> Response:
        exposition = await metrics_of(self._reloader, self._supervisor)
        return plain(*await asyncio.to_thread(exposition.write, request.headers.get("accept", "")))

    async def _routes(self, _: Request) -> Response:
        return answer(await asyncio.to_thread(routes_of, self._reloader.serving))

    async def _services(self, _: Request) -> Response:
        states = await self._supervisor.inspect()
        return answer(services_of(self._reloader.serving, states, self._drained))

    async def _config(self, _: Request) -> Response:
        told = await asyncio.to_thread(config_of, self._reloader)
        return answer(told, headers={"ETag": f'"{told["digest"]}"'})

    async def _openapi(self, _: Request) -> Response:
        return answer(document(self.endpoints))

    async def _explain_query(self, request: Request) -> Response:
        query = request.query_params
        if "url" not in query:
            raise AdminRefused(400, "bad_request", "Say which request: /explain?method=GET&url=/path")
        headers = [tuple(each.split(":", 1)) for each in query.getlist("header")]
        if any(len(each) != 2 for each in headers):
            raise AdminRefused(400, "bad_request", "A header is given as header=Name:%20value.")
        pairs = tuple((name, value.strip()) for name, value in headers)
        return await self._explain(Asked(query.get("method", "GET"), query["url"], pairs))

    async def _explain_body(self, request: Request) -> Response:
        asked = await _body(request, ExplainRequest)
        request_ = Asked(asked.method, asked.url, tuple(asked.headers))
        return await self._explain(request_, asked.client, asked.scopes)

    async def _explain(self, asked: Asked, client: str | None = None, scopes: Sequence[str] = ()) -> Response:
        snapshot = self._reloader.serving
        explained = await _decided(explain_for, snapshot, asked, client, scopes)
        services = services_of(snapshot, await self._supervisor.inspect(), self._drained)["services"]
        live: list[dict[str, object]] = next(
            (each["targets"] for each in services if each["name"] == explained["service"]), []
        )
        return answer({"generation": snapshot.generation, **explained, "live_targets": live})

    async def _who_can(self, request: Request) -> Response:
        body = await _body(request, ExplainRequest)
        asked, snapshot = Asked(body.method, body.url, tuple(body.headers)), self._reloader.serving
        found = await _decided(who_can, snapshot, asked, body.scopes)
        return answer({"generation": snapshot.generation, "clients": [each._asdict() for each in found]})

    async def _reload(self, request: Request) -> Response:
        asked = await _body(request, ReloadRequest)
        digest = request.headers.get("if-match", "").removeprefix("W/").strip('"')
        if digest == "*":
            digest = ""
        if asked.dry_run:
            outcome = await self._reloader.rehearse(digest)
        else:
            self._journal.say(f"admin {_who(request)} asks for a reload")
            outcome = await self._reloader.reload("asked to by the admin API", if_digest=digest)
        return _told(outcome)

    async def _drain(self, request: Request) -> Response:
        asked = await _body(request, DrainRequest)
        if asked.worker is not None and asked.target is None:
            if not self._supervisor.retire(asked.worker):
                raise AdminRefused(404, "worker_unknown", f"No worker {asked.worker} serves.")
            self._journal.say(f"admin {_who(request)} drains worker {asked.worker}")
            return answer({"worker": asked.worker, "drained": True})
        if asked.target is None or asked.worker is not None:
            raise AdminRefused(400, "bad_request", 'Name {"target": URL} or {"worker": NUMBER}.')
        self._judge_drain(asked.target)
        self._avoid(self._drained | {asked.target})
        self._journal.say(f"admin {_who(request)} drains target {asked.target}")
        return answer({"target": asked.target, "drained": True})

    async def _undrain(self, request: Request) -> Response:
        asked = await _body(request, UndrainRequest)
        if asked.target not in self._drained:
            raise AdminRefused(404, "target_unknown", "This target is not drained.")
        self._avoid(self._drained - {asked.target})
        self._journal.say(f"admin {_who(request)} undrains target {asked.target}")
        return answer({"target": asked.target, "drained": False})

    def _judge_drain(self, url: str) -> None:
        users = [urls for urls in self._reloader.targets().values() if url in urls]
        if not users:
            raise AdminRefused(404, "target_unknown", "No service has this target; GET /services lists their URLs.")
        if any(set(urls) <= self._drained | {url} for urls in users):
            raise AdminRefused(409, "last_target", "It is the last target that takes requests of one of its services.")

    def _avoid(self, drained: set[str]) -> None:
        self._drained = drained
        self._supervisor.avoid(sorted(drained))


async def _decided(decide: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """What ``decide`` says, in a thread; what it can not say as an answer."""
    try:
        return await asyncio.to_thread(decide, *args, **named)
    except LookFailed as failed:
        raise AdminRefused(404, "client_unknown", str(failed)) from None
    except ValueError as error:
        raise AdminRefused(400, "bad_request", str(error)) from None


def _who(request: Request) -> str:
    return request.client.host if request.client is not None else "somebody"


async def _body(request: Request, kind: type[T]) -> T:
    """What was sent as ``kind``; nothing at all is its defaults."""
    data = b""
    try:
        async for piece in request.stream():
            data += piece
            if len(data) > MAX_BODY_BYTES:
                raise AdminRefused(413, "body_too_large", f"Send at most {MAX_BODY_BYTES // 1024} KiB.")
        return msgspec.json.decode(data or b"{}", type=kind)
    except ClientDisconnect:
        raise AdminRefused(400, "bad_request", "The body was cut off.") from None
    except ValueError as error:  # of msgspec, or of text that is no UTF-8
        raise AdminRefused(400, "bad_request", str(error)) from None


def _told(outcome: Outcome) -> Response:
    told = {"result": outcome.result, "generation": outcome.generation, "digest": outcome.digest}
    if outcome.result == "outdated":
        raise AdminRefused(412, "outdated", "If-Match names another digest than is served.", **told)
    if outcome.result == "refused":
        problems = [problem_of(each, with_excerpt=True) for each in outcome.problems]
        raise AdminRefused(422, "config_refused", "What was served goes on.", **told, problems=problems)
    return answer(told)


async def _refused(_: Request, refused: AdminRefused) -> Response:
    return problem(refused)


async def _not_here(_: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        return problem(AdminRefused(405, "method_not_allowed", "GET /openapi.json says what may be asked."))
    return problem(AdminRefused(404, "not_found", "GET /openapi.json says what may be asked."))


async def _failed(_: Request, __: Exception) -> Response:
    return problem(AdminRefused(500, "internal", "The standard error of the gateway says more."))
