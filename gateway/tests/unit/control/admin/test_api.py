"""Every endpoint over a real socket, with real workers behind."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from gateway_harness.controlling import get, run, snapshot, until
from gateway_harness.operating import JSON, operated
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.config import Problem
from moongate.control.sockets import addresses

ADMIN = "admin: {bind: '127.0.0.1:0'}\n"


def test_what_is_served_is_told() -> None:
    async def work() -> None:
        async with operated() as gateway:
            assert (await gateway.ask("GET", "/healthz")).body == {"status": "ok"}
            assert (await gateway.ask("GET", "/readyz")).body == {"status": "ready"}
            config = await gateway.ask("GET", "/config")
            assert config.headers["ETag"] == f'"{config.body["digest"]}"'
            assert (config.body["generation"], config.body["last_refused"]) == (1, None)
            assert [each["name"] for each in (await gateway.ask("GET", "/routes")).body["routes"]] == ["r"]
            [service] = (await gateway.ask("GET", "/services")).body["services"]
            assert [each["url"] for each in service["targets"]] == ["http://127.0.0.1:1"]
            by_query = (await gateway.ask("GET", "/explain?url=/a/b&method=PUT&header=X-A:%20b")).body
            asked = {"url": "/a/b", "method": "PUT", "headers": [["X-A", "b"]]}
            by_body = (await gateway.ask("POST", "/explain", asked)).body
            assert by_query == by_body
            assert (by_body["route"], by_body["request"]["method"]) == ("r", "PUT")
            described = (await gateway.ask("GET", "/openapi.json")).body["paths"]
            served = {(each.path, each.method.lower()) for each in gateway.api.endpoints}
            assert {(path, method) for path, methods in described.items() for method in methods} == served
            gateway.is_leaving = True
            leaving = await gateway.ask("GET", "/readyz")
            assert (leaving.status, leaving.body["code"]) == (503, "draining")

    run(work())


def test_what_makes_no_sense_is_refused_and_nothing_happens() -> None:
    async def work() -> None:
        async with operated() as gateway:
            for method, path, body, status in (
                ("GET", "/nothing", None, 404),
                ("DELETE", "/config", None, 405),
                ("GET", "/explain", None, 400),
                ("GET", "/explain?url=/&header=novalue", None, 400),
                ("POST", "/explain", {"url": "/a", "headers": [["a", "b\r\nc: d"]]}, 400),
                ("POST", "/explain", {"uri": "/a"}, 400),
                ("POST", "/explain", b"{", 400),
                ("POST", "/explain", b'{"url": "\xff"}', 400),
                ("POST", "/explain", b"[" * 60_000, 400),
                ("POST", "/explain", b'"' + b"x" * 70_000 + b'"', 413),
                ("POST", "/reload", {"dry_run": "yes"}, 400),
                ("POST", "/drain", {}, 400),
                ("POST", "/drain", {"target": "http://127.0.0.1:1", "worker": 1}, 400),
                ("POST", "/drain", {"target": "http://127.0.0.1:2"}, 404),
                ("POST", "/drain", {"target": "http://127.0.0.1:1"}, 409),
                ("POST", "/drain", {"worker": 2}, 404),
                ("POST", "/drain", {"worker": 0}, 404),
                ("POST", "/drain", {"worker": -1}, 404),
                ("POST", "/undrain", {"target": "http://127.0.0.1:1"}, 404),
            ):
                reply = await gateway.ask(method, path, body)
                assert (reply.status, reply.body["status"]) == (status, status), (path, body, reply)
                assert reply.headers["Content-Type"] == "application/problem+json"
            reply = await gateway.ask("POST", "/reload", None, {"Content-Type": "text/plain"})
            assert reply.status == 415
            reply = await gateway.ask("GET", "/config", None, {"Host": "evil.example"})
            assert reply.status == 403
            assert [line for line in gateway.held.said if "admin 127" in line] == []

    run(work())


def test_who_leaves_in_the_middle_of_a_body_is_no_fault_of_ours() -> None:
    async def work() -> None:
        async with operated() as gateway:
            headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"9")]
            scope = {"type": "http", "method": "POST", "path": "/reload", "query_string": b"", "headers": headers}
            pieces = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

            async def receive() -> MutableMapping[str, Any]:
                return next(pieces)

            async def send(_: MutableMapping[str, Any]) -> None:
                pass

            await gateway.api.app(lambda: None)(scope, receive, send)
            assert gateway.held.said[1:] == []

    run(work())


def test_the_journal_tells_who_asked_whatever_he_says_of_himself() -> None:
    async def work() -> None:
        async with operated() as gateway:
            claimed = {**JSON, "X-Forwarded-For": "192.0.2.9"}
            assert (await gateway.ask("POST", "/reload", {}, claimed)).status == 200
            assert gateway.held.has_said("admin 127.0.0.1 asks for a reload")

    run(work())


def test_a_reload_is_tried_refused_and_done() -> None:
    async def work() -> None:
        async with operated() as gateway:
            first = (await gateway.ask("GET", "/config")).body["digest"]
            assert (await gateway.ask("POST", "/reload")).body["result"] == "unchanged"
            gateway.source.next = snapshot("http://127.0.0.1:2", more=ADMIN)
            tried = (await gateway.ask("POST", "/reload", {"dry_run": True})).body
            assert (tried["result"], tried["generation"]) == ("ready", 2)
            match = {**JSON, "If-Match": f'"{first}"'}
            done = (await gateway.ask("POST", "/reload", {}, match)).body
            assert (done["result"], done["generation"]) == ("served", 2)
            late = await gateway.ask("POST", "/reload", {}, match)
            assert (late.status, late.body["code"], late.body["generation"]) == (412, "outdated", 2)
            gateway.source.next = [Problem("f.yaml", 2, 3, "unknown key", "secret: canary")]
            refused = await gateway.ask("POST", "/reload")
            assert (refused.status, refused.body["generation"]) == (422, 2)
            assert refused.body["problems"][0]["message"] == "unknown key"
            told = (await gateway.ask("GET", "/config")).body
            assert told["last_refused"]["problems"][0]["line"] == 2
            assert told["last_refused"]["why"] == "asked to by the admin API"
            assert "canary" not in json.dumps(told)
            assert "moongate (generation 2): admin 127.0.0.1 asks for a reload" in gateway.held.said

    run(work())


def test_metrics_are_counted_in_workers_and_outlive_them() -> None:
    async def work() -> None:
        with ScriptedOrigin() as origin:
            async with operated(snapshot(origin.url, more=ADMIN)) as gateway:
                package = gateway.held.supervisor._current
                assert package is not None
                [where] = addresses(package.sockets)

                async def answered() -> float:
                    text = (await gateway.ask("GET", "/metrics")).body
                    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
                    return sum(each.value for each in samples if each.name == "moongate_requests_total")

                for _ in range(5):
                    assert await get(where) == b"ok"
                assert await answered() == 5
                worker = gateway.held.supervisor.workers[0].pid
                reply = await gateway.ask("POST", "/drain", {"worker": 1})
                assert reply.body == {"worker": 1, "drained": True}
                await until(
                    lambda: [each.pid for each in gateway.held.supervisor.workers] not in ([], [worker]), "a successor"
                )
                assert await get(where) == b"ok"
                assert await answered() == 6

    run(work())


def test_a_drained_target_takes_nothing_new_even_after_a_reload() -> None:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer()

    def both(generation: int) -> object:
        text = f"'{one.url}', '{two.url}'"
        return snapshot(text.strip("'"), generation, more=ADMIN + f"limits: {{in_flight: {generation}000}}\n")

    with ScriptedOrigin(script) as one, ScriptedOrigin(script) as two:

        async def work() -> None:
            async with operated(both(1)) as gateway:  # type: ignore[arg-type]
                package = gateway.held.supervisor._current
                assert package is not None
                [where] = addresses(package.sockets)
                assert (await gateway.ask("POST", "/drain", {"target": one.url})).status == 200
                assert (await gateway.ask("POST", "/drain", {"target": two.url})).status == 409
                gateway.source.next = both(2)  # type: ignore[assignment]
                assert (await gateway.ask("POST", "/reload")).body["result"] == "served"
                for _ in range(6):
                    assert await get(where) == b"ok"
                assert (len(one.requests), len(two.requests)) == (0, 6)
                [service] = (await gateway.ask("GET", "/services")).body["services"]
                assert [each["drained"] for each in service["targets"]] == [True, False]
                assert (await gateway.ask("POST", "/undrain", {"target": one.url})).status == 200
                for _ in range(6):
                    await get(where)
                assert len(one.requests) == 3

        run(work())


def test_with_a_token_only_health_is_open() -> None:
    async def work() -> None:
        plan = snapshot("http://127.0.0.1:1", more="admin: {bind: '127.0.0.1:0', token: canary-canary-canary}\n")
        async with operated(plan) as gateway:
            assert (await gateway.ask("GET", "/readyz")).status == 200
            refused = await gateway.ask("GET", "/metrics")
            assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="moongate admin"')
            shown = {"Authorization": "Bearer canary-canary-canary"}
            config = await gateway.ask("GET", "/config", None, shown)
            assert config.status == 200
            assert "canary" not in json.dumps(config.body)
            assert config.body["config"]["admin"]["token"] == "***"
            await asyncio.sleep(0)

    run(work())
