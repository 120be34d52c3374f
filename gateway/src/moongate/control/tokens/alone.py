"""Keys of tokens for a gateway in one process: the same parts, without a channel between them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from moongate.control.tokens.keeper import TokenKeys
from moongate.worker.token_link import TokenLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from moongate.core.token_plans import TokensPlan
    from moongate.stores.key_sets import KeySets
    from moongate.stores.logins import Logins
    from moongate.stores.signing import Signing
    from moongate.worker.messages import TokenReport


@contextlib.asynccontextmanager
async def keeping_keys(
    plan: TokensPlan, say: Callable[[str], None], key_sets: KeySets, signing: Signing, logins: Logins
) -> AsyncIterator[None]:
    """Within the block ``key_sets``, ``signing`` and ``logins`` have what ``plan`` needs. Raises PlaceInvalid."""

    def want(report: TokenReport) -> None:
        keys.heard(report, link.obey)

    link = TokenLink(key_sets, signing, logins, want)
    keys = TokenKeys(link.obey, say)
    keys.judge(plan)
    await keys.begin(plan)
    keys.keep(plan)
    try:
        yield
    finally:
        await keys.close()
