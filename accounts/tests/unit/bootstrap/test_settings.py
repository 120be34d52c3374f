"""Settings."""

import pytest

from accounts.bootstrap.settings import Settings, load_settings
from servicekit.core.errors import SettingError


def test_defaults_work_and_each_can_be_set() -> None:
    assert load_settings({"PATH": "/bin"}) == Settings()
    assert Settings().port == 8102
    given = {
        "ACCOUNTS_DATABASE_URL": "postgresql://h/d",
        "ACCOUNTS_PEPPER_FILE": "/p",
        "ACCOUNTS_HOST": "::1",
        "ACCOUNTS_PORT": "0",
        "ACCOUNTS_THREADS": "2",
        "ACCOUNTS_MAX_BODY": "4096",
        "ACCOUNTS_REQUIRE_IDEMPOTENCY_KEY": "false",
    }
    assert load_settings(given) == Settings("postgresql://h/d", "/p", "::1", 0, 2, 4096, False)


@pytest.mark.parametrize("name", ["PORT", "THREADS", "MAX_BODY", "REQUIRE_IDEMPOTENCY_KEY", "PEPER_FILE"])
def test_what_is_wrong_is_named(name: str) -> None:
    with pytest.raises(SettingError) as caught:
        load_settings({f"ACCOUNTS_{name}": "many"})
    assert caught.value.name == f"ACCOUNTS_{name}"
