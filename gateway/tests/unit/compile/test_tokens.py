from moongate.compile import Snapshot
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_snapshot
from moongate.config import parse
from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan


def snapshot(*routes: str, more: str = "") -> Snapshot:
    listed = "".join(
        f"- {{name: r{number}, match: {{path: /{number}}}, service: api, filters: {filters}}}\n"
        for number, filters in enumerate(routes)
    )
    text = f"version: 1\n{more}services: {{api: {{targets: [http://a]}}}}\nroutes:\n{listed}"
    return compile_config(parse(text, "gateway.yaml", JUDGES), 1)


def jwt(issuer: str) -> str:
    return f"[{{authenticate: [{{jwt: {{issuer: '{issuer}', audience: api}}}}]}}]"


def test_nothing_is_kept_for_nobody() -> None:
    assert snapshot("[]").tokens is None
    assert "tokens" not in dump_snapshot(snapshot("[]"))


def test_every_issuer_is_asked_once_wherever_it_is_named() -> None:
    tokens = snapshot(jwt("https://b"), jwt("https://a"), jwt("https://b"), more="tokens: {key_sets: k.json}\n").tokens
    assert tokens == TokensPlan("k.json", (KeySourcePlan("https://a"), KeySourcePlan("https://b")))


def test_keys_to_sign_with_are_kept_where_a_service_is_shown_a_token() -> None:
    filters = "[{authenticate: {methods: [{jwt: {issuer: 'https://a', audience: api}}], forward_identity: token}}]"
    more = "tokens: {issuer: 'https://gw', signing_keys: s.json, rotate_after: 1h}\n"
    tokens = snapshot(filters, more=more).tokens
    assert tokens is not None
    assert tokens.signing == SigningPlan("https://gw", "s.json", 3600.0)


def test_files_stand_beside_the_replica_where_nobody_says_otherwise() -> None:
    filters = "[{authenticate: {methods: [jwt], forward_identity: both}}]"
    accounts = "accounts: {url: 'http://a', token: 0123456789abcdef, replica: /lib/gw/one.sqlite}\n"
    tokens = snapshot(filters, more=accounts).tokens
    assert tokens is not None
    assert tokens.signing is not None
    assert (tokens.key_sets, tokens.signing.keys) == ("/lib/gw/one.key_sets.json", "/lib/gw/one.signing_keys.json")
    tokens = snapshot(jwt("https://a")).tokens
    assert tokens is not None
    assert tokens.key_sets == "var/replica.key_sets.json"
