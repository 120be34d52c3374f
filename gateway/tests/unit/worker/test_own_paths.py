from moongate.compile import Snapshot
from moongate.core.token_plans import SigningPlan, TokensPlan
from moongate.routing import Router
from moongate.stores.keys import SigningKey
from moongate.stores.signing import Signing
from moongate.worker.own_paths import JWKS_PATH, own_paths


def snapshot(tokens: TokensPlan | None) -> Snapshot:
    return Snapshot(1, "", (), {}, (), Router(()), tokens=tokens)


def test_nothing_is_reserved_where_nothing_is_signed() -> None:
    assert own_paths(snapshot(None), Signing()) == {}
    assert own_paths(snapshot(TokensPlan("keys.json")), Signing()) == {}


def test_the_keys_of_the_moment_are_published() -> None:
    signing = Signing()
    own = own_paths(snapshot(TokensPlan("keys.json", (), SigningPlan("moongate", "s.json", 60.0))), signing)
    signing.replaced(SigningKey("k", b"{}", "moongate"), b'{"keys":[1]}')
    answer = own[JWKS_PATH]()
    assert (answer.status, answer.body) == (200, b'{"keys":[1]}')
    assert (b"Content-Type", b"application/jwk-set+json") in answer.fields
