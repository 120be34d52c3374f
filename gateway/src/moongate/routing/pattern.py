"""Path patterns: literal segments, ``{name}``, ``{name:a|b}`` and a tail ``/**``.

A pattern speaks of the canonical path (RFC 3986 section 6.2.2, percent-encoded ASCII), so its literals are brought to
the same form when it is parsed: ``/café`` and ``/caf%c3%a9`` are one pattern. So are ``/users/@me`` and
``/users/%40me``, and requests for either: RFC 3986 section 2.2 tells them apart, services do not, and whoever could
choose would walk round the stricter of two routes. The path that is forwarded stays as it came. There are no regular
expressions: matching is linear in the path whatever a config says, and two patterns can be compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

# RFC 3986 section 3.3: pchar without pct-encoded, as it may stand in a canonical path.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TOKEN = re.compile(r"%([0-9A-Fa-f]{2})|(.)", re.DOTALL)
MAX_SEGMENTS = (
    64  # A path of 8 KiB could have 4,096; no API is that deep, and matching recurses once a segment at most.
)
_ESCAPED_PLAIN = re.compile(rb"%(?:21|24|2[6-9A-C]|3A|3B|3D|40)")
_NEVER_CANONICAL = frozenset({0x00, 0x2F, 0x5C})  # %00 %2F %5C: such a request is refused before it is routed.


class PatternError(ValueError):
    """The text is no path pattern; the message says what is wrong and what to write instead."""


class Kind(IntEnum):
    """What a segment accepts, most specific first; the value is its place in the order of specificity."""

    LITERAL = 0
    CHOICE = 1
    ANY = 2


# What may follow the last segment: nothing beats any segment, a tail loses to every one.
_END = -1
_TAIL = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: ``values`` it may have (empty for ANY) and the ``name`` it is captured under (empty for LITERAL)."""

    kind: Kind
    name: str
    values: tuple[bytes, ...]

    def accepts(self, part: bytes) -> bool:
        """ANY takes one segment that is not empty, the others take their values."""
        return part != b"" if self.kind is Kind.ANY else part in self.values

    def meets(self, other: Segment) -> bool:
        """Whether some segment of a path is accepted by both."""
        if self.kind is Kind.ANY or other.kind is Kind.ANY:
            return self.kind is other.kind or any(self.values + other.values)
        return not set(self.values).isdisjoint(other.values)


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A parsed pattern. ``text`` as written, ``segments`` after the leading slash, ``tail`` whether ``/**`` ends it."""

    text: str
    segments: tuple[Segment, ...]
    tail: bool

    @classmethod
    def parse(cls, text: str) -> PathPattern:
        """Raise `PatternError` unless ``text`` is a pattern; ``*`` stands for the request target of ``OPTIONS *``."""
        if text == "*":
            return cls(text, (Segment(Kind.LITERAL, "", (b"*",)),), False)
        if text.startswith(("^", "~")):
            raise PatternError("paths are no regular expressions: {name} takes one segment, a tail /** takes the rest")
        if "://" in text:
            raise PatternError("a path stands without scheme and host, which `host` is for, as in /api/**")
        if not text.startswith("/"):
            raise PatternError(f"a path starts with /, write {'/' + text!r}")
        parts = text[1:].split("/")
        tail = parts[-1] == "**"
        if tail:
            parts.pop()
        if len(parts) > MAX_SEGMENTS:
            raise PatternError(f"{len(parts)} segments, at most {MAX_SEGMENTS} are matched")
        segments = tuple(_segment(part, text) for part in parts)
        if any(segment.values == (b"",) for segment in segments[: None if tail else -1]):
            raise PatternError("empty segment: slashes are merged before a path is matched, write one /")
        names = [segment.name for segment in segments if segment.name]
        for name in names:
            if names.count(name) > 1:
                raise PatternError(f"{{{name}}} stands twice: give each placeholder its own name")
        return cls(text, segments, tail)

    @property
    def literal(self) -> bytes | None:
        """The one path this pattern accepts, or None where it accepts several."""
        if self.text == "*":
            return b"*"
        if self.tail or any(segment.kind is not Kind.LITERAL for segment in self.segments):
            return None
        return b"/" + b"/".join(segment.values[0] for segment in self.segments)

    @property
    def order(self) -> tuple[int, ...]:
        """Sorts more specific patterns first; comparable for any two patterns that accept the same path."""
        return (*(segment.kind for segment in self.segments), _TAIL if self.tail else _END)

    def accepts(self, path: bytes) -> bool:
        """Whether this pattern accepts the canonical ``path``. ``/a/**`` takes ``/a``, ``/a/`` and all below."""
        if path[:1] != b"/" or self.text == "*":
            return path == self.literal
        if b"%" in path:
            path = plain(path)
        parts = path[1:].split(b"/")
        if len(parts) != len(self.segments) and not (self.tail and len(parts) > len(self.segments)):
            return False
        return all(segment.accepts(part) for segment, part in zip(self.segments, parts, strict=False))

    def capture(self, path: bytes) -> dict[str, str]:
        """The named segments of ``path``, which this pattern accepts, percent-encoded as they stand in it."""
        parts = path[1:].split(b"/")
        return {
            segment.name: part.decode("ascii")
            for segment, part in zip(self.segments, parts, strict=False)
            if segment.name
        }

    def ties(self, other: PathPattern) -> bool:
        """Whether some path is accepted by both and neither is the more specific one."""
        return self.order == other.order and all(
            mine.meets(theirs) for mine, theirs in zip(self.segments, other.segments, strict=True)
        )


def plain(path: bytes) -> bytes:
    """The canonical ``path`` as it is matched: what may stand in a path unescaped is."""
    return _ESCAPED_PLAIN.sub(lambda found: bytes((int(found[0][1:], 16),)), path)


def _segment(part: str, text: str) -> Segment:
    if part.startswith("{") and part.endswith("}") and "{" not in part[1:] and "}" not in part[:-1]:
        return _placeholder(part)
    if "{" in part or "}" in part:
        raise PatternError(f"{part!r}: a placeholder fills a whole segment, as in /files/{{name}}")
    if part == "**":
        raise PatternError("/** stands only at the end of a path")
    if part == "*":
        raise PatternError(
            f"'*' is no wildcard here: {{name}} takes one segment, a tail /** takes the rest of {text!r}"
        )
    return Segment(Kind.LITERAL, "", (_canonical(part),))


def _placeholder(part: str) -> Segment:
    name, colon, choices = part[1:-1].partition(":")
    if not _NAME.match(name):
        hint = "; for the rest of a path write a tail /**" if name.strip("*.") != name or "path" in choices else ""
        raise PatternError(f"{part!r}: a placeholder's name is letters, digits and _, not starting with a digit{hint}")
    if not colon:
        return Segment(Kind.ANY, name, ())
    values = choices.split("|")
    if not all(values):
        raise PatternError(f"{part!r}: an alternative is empty, write {{{name}:a|b}}")
    if any(char in choices for char in "[]()*+?\\^$"):
        raise PatternError(f"{part!r}: alternatives are plain words, not a regular expression: {{{name}:a|b}}")
    canonical = tuple(_canonical(value) for value in values)
    if len(set(canonical)) != len(canonical):
        raise PatternError(f"{part!r}: an alternative stands twice")
    return Segment(Kind.CHOICE, name, canonical)


def _canonical(part: str) -> bytes:
    """``part`` as it is matched: what may stand in a path plain, all else ``%XX`` in upper case."""
    if part in (".", ".."):
        raise PatternError(f"{part!r}: dot segments are resolved before a path is matched")
    out: list[str] = []
    for token in _TOKEN.finditer(part):
        encoded, char = token.groups()
        if encoded is not None:
            code = int(encoded, 16)
            if code in _NEVER_CANONICAL:
                raise PatternError(f"'%{encoded}': a request with it in its path is refused, so this matches nothing")
            out.append(chr(code) if chr(code) in _PLAIN else f"%{code:02X}")
        elif char in _PLAIN:
            out.append(char)
        else:
            out.append(_encoded(char))
    return "".join(out).encode("ascii")


def _encoded(char: str) -> str:
    if char in "?#":
        raise PatternError(f"{char!r} does not belong to a path; match parameters with `query:`")
    if char in "<>":
        raise PatternError(f"{char!r}: placeholders are written {{name}}")
    if char == "\\" or char == "%" or ord(char) < 0x20 or ord(char) == 0x7F:
        raise PatternError(f"{char!r} cannot stand in a path")
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
