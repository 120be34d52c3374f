"""Path patterns: what they accept, how they compare, and what a person's first wrong try is told."""

from __future__ import annotations

import pytest

from moongate.protocol.http1.target import canonical_path
from moongate.routing.pattern import MAX_SEGMENTS, PathPattern, PatternError


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("/", ["/"], ["/a", "//", "*"]),
        ("/api", ["/api"], ["/api/", "/ap", "/api/x", "/API", "/"]),
        ("/api/", ["/api/"], ["/api", "/api//"]),
        ("/api/{id}", ["/api/7", "/api/%2A"], ["/api", "/api/", "/api/7/", "/api/7/8"]),
        ("/{kind:cars|lorries}/{id}", ["/cars/1", "/lorries/x"], ["/trucks/1", "/cars/", "/cars"]),
        ("/api/**", ["/api", "/api/", "/api/a", "/api/a/b/"], ["/apis", "/", "/ap"]),
        ("/**", ["/", "/a", "/a/b//c"], ["*"]),
        ("/{a}/**", ["/x", "/x/", "/x/y"], ["/"]),
        ("*", ["*"], ["/", "/*"]),
    ],
)
def test_accepts(pattern: str, accepted: list[str], refused: list[str]) -> None:
    parsed = PathPattern.parse(pattern)
    assert [path for path in accepted if not parsed.accepts(path.encode())] == []
    assert [path for path in refused if parsed.accepts(path.encode())] == []


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("/café", b"/caf%C3%A9"),
        ("/caf%c3%a9", b"/caf%C3%A9"),
        ("/%7euser", b"/~user"),
        ("/a b", b"/a%20b"),
        ("/a:b@c;d=e,f", b"/a:b@c;d=e,f"),
        ("/%40", b"/@"),
        ("/a%3Ab%2cc", b"/a:b,c"),
        ("/100%25", b"/100%25"),
    ],
)
def test_literals_take_the_form_of_canonical_paths(written: str, canonical: bytes) -> None:
    assert PathPattern.parse(written).literal == canonical


@pytest.mark.parametrize("octet", [octet for octet in range(1, 256) if octet not in b"/\\"])
def test_it_makes_no_difference_whether_a_request_escapes_more_than_it_must(octet: int) -> None:
    """What a service takes for one path is one path to rules as well."""
    escaped = f"/x%{octet:02X}y"
    said = canonical_path(escaped.encode())
    assert PathPattern.parse(escaped).accepts(said)
    if chr(octet) in "!$&'()*+,;=:@":
        raw = f"/x{chr(octet)}y"
        assert said == escaped.encode(), "and is forwarded as it came"
        assert PathPattern.parse(raw).accepts(said)
        assert PathPattern.parse(escaped).accepts(raw.encode())
    if chr(octet) in "!&',;=:@":
        assert PathPattern.parse(f"/{{name:x{chr(octet)}y|z}}").accepts(said)


def test_a_pattern_that_takes_several_paths_has_no_literal() -> None:
    assert [PathPattern.parse(text).literal for text in ("/{a}", "/a/**", "/{a:b|c}")] == [None] * 3


def test_capture_gives_names_and_leaves_values_encoded() -> None:
    pattern = PathPattern.parse("/api/{kind:cars|lorries}/{id}/**")
    assert pattern.capture(b"/api/cars/a%20b/allocations/1") == {"kind": "cars", "id": "a%20b"}
    assert PathPattern.parse("/a").capture(b"/a") == {}


def test_order_is_segment_by_segment_from_the_left() -> None:
    best_first = ["/a/b", "/a/b/**", "/a/{x:b|c}", "/a/{x:b|c}/**", "/a/{x}", "/a/{x}/**", "/a/**", "/{x}/b", "/**"]
    patterns = [PathPattern.parse(text) for text in best_first]
    assert sorted(patterns, key=lambda pattern: pattern.order) == patterns


@pytest.mark.parametrize(
    ("one", "other", "ties"),
    [
        ("/{a}", "/{b}", True),
        ("/{x:a|b}", "/{y:b|c}", True),
        ("/{x:a|b}", "/{y:c|d}", False),
        ("/a/{x}", "/b/{x}", False),
        ("/a/{x}", "/a/b", False),
        ("/a/**", "/a/**", True),
        ("/a/**", "/a/b/**", False),
        ("/a", "/a", True),
        ("/a/", "/a", False),
    ],
)
def test_ties(one: str, other: str, ties: bool) -> None:
    assert PathPattern.parse(one).ties(PathPattern.parse(other)) is ties
    assert PathPattern.parse(other).ties(PathPattern.parse(one)) is ties


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("api", "a path starts with /, write '/api'"),
        ("", "a path starts with /, write '/'"),
        ("/a//b", "empty segment: slashes are merged before a path is matched, write one /"),
        ("//", "empty segment: slashes are merged before a path is matched, write one /"),
        ("/a//**", "empty segment: slashes are merged before a path is matched, write one /"),
        ("/{id}/{id}", "{id} stands twice: give each placeholder its own name"),
        ("/files/{name}.json", "'{name}.json': a placeholder fills a whole segment, as in /files/{name}"),
        ("/{a}{b}", "'{a}{b}': a placeholder fills a whole segment, as in /files/{name}"),
        ("/a/**/b", "/** stands only at the end of a path"),
        ("/api/*", "'*' is no wildcard here: {name} takes one segment, a tail /** takes the rest of '/api/*'"),
        (
            "/{path:path}/{p*}",
            (
                "'{p*}': a placeholder's name is letters, digits and _, not starting with a digit; "
                "for the rest of a path write a tail /**"
            ),
        ),
        ("/{}", "'{}': a placeholder's name is letters, digits and _, not starting with a digit"),
        ("/{k:a|}", "'{k:a|}': an alternative is empty, write {k:a|b}"),
        ("/{k:}", "'{k:}': an alternative is empty, write {k:a|b}"),
        ("/{k:a|a}", "'{k:a|a}': an alternative stands twice"),
        ("/{id:[0-9]+}", "'{id:[0-9]+}': alternatives are plain words, not a regular expression: {id:a|b}"),
        ("/a/../b", "'..': dot segments are resolved before a path is matched"),
        ("/a%2Fb", "'%2F': a request with it in its path is refused, so this matches nothing"),
        ("/a?x=1", "'?' does not belong to a path; match parameters with `query:`"),
        ("/users/<id>", "'<': placeholders are written {name}"),
        ("/50%", "'%' cannot stand in a path"),
        ("/a\\b", "'\\\\' cannot stand in a path"),
        ("/a\nb", "'\\n' cannot stand in a path"),
        ("/a" * (MAX_SEGMENTS + 1), f"{MAX_SEGMENTS + 1} segments, at most {MAX_SEGMENTS} are matched"),
    ],
)
def test_a_wrong_pattern_is_told_what_to_write(text: str, message: str) -> None:
    with pytest.raises(PatternError) as raised:
        PathPattern.parse(text)
    assert str(raised.value) == message
