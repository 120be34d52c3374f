"""A running gateway and its config say the same."""

from pathlib import Path

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.gateway_process import OPERATED, running_gateway
from gateway_harness.granted import READS
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, client_record
from moongate.cli.main import main


def test_a_running_gateway_is_asked_who_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with AccountsFeed() as feed:
        feed.client(client_record(1, grants=[READS]))
        config = (
            f"accounts: {{url: '{feed.url}', token: {TOKEN}, replica: {tmp_path}/replica.sqlite}}\n"
            "services: {api: {targets: [http://127.0.0.1:1]}}\n"
            "routes: [{name: v, match: {path: '/api/{kind}/**'}, resource: 'inventory/{kind}/{id?}', service: api, "
            "filters: [authenticate, authorize]}]\n"
        )
        with running_gateway(tmp_path, config, workers=1, head=OPERATED) as gateway:
            admin = f"http://127.0.0.1:{gateway.admin_port}"
            eventually(lambda: main(["can", "c1", "GET", "/api/cars", "--admin", admin]) == 0, "the replica")
            capsys.readouterr()
            assert main(["can", "c1", "POST", "/api/cars", "--admin", admin]) == 1
            assert capsys.readouterr().out == "no: client c1 has no grant for create on inventory/cars\n"
            assert main(["who-can", "GET", "/api/cars", "--admin", admin]) == 0
            assert capsys.readouterr().out.splitlines()[1].startswith("c1")
            assert main(["explain", "GET", "/api/cars", "--client", "c1", "--admin", admin]) == 0
            assert "filter authorize passes: its grant" in capsys.readouterr().out
            assert main(["can", "nobody", "GET", "/api/cars", "--admin", admin]) == 1
            assert "accounts knows no client 'nobody'" in capsys.readouterr().err
