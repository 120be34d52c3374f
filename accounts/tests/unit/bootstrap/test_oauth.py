"""Who issues."""

import pytest

from accounts.bootstrap.oauth import issuer_of
from accounts.bootstrap.settings import Settings
from servicekit.core.errors import SettingError


def test_an_issuer_is_a_url_without_anything_behind_the_host() -> None:
    assert issuer_of(Settings(host="127.0.0.1", port=8102)) == "http://127.0.0.1:8102"
    assert issuer_of(Settings(host="::1", port=8102)) == "http://[::1]:8102"
    for good in ("https://accounts.example", "http://[::1]:8102", "https://a:8443"):
        assert issuer_of(Settings(issuer=good)) == good
    for wrong in (
        "accounts.example",
        "https://",
        "https://a/",
        "https://a?b",
        "https://u:p@a",
        "ftp://a",
        "https://a:x",
    ):
        with pytest.raises(SettingError, match="ACCOUNTS_ISSUER"):
            issuer_of(Settings(issuer=wrong))
