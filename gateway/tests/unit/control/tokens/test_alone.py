"""Keys without workers: the same, and no channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway_harness.controlling import until
from gateway_harness.scripted_issuer import ScriptedIssuer
from gateway_harness.tokens import Signer
from moongate.control.tokens.alone import keeping_keys
from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan
from moongate.stores.key_sets import KeySets
from moongate.stores.logins import Logins
from moongate.stores.signing import Signing

if TYPE_CHECKING:
    from pathlib import Path


def test_one_process(tmp_path: Path) -> None:
    async def live() -> None:
        key_sets, signing = KeySets(), Signing()
        with ScriptedIssuer() as issuer:
            sign = SigningPlan("moongate", str(tmp_path / "signing.json"), 3600.0)
            plan = TokensPlan(str(tmp_path / "keys.json"), (KeySourcePlan(issuer.url),), sign)
            async with keeping_keys(plan, print, key_sets, signing, Logins()):
                assert signing.current is not None
                await until(lambda: key_sets.held(issuer.url) is not None, "keys")
                issuer.signers.append(Signer(kid="k2"))
                waiting = key_sets.wait(issuer.url)
                assert waiting is not None
                assert await waiting
                held = key_sets.held(issuer.url)
                assert held is not None
                assert b'"k2"' in held.document
                assert key_sets.wait(issuer.url) is None, "that was a moment ago"

    asyncio.run(asyncio.wait_for(live(), 30))
