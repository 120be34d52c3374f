"""The metrics as Prometheus and OpenMetrics read them, written by prometheus-client: two formats, their escaping and
their negotiation are not ours to maintain.

Takes copies first, on the loop, so that the writing can happen in a thread while workers go on telling.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder

from moongate.observe.counts import BOUNDS, Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

    from moongate.control.tally import Tally, WorkerNow
    from moongate.control.tokens.keeper import SourceState
    from moongate.upstream.state import TargetState

_LABELS: Final = ("route", "service", "method", "status")
_PAGE_BYTES: Final = resource.getpagesize()


class Now(NamedTuple):
    """What is so at present, beside what was counted. ``accounts_age`` in seconds; None where no accounts is named.
    ``accounts_questions`` is how often it was asked about a credential; ``key_sets`` how it is with the keys of each
    issuer."""

    generation: int
    reloads: Mapping[str, int]
    restarts: int
    workers: Sequence[WorkerNow]
    targets: Sequence[TargetState]
    accounts_age: float | None = None
    accounts_questions: int = 0
    key_sets: Mapping[str, SourceState] = MappingProxyType({})


class Exposition:
    """All metrics of one moment (a prometheus-client collector)."""

    def __init__(self, tally: Tally, now: Now) -> None:
        self._now = now
        self._requests = list(tally.requests.items())
        self._durations = [(key, _cumulative(histogram)) for key, histogram in tally.durations.items()]
        self._upstream = [((name,), _cumulative(histogram)) for name, histogram in tally.upstream.items()]
        self._rejections = [((code,), count) for code, count in tally.rejections.items()]
        self._retries = [((service,), count) for service, count in tally.retries.items()]
        self._worker_cpu = tally.cpu_seconds
        self._stale_serves = tally.stale_serves

    def write(self, accept: str) -> tuple[bytes, str]:
        """The text and its Content-Type, in the format that ``accept``, an Accept field, asks for."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        encoder, content_type = choose_encoder(accept)
        return encoder(registry), content_type

    def collect(self) -> Iterator[Metric]:
        now = self._now
        yield _counter("moongate_requests", "Requests answered.", _LABELS, self._requests)
        yield _histogram(
            "moongate_request_duration_seconds",
            "From a request's head to the end of its response.",
            ("route", "service"),
            self._durations,
        )
        yield _histogram(
            "moongate_upstream_duration_seconds",
            "From the request written to the service to the end of its response.",
            ("service",),
            self._upstream,
        )
        yield _counter(
            "moongate_rejections", "Requests that the gateway ended itself, by code.", ("code",), self._rejections
        )
        yield _counter("moongate_retries", "Requests sent again.", ("service",), self._retries)
        yield _gauge("moongate_requests_in_flight", "Requests that are being answered.", _sum_of(now, "in_flight"))
        yield _gauge("moongate_connections", "Connections from clients.", _sum_of(now, "connections"))
        yield _targets(now.targets)
        yield _gauge("moongate_config_generation", "The generation that is served.", now.generation)
        reloads = [((result,), count) for result, count in now.reloads.items()]
        yield _counter("moongate_reloads", "Reloads, by what they came to.", ("result",), reloads)
        yield _gauge("moongate_workers", "Workers that serve.", len(now.workers))
        yield _counter("moongate_worker_restarts", "Workers that were replaced.", (), [((), now.restarts)])
        if now.accounts_age is not None:
            yield from self._accounts(now.accounts_age)
        if now.key_sets:
            yield from self._key_sets(now.key_sets)
        yield from self._processes()

    def _accounts(self, age: float) -> Iterator[Metric]:
        yield _gauge("moongate_accounts_age_seconds", "Since accounts was heard last.", age)
        stale = "Requests whose credential was looked up and taken while accounts was not heard."
        yield _counter("moongate_accounts_stale_serves", stale, (), [((), self._stale_serves)])
        asked = "Questions to accounts about one unknown credential."
        yield _counter("moongate_accounts_questions", asked, (), [((), self._now.accounts_questions)])

    def _key_sets(self, states: Mapping[str, SourceState]) -> Iterator[Metric]:
        age = GaugeMetricFamily(
            "moongate_key_set_age_seconds",
            "Since an issuer's keys were fetched; absent without any.",
            labels=("source",),
        )
        for source, state in states.items():
            if state.age < float("inf"):
                age.add_metric((source,), state.age)
        yield age
        fetches = [((source,), state.fetches) for source, state in states.items()]
        yield _counter("moongate_key_set_fetches", "Tries to fetch an issuer's keys.", ("source",), fetches)
        failures = [((source,), state.failures) for source, state in states.items()]
        yield _counter("moongate_key_set_failures", "Those that failed.", ("source",), failures)

    def _processes(self) -> Iterator[Metric]:
        times = os.times()
        seconds = [(("control",), times.user + times.system), (("workers",), self._worker_cpu)]
        yield _counter("moongate_cpu_seconds", "Processor time used.", ("process",), seconds)
        pids = [("control", os.getpid())] + [(f"worker-{each.number}", each.pid) for each in self._now.workers]
        memory = GaugeMetricFamily("moongate_resident_memory_bytes", "Memory in use.", labels=("process",))
        files = GaugeMetricFamily("moongate_open_files", "Open files and sockets.", labels=("process",))
        for name, pid in pids:
            try:
                memory.add_metric((name,), int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES)
                files.add_metric((name,), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))
            except OSError:
                continue  # it has just ended
        yield memory
        yield files


def _sum_of(now: Now, field: str) -> int:
    return sum(getattr(each, field) for each in now.workers)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _counter(
    name: str, what: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str | int], float]]
) -> Metric:
    family = CounterMetricFamily(name, what, labels=labels)
    for key, value in values:
        family.add_metric([str(each) for each in key], value)
    return family


def _histogram(
    name: str, what: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], tuple[list[int], float]]]
) -> Metric:
    family = HistogramMetricFamily(name, what, labels=labels)
    bounds = [*map(str, BOUNDS), "+Inf"]
    for key, (counts, seconds) in values:
        family.add_metric(key, list(zip(bounds, counts, strict=True)), seconds)
    return family


def _targets(targets: Iterable[TargetState]) -> Metric:
    """Up where any worker could connect at its last try; a target that nobody tried yet is not known."""
    known: dict[tuple[str, str], bool] = {}
    for each in targets:
        if each.is_up is not None:
            key = (each.service, each.url)
            known[key] = known.get(key, False) or each.is_up
    family = GaugeMetricFamily(
        "moongate_target_up", "Whether the last try to connect went well.", labels=("service", "target")
    )
    for key, is_up in known.items():
        family.add_metric(key, int(is_up))
    return family


def _cumulative(histogram: Histogram) -> tuple[list[int], float]:
    total = 0
    counts = []
    for count in histogram.buckets:
        total += count
        counts.append(total)
    return counts, histogram.seconds
