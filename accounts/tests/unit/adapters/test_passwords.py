"""Argon2id."""

import time

from accounts.adapters.passwords import Argon2Hash


def test_nobody_takes_as_long_as_somebody() -> None:
    hasher = Argon2Hash()
    kept = hasher.hash("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")

    def fastest(held: str | None) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            assert not hasher.verify("wrong horse battery", held)
            times.append(time.process_time() - began)
        return min(times)

    assert hasher.verify("correct horse battery", kept)
    assert not hasher.verify("correct horse battery", "no hash")
    hasher.verify("x", None)  # the first one makes the hash that nobody has
    assert fastest(None) > fastest(kept) / 2
