"""``hmac``: requests that their client signed (RFC 9421), with a secret that both know or with a key of its own.

A signature is about one request: its method, its place, its body, at its time. It is good once: what was signed is
remembered until it would be too old, at one place for all workers.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID, UNAVAILABLE, Proof
from moongate.filters.content_digest import read_digest
from moongate.filters.signature_base import DIGEST, judge_coverage, signature_base
from moongate.filters.signature_form import INPUT, SIGNATURE, Signature, SignatureRefused, read_signature
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Tools

KIND: Final = "hmac"
HMAC_SHA256: Final = "hmac-sha256"
ED25519: Final = "ed25519"
_NEVER_AGAIN: Final = 0.0  # until when a signature holds for another request: RFC 9421 section 7.2.2
_SIGNED_BEFORE: Final = Refusal(INVALID, "signature_replayed")
_NOBODY_KNOWS: Final = Refusal(UNAVAILABLE, "signature_unjudged")


@dataclass(frozen=True, slots=True)
class SigningKeyPlan:
    """A key of ``client``: a secret for HMAC_SHA256, or the 32 octets of a public key for ED25519."""

    id: str
    client: str
    algorithm: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HmacPlan:
    """A signature is taken for ``window`` seconds before and after it was made."""

    keys: tuple[SigningKeyPlan, ...]
    window: float
    is_known: bool = False

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset((SIGNATURE, INPUT))

    @property
    def challenge(self) -> bytes:
        return b"Signature"

    @property
    def hidden(self) -> object:
        return tuple((each.id, each.key) for each in self.keys)

    def bind(self, tools: Tools) -> Method:
        if self.is_known and tools.accounts is None:
            raise ValueError("there is no `accounts` in the config that could know clients")
        return Hmac(self, tools)

    def describe(self) -> dict[str, Any]:
        keys = {each.id: {"algorithm": each.algorithm, "client": each.client} for each in self.keys}
        return {"keys": keys, "window": self.window, "known_to_accounts": self.is_known}


class Hmac:
    """The method itself."""

    __slots__ = ("_admission", "_is_known", "_keys", "_public_keys", "_replays", "_seconds", "_window")

    def __init__(self, plan: HmacPlan, tools: Tools) -> None:
        self._keys = {each.id: each for each in plan.keys}
        self._public_keys = {
            each.id: Ed25519PublicKey.from_public_bytes(each.key) for each in plan.keys if each.algorithm == ED25519
        }
        self._window = plan.window
        self._is_known = plan.is_known
        self._admission = Admission(KIND, tools.accounts)
        self._replays = tools.replays
        self._seconds = tools.seconds

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        assert exchange.head is not None
        if exchange.head.get(INPUT) is None:
            return None
        try:
            signature = read_signature(exchange.head.section.lines, self._keys)
            key = self._keys[signature.key_id]
            base = self._judge(exchange, signature, key)
            self._take_digest(exchange, signature)
        except SignatureRefused as refused:
            return Refusal(INVALID, str(refused))
        vouched = Vouched(key.client, is_known=self._is_known)
        found = self._admission.prove(vouched, SIGNATURE, _NEVER_AGAIN)
        # The label and the signature itself may be written in several ways, what was signed in one.
        mark = hashlib.sha256(key.id.encode("utf-8") + b"\0" + base).digest()[:16]
        if isinstance(found, Proof):
            return self._once(found, mark, signature.created)
        return found if found is None or isinstance(found, tuple) else self._later(found, mark, signature.created)

    def _judge(self, exchange: Exchange, signature: Signature, key: SigningKeyPlan) -> bytes:
        """What was signed. Raises SignatureRefused."""
        assert exchange.head is not None
        if signature.algorithm not in (None, key.algorithm):
            raise SignatureRefused("signature_alg")  # RFC 9421 section 3.2: it is the key's to say
        now = self._seconds()
        if abs(now - signature.created) > self._window or (signature.expires is not None and now >= signature.expires):
            raise SignatureRefused("signature_created")
        judge_coverage(signature.covered, has_body=exchange.head.section.has_body)
        base = signature_base(exchange, signature)
        if not self._is_genuine(base, signature.octets, key):
            raise SignatureRefused("signature_refused")
        return base

    def _is_genuine(self, base: bytes, octets: bytes, key: SigningKeyPlan) -> bool:
        public_key = self._public_keys.get(key.id)
        if public_key is None:
            return hmac.compare_digest(hmac.digest(key.key, base, "sha256"), octets)
        try:
            public_key.verify(octets, base)
        except InvalidSignature:
            return False
        return True

    @staticmethod
    def _take_digest(exchange: Exchange, signature: Signature) -> None:
        """Have the body held against what was signed of it. Raises SignatureRefused."""
        if DIGEST not in signature.covered:
            return
        assert exchange.head is not None
        check = read_digest(exchange.head.section.lines)
        if exchange.head.section.has_body:
            exchange.body_check = check
        elif check.verdict() is not None:
            raise SignatureRefused("content_digest")

    def _once(self, proof: Proof, mark: bytes, created: int) -> Found | Awaitable[Found]:
        if self._replays is None:
            return proof
        is_first = self._replays.is_first(mark, created)
        return _told(proof, is_first) if is_first is None or isinstance(is_first, bool) else _wait(proof, is_first)

    async def _later(self, asked: Awaitable[Found], mark: bytes, created: int) -> Found:
        found = await asked
        if not isinstance(found, Proof):
            return found
        once = self._once(found, mark, created)
        return once if once is None or isinstance(once, tuple) else await once


async def _wait(proof: Proof, asked: Awaitable[bool | None]) -> Found:
    return _told(proof, await asked)


def _told(proof: Proof, is_first: bool | None) -> Found:
    if is_first is None:
        return _NOBODY_KNOWS
    return proof._replace(companion=INPUT) if is_first else _SIGNED_BEFORE
