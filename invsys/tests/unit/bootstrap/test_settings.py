"""Settings."""

import pytest

from invsys.bootstrap.settings import Settings, load_settings
from servicekit.core.errors import SettingError


def test_defaults_need_no_environment() -> None:
    assert load_settings({"PATH": "/bin"}) == Settings()


def test_values_are_read() -> None:
    environ = {"INVSYS_DATABASE_URL": "sqlite:///a.db", "INVSYS_PORT": "0", "INVSYS_THREADS": "3"}
    settings = load_settings(environ)
    assert (settings.database_url, settings.port, settings.threads) == ("sqlite:///a.db", 0, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INVSYS_THREADS", "0"),
        ("INVSYS_THREADS", "many"),
        ("INVSYS_THREADS", "٣"),
        ("INVSYS_PORT", "65536"),
        ("INVSYS_MAX_BODY", "-1"),
        ("INVSYS_DATABSE_URL", "sqlite:///a.db"),
    ],
)
def test_bad_values_and_misspelt_names_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({name: value})
    assert refused.value.name == name
