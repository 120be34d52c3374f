"""An issuer's keys: read once for each change, and gone when control says so."""

from __future__ import annotations

from gateway_harness.key_holders import HeldKeys
from gateway_harness.tokens import ISSUER, Signer, key_set
from moongate.core.token_plans import KeySourcePlan
from moongate.filters.jwt_issuer import Issuer, IssuerPlan

SOURCE = KeySourcePlan(ISSUER)
FETCHED = IssuerPlan(ISSUER, SOURCE)


def test_keys_of_the_config_are_there_for_good() -> None:
    issuer = Issuer(IssuerPlan(ISSUER, keys=key_set(Signer())), None)
    assert issuer.ring is not None
    assert issuer.ring is issuer.ring
    assert issuer.is_fresh
    assert issuer.wait() is None


def test_fetched_keys_are_the_same_until_they_change() -> None:
    held = HeldKeys()
    issuer = Issuer(FETCHED, held)
    assert issuer.ring is None
    assert not issuer.is_fresh
    held.hold(ISSUER, key_set(Signer(kid="k1")), is_fresh=False)
    first = issuer.ring
    assert first is not None
    assert issuer.ring is first
    held.hold(ISSUER, held.sets[ISSUER].document, is_fresh=True)
    assert issuer.ring is first
    assert issuer.is_fresh
    held.hold(ISSUER, key_set(Signer(kid="k2")))
    assert issuer.ring is not first
    held.drop(ISSUER)
    assert issuer.ring is None


def test_where_nobody_fetches_there_are_no_keys() -> None:
    issuer = Issuer(FETCHED, None)
    assert (issuer.ring, issuer.is_fresh, issuer.wait()) == (None, False, None)


def test_what_is_shown_of_it() -> None:
    shown = FETCHED.describe()
    assert (shown["issuer"], shown["keys"], shown["audience"]) == (ISSUER, "by discovery", "any")
    one, two = (IssuerPlan(ISSUER, keys=key_set(Signer())).describe()["keys"] for _ in range(2))
    assert one.startswith("sha256:")
    assert one != two, "other keys are another config"
