"""Filters of a running gateway, its own and the user's."""

from pathlib import Path

import pytest

from gateway_harness.gateway_process import one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, telling
from gateway_harness.polling import eventually

STEPS = """
import asyncio

from moongate.filters import Response

def keeper(word):
    def keep(exchange):
        if exchange.head.get(b"x-word") != word.encode():
            return Response(403, b"say the word")
    return keep

async def slow(exchange):
    await asyncio.sleep(0.01)
    if exchange.head.query == b"?refuse":
        return Response(409, b"on second thoughts")

def broken(exchange):
    raise RuntimeError("a fault of the user's own")
"""


def config(target: str, filters: str) -> str:
    return one_service(target, route=f", filters: [{filters}]")


@pytest.mark.parametrize("workers", [0, 2])
def test_the_user_s_steps_and_ours(tmp_path: Path, workers: int) -> None:
    (tmp_path / "house_rules.py").write_text(STEPS)
    filters = (
        "{python: {filter: 'house_rules:keeper', with: {word: please}}}, {python: 'house_rules:slow'}, "
        "{request_headers: {remove: X-Word, set: {X-From: gateway}}}, {response_headers: {set: {X-Seen: 'yes'}}}"
    )
    with (
        ScriptedOrigin(telling) as origin,
        running_gateway(tmp_path, config(origin.url, filters), workers=workers) as gateway,
        gateway.connect() as client,
    ):
        refused = client.request("GET", "/a")
        assert (refused.status, refused.body, refused.value("X-Seen")) == (403, b"say the word", None)
        late = client.request("GET", "/a?refuse", "X-Word: please")
        assert (late.status, late.body) == (409, b"on second thoughts")
        answer = client.request("POST", "/a", "X-Word: please", "X-Client-Id: root", body=b"x" * 100_000)
        assert (answer.status, answer.value("X-Seen")) == (200, "yes")
        assert answer.body.endswith(b"\r\n\r\n" + b"x" * 100_000)
        assert b"\r\nX-From: gateway\r\n" in answer.body
        assert b"X-Word" not in answer.body
        assert b"X-Client-Id" not in answer.body


def test_a_step_that_fails_refuses_and_the_next_config_may_do_without(tmp_path: Path) -> None:
    (tmp_path / "house_faults.py").write_text(STEPS)
    with ScriptedOrigin(telling) as origin, running_gateway(tmp_path, config(origin.url, ""), workers=1) as gateway:
        with gateway.connect() as client:
            assert client.request("GET", "/").status == 200
            gateway.write_config(config(origin.url, "{python: 'house_faults:absent'}"))
            eventually(lambda: gateway.said("house_faults has nothing called 'absent'"), "the refusal")
            assert client.request("GET", "/").status == 200
            gateway.write_config(config(origin.url, "{python: 'house_faults:keeper'}"))
            eventually(lambda: gateway.said("generation 2 is served"), "the reload")
            refused = client.request("GET", "/")
            assert (refused.status, refused.code) == (500, "internal")
        eventually(lambda: gateway.said("TypeError: "), "the end of the traceback")
        gateway.stderr[:] = [line for line in gateway.stderr if "Traceback" not in line and "Error" not in line]
