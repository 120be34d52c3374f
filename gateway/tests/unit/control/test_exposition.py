import os

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from moongate.control.exposition import Exposition, Now
from moongate.control.tally import Tally, WorkerNow
from moongate.control.tokens.keeper import SourceState
from moongate.observe.counts import BOUNDS, Counts, Histogram, Outcomes
from moongate.upstream.state import TargetState
from moongate.worker.messages import Counted

NOW = Now(
    generation=7,
    reloads={"served": 6, "refused": 2},
    restarts=3,
    workers=(WorkerNow(1, os.getpid(), 4, 10), WorkerNow(2, 2**30, 1, 5)),
    targets=(
        TargetState("s", "http://a:1", 1, 1, 0, 0, 0, False),
        TargetState("s", "http://a:1", 1, 1, 0, 0, 0, True),
        TargetState("s", "http://b:1", 1, 1, 0, 0, 0, False),
        TargetState("s", "http://c:1", 0, 0, 0, 0, 0, None),
    ),
)


def exposition(now: Now = NOW) -> Exposition:
    tally = Tally()
    buckets = [0] * (len(BOUNDS) + 1)
    buckets[0], buckets[2], buckets[-1] = 5, 2, 1
    counts = Counts(
        [(('r"1', "s", "GET", 200), 8)], [(('r"1', "s"), Histogram(buckets, 12.5))], [], {"overloaded": 1}, {"s": 2}
    )
    tally.add(Counted(0, Outcomes(8), counts, 1.5, 4, 10, 6))
    return Exposition(tally, now)


def values(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def test_all_of_it_is_read_as_it_was_meant() -> None:
    data, content_type = exposition().write("")
    assert content_type.startswith("text/plain")
    found = values(data.decode())
    route = (("route", 'r"1'), ("service", "s"))
    assert found["moongate_requests_total", (("method", "GET"), *route, ("status", "200"))] == 8
    bucket = "moongate_request_duration_seconds_bucket"
    assert [found[bucket, (("le", le), *route)] for le in ("0.001", "0.0025", "0.005", "10.0", "+Inf")] == [
        5,
        5,
        7,
        7,
        8,
    ]
    assert found["moongate_request_duration_seconds_count", route] == 8
    assert found["moongate_request_duration_seconds_sum", route] == 12.5
    assert found["moongate_rejections_total", (("code", "overloaded"),)] == 1
    assert found["moongate_retries_total", (("service", "s"),)] == 2
    assert found["moongate_requests_in_flight", ()] == 5
    assert found["moongate_connections", ()] == 15
    assert found["moongate_config_generation", ()] == 7
    assert found["moongate_reloads_total", (("result", "refused"),)] == 2
    assert (found["moongate_workers", ()], found["moongate_worker_restarts_total", ()]) == (2, 3)
    assert found["moongate_cpu_seconds_total", (("process", "workers"),)] == 1.5
    assert found["moongate_resident_memory_bytes", (("process", "worker-1"),)] > 1e6
    assert ("moongate_resident_memory_bytes", (("process", "worker-2"),)) not in found, "it has just ended"
    up = {dict(labels)["target"]: value for (name, labels), value in found.items() if name == "moongate_target_up"}
    assert up == {"http://a:1": 1, "http://b:1": 0}, "whom nobody tried is not known"


def test_accounts_where_there_is_one() -> None:
    text = exposition().write("")[0].decode()
    assert "moongate_accounts" not in text
    for age in (12.5, float("inf")):
        text = exposition(NOW._replace(accounts_age=age)).write("")[0].decode()
        assert values(text)["moongate_accounts_age_seconds", ()] == age
    text = exposition(NOW._replace(accounts_age=1.0, accounts_questions=9)).write("")[0].decode()
    assert values(text)["moongate_accounts_questions_total", ()] == 9
    assert values(text)["moongate_accounts_stale_serves_total", ()] == 6


def test_openmetrics_where_it_is_asked_for() -> None:
    data, content_type = exposition().write("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert "moongate_requests" in [family.name for family in parse_openmetrics(data.decode())]


def test_the_keys_of_issuers() -> None:
    assert "key_set" not in exposition(NOW).write("")[0].decode()
    states = {"https://a": SourceState(5.0, True, 7, 2), "https://b": SourceState(float("inf"), False, 3, 3)}
    found = values(exposition(NOW._replace(key_sets=states)).write("")[0].decode())
    assert found["moongate_key_set_age_seconds", (("source", "https://a"),)] == 5.0
    assert ("moongate_key_set_age_seconds", (("source", "https://b"),)) not in found
    assert found["moongate_key_set_fetches_total", (("source", "https://a"),)] == 7
    assert found["moongate_key_set_failures_total", (("source", "https://b"),)] == 3
