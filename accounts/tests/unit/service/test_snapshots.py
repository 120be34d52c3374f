"""Things as JSON objects."""

from accounts.bootstrap.wiring import Services
from accounts.domain.admin import Admin
from accounts.domain.audit import Entry
from accounts.service.snapshots import admin_snapshot, entry_snapshot, format_time, key_snapshot
from accounts_harness.making import make_client, make_key


def test_times_are_rfc_3339() -> None:
    assert format_time(1_790_000_000) == "2026-09-21T14:13:20Z"
    assert format_time(None) is None
    entry = Entry(1, 1_790_000_000_123_456, "a", "b", "c", {}, "d", "e")
    assert entry_snapshot(entry)["at"] == "2026-09-21T14:13:20.123Z"


def test_no_snapshot_shows_a_secret(services: Services) -> None:
    made = make_key(services, make_client(services))
    shown = str(key_snapshot(made.key))
    assert made.text not in shown
    assert made.key.secret.mac.hex() not in shown
    assert "argon2" not in str(admin_snapshot(Admin("ad", "a", 0, "$argon2id$...")))
