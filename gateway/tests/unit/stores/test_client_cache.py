"""A bounded memory of clients: nobody stays under an old record, and whoever is used stays."""

from __future__ import annotations

from moongate.stores.client_cache import ClientCache
from moongate.stores.records import ClientRecord, KeyRecord


def client(name: str, *keys: bytes, subjects: tuple[str, ...] = ()) -> ClientRecord:
    records = tuple(KeyRecord(key, b"", 1, (), None, None) for key in keys)
    return ClientRecord(name, "", "active", 0, None, {}, records, subjects, frozenset(), ())


def test_a_client_is_found_by_all_its_credentials_until_it_leaves() -> None:
    cache = ClientCache()
    one = client("a", b"k1", b"k2", subjects=("CN=a",))
    cache.add(one, 10)
    known = cache.key(b"k2")
    assert known is not None
    assert known.client is one
    assert known.key.id == b"k2"
    assert cache.client("a") is cache.certificate("CN=a") is one
    cache.drop("a")
    assert (cache.key(b"k1"), cache.key(b"k2"), cache.client("a"), cache.certificate("CN=a")) == (None,) * 4
    cache.drop("a")


def test_a_new_record_leaves_nothing_of_the_old_one() -> None:
    cache = ClientCache()
    cache.add(client("a", b"k1", b"k2", subjects=("CN=a",)), 10)
    cache.add(client("a", b"k2"), 10)
    assert cache.key(b"k1") is None
    assert cache.certificate("CN=a") is None
    assert cache.key(b"k2") is not None


def test_a_key_that_went_to_another_client_stays_there() -> None:
    cache = ClientCache()
    cache.add(client("a", b"k", subjects=("CN=x",)), 10)
    cache.add(client("b", b"k", subjects=("CN=x",)), 10)
    cache.drop("a")
    known, subject = cache.key(b"k"), cache.certificate("CN=x")
    assert known is not None
    assert subject is not None
    assert known.client.id == subject.id == "b"


def test_whoever_is_not_used_leaves_first() -> None:
    cache = ClientCache(max_clients=3)
    for name in "abc":
        cache.add(client(name, name.encode()), 10)
    assert cache.key(b"a")
    cache.add(client("d"), 10)
    assert [name for name in "abcd" if cache.client(name)] == ["a", "c", "d"]
    assert cache.key(b"b") is None


def test_large_records_leave_room_for_fewer() -> None:
    cache = ClientCache(max_clients=100, max_bytes=100_000)
    for number in range(50):
        cache.add(client(f"c{number}", b"%d" % number), 30_000)
    assert len(cache) == 3
    cache.add(client("huge"), 10_000_000)
    assert cache.client("huge") is not None
    assert len(cache) == 1


def test_all_in_use_still_ends() -> None:
    cache = ClientCache(max_clients=100)
    for number in range(1000):
        cache.add(client(f"c{number}", b"%d" % number), 10)
        assert cache.key(b"%d" % number)
    assert len(cache) == 100


def test_clear() -> None:
    cache = ClientCache()
    cache.add(client("a", b"k", subjects=("CN=a",)), 10)
    cache.clear()
    assert (len(cache), cache.key(b"k"), cache.certificate("CN=a")) == (0, None, None)
