import pytest

from moongate.compile.auth_mtls import mtls_plan
from moongate.config.model_auth_mtls import MtlsConfig
from moongate.filters.mtls import MtlsPlan


def plan(said: dict[str, object], *, has_accounts: bool = False, verifies_clients: bool = True) -> MtlsPlan:
    config = MtlsConfig.model_validate(said)
    return mtls_plan(config, has_accounts=has_accounts, verifies_clients=verifies_clients)


def test_settings_are_taken_over() -> None:
    assert plan({}, has_accounts=True) == MtlsPlan()
    assert plan({"clients": {"CN=a": "c1"}}) == MtlsPlan("subject", (("CN=a", "c1"),), is_known=False)
    assert plan({"clients": {"CN=a": "c1"}, "known_to_accounts": True}, has_accounts=True).is_known
    assert plan({"from": "san_dns", "clients": {"A.test": "c1"}}).clients == (("a.test", "c1"),)


def test_what_can_not_work_is_said_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="no listener asks for any: give one a `client_ca`"):
        plan({}, has_accounts=True, verifies_clients=False)
    with pytest.raises(ValueError, match="name it under `clients`, or put `accounts"):
        plan({})
