"""Who the gateway is at a provider."""

from moongate.core.login_plans import LoginsPlan, ProviderPlan, provider_name


def test_names_are_short_and_tell_issuers_and_clients_apart() -> None:
    pairs = (("https://a", "b"), ("https://a", "c"), ("https://ab", ""), ("https://a", ""))
    names = {provider_name(*pair) for pair in pairs}
    assert len(names) == 4
    assert all(len(name) == 8 and name.isalnum() for name in names)
    assert ProviderPlan("https://a", "b", "secret").name in names


def test_no_secret_is_shown() -> None:
    plan = LoginsPlan("keys.json", ("sealing-secret",), (ProviderPlan("https://a", "b", "client-secret"),))
    assert "secret" not in repr(plan).replace("client_secret", "")
