"""What is seen from outside: one JSON log line and the metrics of each request, its id and trace carried through."""

import logging
import re
import time
import uuid
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(app: Flask, program: str) -> Blueprint:
    """Watch every request of the application, and give the route `/metrics`.

    Metrics begin with the name of the program, and are those of this process: a service is served by one. The log is
    `PROGRAM.access`.
    """
    log = logging.getLogger(f"{program}.access")
    registry = CollectorRegistry()
    labels = ("method", "route", "status")
    total = Counter(f"{program}_requests", "Requests answered.", labels, registry=registry)
    seconds = Histogram(
        f"{program}_request_duration_seconds", "Time to answer.", labels[:2], buckets=_BUCKETS, registry=registry
    )
    running = Gauge(f"{program}_requests_in_flight", "Requests being answered.", registry=registry)
    routes = Blueprint("metrics", __name__)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())
        running.inc()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        trace = request.headers.get("traceparent", "")
        if _TRACEPARENT.fullmatch(trace):
            response.headers["traceparent"] = trace
        elapsed = time.perf_counter() - g.began
        # Never the path: each id would be a series of its own.
        route = request.url_rule.rule if request.url_rule is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        total.labels(method, route, str(response.status_code)).inc()
        seconds.labels(method, route).observe(elapsed)
        if route not in ("/healthz", "/readyz", "/metrics"):
            log.info("request", extra={"fields": _fields(response, elapsed, trace)})
        return response

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        running.dec()

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _fields(response: Response, elapsed: float, trace: str) -> dict[str, Any]:
    return {
        "request_id": g.request_id,
        "trace_id": trace[3:35] if _TRACEPARENT.fullmatch(trace) else None,
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "duration_ms": round(elapsed * 1000, 3),
        "bytes_out": response.content_length,
        "remote": request.remote_addr,
        "user_agent": request.headers.get("User-Agent"),
    }
