"""What comes from accounts, made smaller than it may try to be: decompressed and cut into records in bounded memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

MAX_RECORD_BYTES: Final = 16 * 1024 * 1024  # a client with 100,000 grants takes 10 MiB
MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


class AccountsFailed(Exception):  # noqa: N818 - what happened
    """Accounts did not do its part; says how, in words that follow "accounts"."""


class Nonsense(AccountsFailed):
    """It answered something that is no answer."""


class CutOff(AccountsFailed):
    """The answer ended too early."""


class EpochChanged(AccountsFailed):
    """What is known here is no part of its history: a new snapshot is due."""


class Refused(AccountsFailed):
    """It does not take this gateway's token."""


Seq: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class SnapshotHead(msgspec.Struct):
    """The first line of a snapshot."""

    epoch: str
    seq: Seq
    records: int


class Record(msgspec.Struct):
    """One record of a snapshot, undecoded."""

    kind: str
    id: str
    record: msgspec.Raw


class Change(msgspec.Struct):
    """One change; a ``record`` of null is a deletion."""

    seq: Seq
    kind: str
    id: str
    record: msgspec.Raw


class Changes(msgspec.Struct):
    """An answer of the feed; ``seq`` is the last that there is."""

    epoch: str
    seq: Seq
    changes: list[Change]


class Answer(msgspec.Struct):
    """What is known of one credential's client, as of ``seq``."""

    epoch: str
    seq: Seq
    record: msgspec.Raw


class Inflating:
    """Octets of a body as they come, decompressed where they are gzip, in pieces of at most 256 KiB."""

    def __init__(self, is_gzip: bool) -> None:
        self._inflate = zlib.decompressobj(_GZIP) if is_gzip else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises Nonsense."""
        inflate = self._inflate
        if inflate is None:
            yield data
            return
        try:
            while data and not inflate.eof:
                yield inflate.decompress(data, _PIECE_BYTES)
                data = inflate.unconsumed_tail
        except zlib.error:
            raise Nonsense("answers what claims to be gzip and is not") from None

    def end(self) -> None:
        """Raises CutOff where more was to come."""
        if self._inflate is not None and not self._inflate.eof:
            raise CutOff("was cut off in the middle of an answer")


class Lines:
    """Whole lines of the pieces of a body."""

    def __init__(self, max_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that are whole now, without their ends. Raises Nonsense where one is too long."""
        *whole, last = piece.split(b"\n")
        if whole:
            self._rest += whole[0]
            whole[0] = bytes(self._rest)
            self._rest.clear()
        self._rest += last
        if len(self._rest) > self._max_bytes:
            raise Nonsense(f"sends a record of more than {self._max_bytes // 1024**2} MiB, which none is")
        return whole

    def end(self) -> list[bytes]:
        """What stands behind the last line's end."""
        return [bytes(self._rest)] if self._rest else []


_HEAD: Final = msgspec.json.Decoder(SnapshotHead)
_RECORD: Final = msgspec.json.Decoder(Record)
_CHANGES: Final = msgspec.json.Decoder(Changes)
_ANSWER: Final = msgspec.json.Decoder(Answer)


def read_head(line: bytes) -> SnapshotHead:
    """Raises Nonsense."""
    return _read(_HEAD, line, "a snapshot whose first line is none")


def read_records(lines: list[bytes]) -> list[Record]:
    """Raises Nonsense."""
    return [_read(_RECORD, line, "a snapshot with a line that is no record") for line in lines if line]


def read_changes(body: bytes) -> Changes:
    """Raises Nonsense."""
    return _read(_CHANGES, body, "changes that are none")


def read_answer(body: bytes) -> Answer:
    """Raises Nonsense."""
    return _read(_ANSWER, body, "an answer that is none")


def _read(decoder: msgspec.json.Decoder[T], text: bytes, what: str) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Nonsense(f"sends {what}: {error}") from None
