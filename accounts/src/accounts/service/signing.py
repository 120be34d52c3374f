"""Use cases on the keys that sign tokens, and the keyring from which a process signs and verifies."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from accounts.domain.errors import StateConflictError
from accounts.domain.signing_key import PUBLISH_S, Algorithm, Phase, SigningKey, phases
from accounts.domain.times import in_seconds
from accounts.service.oauth_ports import Jose, Signer
from accounts.service.ports import Peppers, Store, Transaction
from accounts.service.snapshots import format_time
from servicekit.core.values import Clock, Origin

REFRESH_S = 5
"""How old what a process knows of the keys may be; a new one waits much longer for its first use."""
SYSTEM = Origin(actor="system")


class Keyring:
    """The signing keys as one process knows them. The first is made when it is first needed. Safe for threads.

    Raises StoreUnavailableError and PepperUnavailableError.
    """

    def __init__(self, store: Store, peppers: Peppers, jose: Jose, clock: Clock) -> None:
        self._store = store
        self._peppers = peppers
        self._jose = jose
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Sequence[SigningKey] = ()
        self._read_at = -1 - REFRESH_S
        self._signers: dict[str, Signer] = {}

    def signer(self) -> Signer:
        """What signs now."""
        key = next(key for key, phase, _ in self._phases() if phase is Phase.ACTIVE)
        signer = self._signers.get(key.kid)
        if signer is None:
            pepper = self._peppers.all().get(key.sealed.pepper)
            if pepper is None:
                pepper = self._peppers.current()  # it does not open the key, and the refusal says so
            signer = self._signers[key.kid] = self._jose.signer(key, pepper)
        return signer

    def published(self) -> list[SigningKey]:
        """What verifiers are told: next, active and retiring keys."""
        return [key for key, phase, _ in self._phases() if phase is not Phase.GONE]

    def _phases(self) -> list[tuple[SigningKey, Phase, int | None]]:
        with self._lock:
            now = in_seconds(self._clock())
            if not 0 <= now - self._read_at <= REFRESH_S:  # also where the clock was set back
                keys = self._store.read(lambda tx: tx.oauth.signing_keys())
                if not any(phase is Phase.ACTIVE for _, phase, _ in phases(keys, now)):
                    begin(self._store, self._peppers, self._jose, now)
                    keys = self._store.read(lambda tx: tx.oauth.signing_keys())
                self._keys, self._read_at = keys, now
                kids = {key.kid for key in keys}
                self._signers = {kid: signer for kid, signer in self._signers.items() if kid in kids}
            return phases(self._keys, now)


def begin(store: Store, peppers: Peppers, jose: Jose, now: int) -> None:
    """Make the first key, which signs at once. Where another process just did, that one's stays."""
    pepper = peppers.current()
    kid, public, sealed = jose.generate(Algorithm.ES256, pepper)

    def work(tx: Transaction) -> None:
        key = SigningKey(_following(tx), kid, Algorithm.ES256, public, sealed, now, now)
        if not any(phase is Phase.ACTIVE for _, phase, _ in phases(tx.oauth.signing_keys(), now)):
            _add(tx, key, "signing_key.created")

    with suppress(StateConflictError):  # it was made between our look and our write
        store.write(work, SYSTEM)


def rotate(tx: Transaction, algorithm: Algorithm | None, jose: Jose, peppers: Peppers, now: int) -> SigningKey:
    """Publish the next key, of the algorithm given or that of the newest; after `PUBLISH_S` it signs.

    Raises StateConflictError while one waits already.
    """
    keys = tx.oauth.signing_keys()
    found = phases(keys, now)
    waiting = next((key for key, phase, _ in found if phase is Phase.NEXT), None)
    if waiting is not None:
        when = format_time(waiting.active_from)
        raise StateConflictError("rotation_running", f"the next key is published already, and signs from {when}")
    active_from = now + PUBLISH_S if found else now
    key = _make(tx, algorithm or _algorithm(keys), jose, peppers, (now, active_from))
    _add(tx, key, "signing_key.rotated")
    return key


def replace_compromised(
    tx: Transaction, algorithm: Algorithm | None, jose: Jose, peppers: Peppers, now: int
) -> SigningKey:
    """Sign with a new key at once, and forget all others: what they signed is good for nothing any more."""
    keys = tx.oauth.signing_keys()
    key = _make(tx, algorithm or _algorithm(keys), jose, peppers, (now, now))
    for one in keys:
        tx.oauth.remove_signing_key(one.kid)
    tx.audit.record("signing_key.compromised", "signing-keys", {"removed": [one.kid for one in keys]})
    _add(tx, key, "signing_key.created")
    return key


def forget(tx: Transaction, now: int) -> None:
    """Remove keys that nothing valid was signed with."""
    for key, phase, _ in phases(tx.oauth.signing_keys(), now):
        if phase is Phase.GONE:
            tx.oauth.remove_signing_key(key.kid)
            tx.audit.record("signing_key.forgotten", f"signing-key/{key.kid}", {})


def snapshots(keys: Sequence[SigningKey], now: int) -> list[dict[str, Any]]:
    """The keys as JSON objects, without their private halves."""
    return [
        {
            "kid": key.kid,
            "algorithm": key.algorithm.value,
            "phase": phase.value,
            "created": format_time(key.created_at),
            "active_from": format_time(key.active_from),
            "phase_ends": format_time(ends),
        }
        for key, phase, ends in phases(keys, now)
    ]


def _make(tx: Transaction, algorithm: Algorithm, jose: Jose, peppers: Peppers, times: tuple[int, int]) -> SigningKey:
    kid, public, sealed = jose.generate(algorithm, peppers.current())
    return SigningKey(_following(tx), kid, algorithm, public, sealed, *times)


def _following(tx: Transaction) -> int:
    return max((key.number for key in tx.oauth.signing_keys()), default=0) + 1


def _algorithm(keys: Sequence[SigningKey]) -> Algorithm:
    return max(keys, key=lambda key: key.number).algorithm if keys else Algorithm.ES256


def _add(tx: Transaction, key: SigningKey, topic: str) -> None:
    if not tx.oauth.add_signing_key(key):
        raise StateConflictError("rotation_running", "another process makes a key at this moment: look again")
    tx.audit.record(topic, f"signing-key/{key.kid}", {"algorithm": key.algorithm.value, "active_from": key.active_from})
