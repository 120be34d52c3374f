"""`accounts oauth`."""

import json
from pathlib import Path

from joserfc.jwk import ECKey

from accounts_harness.commands import Run, RunJson


def test_scopes_and_keys_are_set(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    run("client", "create", "Acme")
    assert run_json("oauth", "Acme")["version"] == 1
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}))
    told = run_json("oauth", "Acme", "--scope", "read", "--scope", "write", "--jwks", str(file))
    assert (told["scopes"], len(told["jwks"]["keys"]), told["version"]) == (["read", "write"], 1, 2)
    assert "read,write" in run("oauth", "Acme")
    file.write_text("{")
    for wrong in (file, tmp_path / "absent"):
        assert str(wrong) in run("oauth", "Acme", "--jwks", str(wrong), status=1)
    file.write_text(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}))
    assert "private key" in run("oauth", "Acme", "--jwks", str(file), status=1)
