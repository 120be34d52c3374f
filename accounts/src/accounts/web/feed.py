"""`/internal/v1`: the feed for gateways, as docs/accounts-feed.md has it."""

import time
import zlib
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.service import feed
from accounts.service.feed import Snapshot
from accounts.service.ports import Change
from accounts.web import schemas
from servicekit.core.polling import wait_for
from servicekit.web.answers import JSON, encode
from servicekit.web.body import read_body, read_query
from servicekit.web.places import Places
from servicekit.web.shapes import NoQuery

NDJSON = "application/x-ndjson"
_CHUNK = 64 * 1024


def build(services: Services) -> Blueprint:
    """The routes of the feed; `auth` lets only gateways in."""
    routes = Blueprint("feed", __name__, url_prefix="/internal/v1")
    store, peppers = services.store, services.peppers
    places = Places(services.settings.threads)

    @routes.get("/snapshot")
    def get_snapshot() -> Response:
        read_query(request, NoQuery)
        state = store.read(lambda tx: tx.feed.state())
        if _etag(state.epoch, state.last) in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers={"ETag": _etag(state.epoch, state.last)})
        return _snapshot(feed.snapshot(store, peppers.all()))

    @routes.get("/changes")
    def get_changes() -> Response:
        asked = read_query(request, schemas.ChangesQuery)

        def look() -> Sequence[Change] | None:
            return store.read(lambda tx: feed.changes(tx, asked.epoch, asked.after)) or None

        with places.wait(asked.wait) as seconds:
            found = wait_for(look, seconds, time.sleep) or ()
        held = peppers.all()
        texts = ",".join(feed.change_text(feed.with_pepper(change, held)) for change in found)
        seq = found[-1].seq if found else asked.after
        return _json(f'{{"epoch":{encode(asked.epoch)},"seq":{seq},"changes":[{texts}]}}')

    @routes.post("/ask")
    def ask() -> Response:
        read_query(request, NoQuery)
        asked, _ = read_body(request, schemas.AskIn)
        state, record = store.read(lambda tx: feed.ask(tx, asked.key, asked.client))
        return _json(f'{{"epoch":{encode(state.epoch)},"seq":{state.last},"record":{record}}}')

    @routes.post("/used")
    def used() -> Response:
        read_query(request, NoQuery)
        asked, _ = read_body(request, schemas.UsedIn)
        now = services.clock()
        store.write(lambda tx: feed.used(tx, asked.keys, now))
        return Response(status=204)

    return routes


def _etag(epoch: str, seq: int) -> str:
    return f'"{epoch}.{seq}"'


def _json(text: str) -> Response:
    return Response(text, content_type=JSON)


def _snapshot(taken: Snapshot) -> Response:
    headers = {"ETag": _etag(taken.state.epoch, taken.state.last), "Vary": "Accept-Encoding"}
    if request.accept_encodings["gzip"]:
        return Response(taken.body, headers={**headers, "Content-Encoding": "gzip"}, content_type=NDJSON)
    return Response(_unpacked(taken.body), headers=headers, content_type=NDJSON)


def _unpacked(body: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    rest = body
    while rest:
        yield unpacker.decompress(rest, _CHUNK)
        rest = unpacker.unconsumed_tail
