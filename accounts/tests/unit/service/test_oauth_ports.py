"""The ports of OAuth are what the adapters have."""

from accounts.adapters.jose import JoserfcJose
from accounts.bootstrap.wiring import Services
from accounts.service.oauth_ports import Jose, OAuthRows


def test_adapters_fit(services: Services) -> None:
    jose: Jose = JoserfcJose()
    assert jose.claimed_subject("") == ""

    def rows(oauth: OAuthRows) -> int:
        return len(oauth.signing_keys())

    assert services.store.read(lambda tx: rows(tx.oauth)) == 0
