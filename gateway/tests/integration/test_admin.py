"""A gateway and its operators: one whole story over the admin address."""

import json
import re
from pathlib import Path

import pytest

from gateway_harness.gateway_process import one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket
from gateway_harness.polling import eventually
from moongate.cli.main import main

TOKEN = "canary-canary-canary-canary"


def answering(connection: OriginConnection) -> None:
    while True:
        connection.read_request()
        connection.answer()


def test_a_config_that_makes_requests_fail_is_taken_back_and_the_file_is_not_tried_again(tmp_path: Path) -> None:
    guarded = "reload: {guard: {window: 1m, max_5xx: 10%, min_requests: 20}}\n"
    head = "admin: {bind: '127.0.0.1:0'}\ndrain: {notice: 0s}\n" + guarded
    with bound_socket() as nobody, ScriptedOrigin(answering) as origin:
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with running_gateway(tmp_path, one_service(origin.url), workers=2, head=head) as gateway:
            good = gateway.admin("GET", "/config")[1]["digest"]
            with gateway.connect() as client:
                assert client.request("GET", "/").status == 200
                gateway.write_config(one_service(nowhere))
                eventually(lambda: gateway.said("generation 2 is served"), "generation 2")
                assert {client.request("GET", "/").status for _ in range(20)} == {502}
                eventually(lambda: gateway.said("generation 3 is what generation 1 was"), "it is taken back")
                assert client.request("GET", "/").status == 200
                told = gateway.admin("GET", "/config")[1]
                assert (told["generation"], told["digest"]) == (3, good)
                assert "100.0% of 20 answers are 5xx" in told["last_refused"]["problems"][0]["message"]
                assert 'moongate_reloads_total{result="taken_back"} 1.0' in gateway.admin("GET", "/metrics")[1]
                path = tmp_path / "gateway.yaml"
                path.write_text(path.read_text() + "# a comment\n")
                eventually(lambda: gateway.said("this config was taken back before"), "a change that changes nothing")
                assert client.request("GET", "/").status == 200
                gateway.write_config(one_service(origin.url, route=", max_body: 1MiB"))
                eventually(lambda: gateway.said("generation 4 is served"), "a better config is taken up")


def test_with_a_token_nothing_tells_it_and_reloads_change_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    head = "admin: {bind: '127.0.0.1:0', token: '${file:token}'}\ndrain: {notice: 0s}\n"
    shown = {"Authorization": f"Bearer {TOKEN}"}
    with ScriptedOrigin(answering) as origin:
        with running_gateway(tmp_path, one_service(origin.url), workers=1, head=head) as gateway:
            assert gateway.admin("GET", "/healthz")[0] == 200
            assert gateway.admin("GET", "/config")[0] == 401
            told = [gateway.admin("GET", path, **shown) for path in ("/config", "/metrics", "/services", "/routes")]
            assert {status for status, _ in told} == {200}
            assert TOKEN not in json.dumps(told)
            (tmp_path / "token").write_text(TOKEN.upper())
            eventually(lambda: gateway.said("generation 2 is served"), "another token")
            assert gateway.admin("GET", "/config", **shown)[0] == 401
            assert gateway.admin("GET", "/config", Authorization=f"Bearer {TOKEN.upper()}")[0] == 200
        assert not re.search(TOKEN, "".join(gateway.stderr), re.IGNORECASE)


def test_after_a_502_explain_tells_which_target_takes_no_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "admin: {bind: '127.0.0.1:0'}\ndrain: {notice: 0s}\n"
    with bound_socket() as nobody:
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with running_gateway(tmp_path, one_service(nowhere), workers=1, head=head) as gateway:
            asked = ["explain", "GET", "/", "--admin", f"http://127.0.0.1:{gateway.admin_port}"]
            assert main(asked) == 0
            assert f"    target {nowhere}\n" in capsys.readouterr().out
            with gateway.connect() as client:
                assert client.request("GET", "/").status == 502
            assert main(asked) == 0
            assert f"    target {nowhere}, which took no connection when it was last tried\n" in capsys.readouterr().out
