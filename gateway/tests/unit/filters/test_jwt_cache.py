"""The memory of verified tokens: bounded in number and size, and used ones stay."""

from moongate.filters.jwt_cache import TokenCache


def test_what_is_used_stays() -> None:
    cache: TokenCache[int] = TokenCache(max_tokens=3)
    for name in (b"a", b"b", b"c"):
        cache.put(name, b"x", ord(name))
    assert cache.get(b"a") == 97
    cache.put(b"d", b"x", 1)
    assert (cache.get(b"b"), cache.get(b"a"), len(cache)) == (None, 97, 3)


def test_long_tokens_take_the_place_of_many() -> None:
    cache: TokenCache[int] = TokenCache(max_bytes=100)
    for number in range(10):
        cache.put(b"%d" % number, b"x" * 10, number)
    assert len(cache) == 10
    cache.put(b"long", b"x" * 95, 0)
    assert (len(cache), cache.get(b"long")) == (1, 0)
    cache.put(b"longer", b"x" * 101, 0)
    assert len(cache) == 0


def test_the_same_again_takes_no_more_room() -> None:
    cache: TokenCache[int] = TokenCache(max_bytes=20)
    for number in range(100):
        cache.put(b"a", b"x" * 10, number)
    cache.put(b"b", b"x" * 10, 0)
    assert (cache.get(b"a"), len(cache)) == (99, 2)
    cache.drop(b"a")
    cache.drop(b"a")
    assert len(cache) == 1
