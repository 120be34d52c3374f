"""The router against a naive one: a linear scan in the documented order, written with regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_harness.heads import make_head
from moongate.core.errors import METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND
from moongate.routing import Condition, HostPattern, Match, Miss, PathPattern, Router

if TYPE_CHECKING:
    from random import Random

    from moongate.core.message import RequestHead


class Written(NamedTuple):
    """A route as a person writes it."""

    path: str
    hosts: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset()
    headers: tuple[tuple[str, str | None], ...] = ()
    query: tuple[tuple[str, str | None], ...] = ()

    def match(self) -> Match:
        conditions = [Condition("header", k.encode(), v and v.encode()) for k, v in self.headers]
        conditions += [Condition("query", k.encode(), v and v.encode()) for k, v in self.query]
        hosts = tuple(HostPattern.parse(host) for host in self.hosts)
        methods = frozenset(method.encode() for method in self.methods) or None
        return Match(PathPattern.parse(self.path), hosts, methods, tuple(conditions))


def router_of(*routes: Written) -> Router[Written]:
    return Router((route.match(), route) for route in routes)


# --- the naive router -------------------------------------------------------------------------------------------------


def naive_regex(path: str) -> re.Pattern[str]:
    tail = path.endswith("/**")
    text = ""
    for part in (path[:-3] if tail else path).split("/")[1:]:
        if part.startswith("{"):
            _, colon, values = part[1:-1].partition(":")
            text += "/(?:" + "|".join(map(re.escape, values.split("|"))) + ")" if colon else "/[^/]+"
        else:
            text += "/" + re.escape(part)
    return re.compile(text + ("(?:/.*)?" if tail else "") + r"\Z", re.DOTALL)


def naive_host(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) and len(host) >= len(pattern) if pattern[0] == "*" else host == pattern


def naive_accepts(route: Written, host: str | None, head: RequestHead, ignore_method: bool = False) -> bool:
    if host is not None and not naive_host(host, head.host.decode()):
        return False
    if not naive_regex(route.path).match(head.path.decode()):
        return False
    methods = route.methods | ({"HEAD"} if "GET" in route.methods else set())
    if methods and not ignore_method and head.method.decode() not in methods:
        return False
    fields = {name.decode().lower(): value.decode() for name, value in reversed(head.fields)}
    pairs = [pair.partition("=")[::2] for pair in head.query.decode()[1:].split("&")]
    query = dict(reversed(pairs))
    return all(
        name in found and (value is None or found[name] == value)
        for wanted, found in ((route.headers, fields), (route.query, query))
        for name, value in wanted
    )


def naive_key(route: Written, host: str | None) -> tuple[object, ...]:
    host_key = (2, 0) if host is None else (1, -len(host.split("."))) if host[0] == "*" else (0, 0)
    kinds = {"**": "4"}
    path = "".join(
        kinds.get(part) or ("3" if part.startswith("{") and ":" not in part else "2" if part[:1] == "{" else "1")
        for part in route.path.split("/")[1:]
    )
    conditions = route.headers + route.query
    with_value = [value for _, value in conditions if value is not None]
    return (host_key, path, -len(conditions), -len(with_value), not route.methods)


def naive_find(routes: list[Written], head: RequestHead) -> Written | list[str] | None:
    """The winner, or the methods that would do, or None."""
    pairs = [(route, host) for route in routes for host in (route.hosts or (None,))]
    winners = [pair for pair in pairs if naive_accepts(*pair, head)]
    if winners:
        return min(winners, key=lambda pair: naive_key(*pair))[0]
    refused = [route for route, host in pairs if naive_accepts(route, host, head, ignore_method=True)]
    return sorted({m for r in refused for m in r.methods | ({"HEAD"} if "GET" in r.methods else set())}) or None


# --- what is generated: few words, so that routes collide -----------------------------------------------------------

WORDS = st.sampled_from(["a", "b", "c"])
SEGMENTS = st.one_of(WORDS, st.sampled_from(["{}", "{:a|b}", "{:b|c}", "{:a}"]))
HOSTS = ["x.example", "y.x.example", "*.example", "*.x.example"]
PAIRS = st.lists(st.tuples(st.sampled_from(["k", "l"]), st.sampled_from(["1", "2", None])), max_size=2)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT"])


@st.composite
def written_routes(draw: st.DrawFn) -> Written:
    parts = draw(st.lists(SEGMENTS, max_size=4))
    named = [part.replace("{", f"{{p{index}") for index, part in enumerate(parts)]
    path = "/" + "/".join(named + draw(st.sampled_from([[], ["**"], [""]] if named else [[], ["**"]])))
    hosts = tuple(draw(st.lists(st.sampled_from(HOSTS), unique=True, max_size=2)))
    methods = draw(st.frozensets(METHODS, max_size=2))
    return Written(path, hosts, methods, tuple(dict(draw(PAIRS)).items()), tuple(dict(draw(PAIRS)).items()))


@st.composite
def heads(draw: st.DrawFn) -> RequestHead:
    host = draw(st.sampled_from(["", "example", "x.example", "y.x.example", "z.y.x.example", "z.example", ".example"]))
    path = "/".join(draw(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=5)))
    pairs = draw(st.lists(st.tuples(st.sampled_from("kl"), st.sampled_from("12")), max_size=3))
    fields = draw(st.lists(st.tuples(st.sampled_from("KlK"), st.sampled_from("12")), max_size=3))
    url = f"/{path}?" + "&".join(f"{k}={v}" for k, v in pairs)
    head = make_head(draw(METHODS), url, *(f"{name}: {value}" for name, value in fields))
    head.section.host = host.encode()
    return head


@settings(max_examples=200)
@given(st.lists(written_routes(), max_size=12), st.lists(heads(), min_size=1, max_size=8))
def test_the_router_decides_as_a_linear_scan_does(routes: list[Written], requests: list[RequestHead]) -> None:
    router = router_of(*routes)
    for head in requests:
        found = router.find(head)
        expected = naive_find(routes, head)
        if isinstance(found, Miss):
            code = "method_not_allowed" if expected else "route_not_found"
            assert (found.code, found.allowed) == (code, tuple(method.encode() for method in expected or ()))
        else:
            assert found == expected
        winners = [verdict.target for verdict in router.explain(head) if verdict.won]
        assert winners == ([] if isinstance(found, Miss) else [found])


@settings(max_examples=150)
@given(st.lists(written_routes(), min_size=2, max_size=6), heads(), st.randoms())
def test_the_order_of_the_file_matters_only_between_ties(
    routes: list[Written], head: RequestHead, random: Random
) -> None:
    matches = [route.match() for route in routes]
    if any(one.ties(other) for index, one in enumerate(matches) for other in matches[:index]):
        return
    shuffled = list(routes)
    random.shuffle(shuffled)
    assert router_of(*routes).find(head) == router_of(*shuffled).find(head)


# --- by example -------------------------------------------------------------------------------------------------------

GET = frozenset({"GET"})


def test_a_missing_path_is_not_found_and_a_refused_method_lists_what_would_do() -> None:
    router = router_of(Written("/a", methods=GET), Written("/a", methods=frozenset({"PUT"}), headers=(("k", "1"),)))
    assert router.find(make_head("GET", "/b")) == Miss(ROUTE_NOT_FOUND, "no_route")
    assert router.find(make_head("POST", "/a")) == Miss(METHOD_NOT_ALLOWED, "method", (b"GET", b"HEAD"))
    assert router.find(make_head("POST", "/a", "k: 1")) == Miss(METHOD_NOT_ALLOWED, "method", (b"GET", b"HEAD", b"PUT"))


def test_a_refused_method_falls_through_to_a_broader_route() -> None:
    router = router_of(Written("/a", methods=GET), Written("/**"))
    assert router.find(make_head("POST", "/a")) == Written("/**")


def test_no_routes_find_nothing() -> None:
    assert router_of().find(make_head("GET", "/")) == Miss(ROUTE_NOT_FOUND, "no_route")


def test_a_host_of_nothing_but_dots_costs_no_more_labels_than_the_config_has() -> None:
    router = router_of(Written("/**", hosts=("*.x.example",)), Written("/z"))
    head = make_head("GET", "/z")
    head.section.host = b"." * 8000 + b"x.example"
    assert router.find(head) == Written("/**", hosts=("*.x.example",))


def test_explain_says_why_each_route_lost() -> None:
    router = router_of(
        Written("/a", hosts=("x.example",)),
        Written("/b"),
        Written("/a", headers=(("k", "1"),)),
        Written("/a", methods=frozenset({"POST", "PUT"})),
        Written("/a", query=(("q", None),)),
        Written("/{x}"),
        Written("/**"),
    )
    verdicts = router.explain(make_head("GET", "//y.example/a?p"))
    assert [(verdict.target.path, verdict.won, verdict.reason) for verdict in verdicts] == [
        ("/a", False, "host y.example is not x.example"),
        ("/a", False, "header k=1 does not hold"),
        ("/a", False, "query q does not hold"),
        ("/a", False, "method GET is not POST or PUT"),
        ("/b", False, "path /b does not match"),
        ("/{x}", True, "the most specific that accepts the request"),
        ("/**", False, "less specific than the winner"),
    ]


def test_iterating_gives_every_route_once_in_match_order() -> None:
    many_hosts = Written("/a", hosts=("x.example", "*.example"))
    routes = [Written("/**"), Written("/{x}"), many_hosts, Written("/a", hosts=("y.x.example",))]
    assert list(router_of(*routes)) == [many_hosts, routes[3], Written("/{x}"), Written("/**")]


def found(router: Router[Written], path: str) -> str:
    target = router.find(make_head("GET", path))
    return target.code if isinstance(target, Miss) else target.path


def test_an_escape_does_not_lead_round_the_stricter_route() -> None:
    router = router_of(*(Written(path) for path in ("/v1/things:purge", "/v1/**", "/users/@me", "/users/{id}")))
    assert found(router, "/v1/things%3Apurge") == found(router, "/v1/things:purge") == "/v1/things:purge"
    assert found(router, "/users/%40me") == found(router, "/users/@me") == "/users/@me"
    assert found(router, "/users/%2540me") == "/users/{id}", "an escaped % is no escape"


def test_parameters_of_a_segment_do_not_lead_round_the_stricter_route() -> None:
    router = router_of(*(Written(path) for path in ("/admin/**", "/cars/{id}", "/**", "/a;b")))
    for path in ("/admin;x/users", "/admin%3Bx/users", "/admin;/users", "/a;b"):
        assert found(router, path) == "bad_request", path
    assert found(router, "/cars/7;color=red") == found(router, "/cars/7") == "/cars/{id}"
    assert found(router, "/shop;jsessionid=1/cart") == "/**"
    assert found(router, "/admin/users;x") == "/admin/**"


@given(
    st.lists(st.sampled_from(["admin", "admin;x", "a%3Bb", "a;b", "a", "%40me", "@me", "b;"]), min_size=1, max_size=4)
)
def test_whoever_strips_parameters_and_whoever_does_not_go_the_same_way(parts: list[str]) -> None:
    router = router_of(*(Written(path) for path in ("/admin/**", "/{x}/a/**", "/a/{y}", "/{x}/@me", "/**")))
    path = "/" + "/".join(parts)
    stripped = "/" + "/".join(part.replace("%3B", ";").partition(";")[0] for part in parts)
    assert found(router, path) in ("bad_request", found(router, stripped))
