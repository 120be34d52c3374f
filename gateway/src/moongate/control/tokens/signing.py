"""The gateway's own keys: made here, kept in a file, the same for all workers and over restarts, and changed by age.

A key is published before it signs and for as long after, so that a service that looks now and then knows every key by
which it is shown anything.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.files import read_file, write_file
from moongate.core.clock import wall
from moongate.worker.messages import SigningKeyHeld

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.token_plans import SigningPlan

LEAD_SECONDS: Final = 3600.0
"""How long before it signs a key is published, where it signs for four times that."""
_LOOK_SECONDS: Final = 60.0
_WHAT: Final = "the keys for tokens to services"


class KeptKey(msgspec.Struct, frozen=True):
    """A private JWK, and when it was made, in seconds since 1970."""

    made: float
    key: dict[str, Any]

    def __repr__(self) -> str:
        return f"<KeptKey {self.key.get('kid')}>"


class _File(msgspec.Struct):
    """The newest last."""

    keys: list[KeptKey]


class SigningKeys:
    """The keys of one plan. ``say`` reaches people."""

    def __init__(self, plan: SigningPlan, say: Callable[[str], None]) -> None:
        """Raises PlaceInvalid where they can not be kept."""
        self.plan = plan
        self._say = say
        self._lead = min(LEAD_SECONDS, plan.rotate_seconds / 4)
        self._keys = _read(plan.keys)
        self.turn()

    def turn(self) -> bool:
        """Make a key where the newest is old enough, and forget those that nobody can need: whether anything changed.
        Raises PlaceInvalid."""
        now = wall().timestamp()
        keys = [each if each.made <= now else msgspec.structs.replace(each, made=now) for each in self._keys]
        if not keys or now - keys[-1].made >= self.plan.rotate_seconds:
            keys.append(KeptKey(now, _made()))
        while len(keys) > 1 and now - keys[1].made >= 2 * self._lead:
            keys.pop(0)
        if keys == self._keys:
            return False
        write_file(self.plan.keys, msgspec.json.encode(_File(keys)), _WHAT)
        self._keys = keys
        return True

    def state(self) -> SigningKeyHeld:
        """What workers are told."""
        now = wall().timestamp()
        current = next((each for each in reversed(self._keys) if now - each.made >= self._lead), self._keys[0])
        public = [ECKey.import_key(each.key).as_dict(private=False, use="sig", alg="ES256") for each in self._keys]
        return SigningKeyHeld(
            current.key["kid"],
            msgspec.json.encode(current.key),
            self.plan.issuer,
            msgspec.json.encode({"keys": public}),
        )

    async def follow(self, tell: Callable[[SigningKeyHeld], None]) -> None:
        """For ever: ``tell`` of every change."""
        told = self.state()
        while True:
            await asyncio.sleep(min(_LOOK_SECONDS, self._lead / 4))
            try:
                self.turn()
            except PlaceInvalid as invalid:
                self._say(f"{invalid}: the last one is used for longer")
            state = self.state()
            if state != told:
                told = state
                tell(state)


def _made() -> dict[str, Any]:
    key = ECKey.generate_key("P-256", private=True)
    key.ensure_kid()
    return dict(key.as_dict(private=True))


def _read(path: str) -> list[KeptKey]:
    content = read_file(path, _WHAT)
    if content is None:
        return []
    try:
        keys = msgspec.json.decode(content, type=_File).keys
        for each in keys:
            key = ECKey.import_key(each.key)
            if key.curve_name != "P-256" or not key.is_private or not isinstance(each.key.get("kid"), str):
                raise ValueError("a key of another kind")
    except (msgspec.DecodeError, JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise PlaceInvalid(
            f"{path} holds no keys that tokens could be signed with: move it away for new ones"
        ) from None
    return sorted(keys, key=lambda each: each.made)
