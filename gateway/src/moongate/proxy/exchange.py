"""One exchange, from its head to its end. The steps of the request are in ``request_side``; here are those of the
response.

 5  the response head: framed for this client
 6  bytes flow both ways, each side held back by the other
 7  the end: connections go back or close, the observer is told once

An exchange stands between its two connections and is called by both; nothing in it waits. Either side may fail at any
step, and each failure ends in exactly one of: an answer (nothing was sent to the client yet), a cut connection
(something was), or silence (nobody is left).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core import limits
from moongate.core.clock import monotonic
from moongate.core.errors import CLIENT_GONE, UPSTREAM_PROTOCOL_ERROR, Failure, MessageRefused
from moongate.filters.authorize import KIND as AUTHORIZE
from moongate.protocol.http1.encode import LAST_CHUNK, chunk_head, last_chunk
from moongate.protocol.websocket import is_accepted
from moongate.proxy.heads import (
    allowed_trailers,
    edited_response,
    interim_bytes,
    plain_response,
    response_bytes,
    response_framing,
    upgrade_bytes,
)
from moongate.proxy.replies import problem, reply_bytes
from moongate.proxy.request_side import IDEMPOTENT, RequestSide
from moongate.proxy.tunnel import Tunnel

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.message import Field, ResponseHead
    from moongate.filters import Refusal, Response

_SMALL_BYTES: Final = 16 * limits.KIB  # joined to the head and written at once; what is larger is not copied


class ProxyExchange(RequestSide):
    """The moving parts of an exchange: DownstreamEvents and UpstreamEvents of core.ports, and a deadline of its own."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<ProxyExchange {self.id.decode()} {self.route or '-'} status={self.status} waiting={self.is_waiting}>"

    # 5 the response head

    def response_interim(self, head: ResponseHead) -> None:
        if head.status != 100 and self._head.minor == 1:  # 100 was answered here already
            self._downstream.write(interim_bytes(head))

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        self._response = head
        self._has_answered = True
        self.status = head.status
        self.origin = "upstream"
        if self.response_edits is not None:
            head = edited_response(head, self.response_edits)
        if head.status == 101:
            self._open_tunnel(head, body)
            return
        if self._pending is not None:
            self._forget_body()
        if not self._request_ended or self._engine.is_draining:
            self._keep_alive = False
        request = self._head
        if self._keep_alive and request.minor == 1 and request.method != b"HEAD":
            data, self._chunks_out = head.written or plain_response(head, request)
            data += self.id + b"\r\n\r\n"
        else:
            lines, self._chunks_out, self._keep_alive = response_framing(head, request, self._keep_alive)
            data = response_bytes(head, lines, self.id)
        self.bytes_out = size = len(body)
        if ended and not self._chunks_out:
            if size <= _SMALL_BYTES:
                self._downstream.write(data + body)
            else:
                self._downstream.writelines((data, body))
            self._end_response()
            return
        self._downstream.write(data)
        if body:
            self._write_response(body)
        if (head.get(b"content-type") or b"").lower().startswith(b"text/event-stream") and self._upstream is not None:
            self._upstream.wait_forever()
            self._last(self._cut)

    def _open_tunnel(self, head: ResponseHead, data: bytes) -> None:
        upstream, self._upstream = self._upstream, None
        assert upstream is not None
        if not is_accepted(self._head, head):
            upstream.close()
            self._has_answered = False
            self.fail(UPSTREAM_PROTOCOL_ERROR, "bad_websocket_answer")
            return
        self._downstream.write(upgrade_bytes(head, self.id))
        tunnel = Tunnel(self, self._downstream, upstream, self._engine.wheel)
        tunnel.open()
        self._last(tunnel.refuse)
        if data:
            tunnel.response_body(data)

    def _last(self, end: Callable[[Refusal], None]) -> None:
        """It goes on for as long as its client may; then ``end`` is called."""
        chain = self._live.chains.get(self.route, ())
        steps = tuple(step for plan, step in zip(self._plan.filters, chain, strict=True) if plan.kind == AUTHORIZE)
        self._is_lasting = not self._is_done and self._engine.lasting.add(self, steps, end)

    def _cut(self, refusal: Refusal) -> None:
        self.fail(refusal.failure, refusal.reason)

    def tunnel_ended(self, reason: str) -> None:
        """Its upstream side is closed; close this one, and tell the observer."""
        self.reason = reason
        self.upstream_ended = monotonic()
        self._finish(keep_alive=False)

    # 6 bytes flow both ways, each side held back by the other

    def response_body(self, data: bytes) -> None:
        self.bytes_out += len(data)
        self._write_response(data)

    def _write_response(self, data: bytes) -> None:
        if self._chunks_out:
            self._downstream.writelines((chunk_head(len(data)), data, b"\r\n"))
        else:
            self._downstream.write(data)

    def response_end(self, trailers: list[Field]) -> None:
        if self._chunks_out:
            kept = allowed_trailers(trailers) if trailers and self._section.takes_trailers else None
            self._downstream.write(last_chunk(kept) if kept else LAST_CHUNK)
        self._end_response()

    def pause_response(self) -> None:
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_response(self) -> None:
        if self._upstream is not None:
            self._upstream.resume_reading()

    def pause_request(self) -> None:
        if not self._request_ended:
            self._downstream.pause_body()

    def resume_request(self) -> None:
        if not self._request_ended:
            self._downstream.resume_body()

    # 7 the end

    def _end_response(self) -> None:
        upstream, self._upstream = self._upstream, None
        response = self._response
        assert upstream is not None
        assert response is not None
        self.ended = self.upstream_ended = monotonic()
        if response.keep_alive and self._request_ended:
            upstream.release(response.idle_seconds)
        else:
            upstream.close()
        self._end()
        self._downstream.finish(self._keep_alive)

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        upstream, self._upstream = self._upstream, None
        self.upstream_ended = monotonic()
        redoable = self._head.method in IDEMPOTENT and self._replay_bytes >= 0
        if is_silent and redoable and self._redo(was_reused=upstream is not None and upstream.is_reused):
            return
        self._pool.failures += 1
        self.fail(failure, reason)

    def _redo(self, *, was_reused: bool) -> bool:
        """Ask again on another connection. As a rule the lost one had closed before it saw the request; where not, RFC
        9110 section 9.2.2 lets these methods be done again. Where it is the target that died, another one is the only
        retry that helps, and is not the budget's: half of all requests may have been there. Nor is a reused connection
        that had closed: of a service that closes after each answer without a word, every request may meet one."""
        assert self._service is not None
        pool = self._service.pick(self._pool)
        if not self._take_retry(is_budgeted=pool is self._pool and not was_reused):
            return False
        if was_reused:
            self._pool.discard_idle()  # siblings of the same age share its fate
        self._connect(pool, is_redo=True)
        return True

    def request_refused(self, refused: MessageRefused) -> None:
        self.fail(refused.failure, refused.reason)

    def drain(self) -> None:
        """An exchange is given the drain's time to end by itself."""

    def client_gone(self) -> None:
        if self._is_done:
            return
        self.code, self.reason = CLIENT_GONE.code, "client_gone"
        if not self._has_answered:
            self.status = CLIENT_GONE.status
        self._drop_upstream()
        self._end()

    def fail(self, failure: Failure, reason: str, fields: tuple[Field, ...] = ()) -> None:
        """Answer with ``failure``; where the response has begun already, cut the connection, for that is all that is
        left."""
        if self._is_done:
            return
        self._drop_upstream()
        self.code, self.reason = failure.code, reason
        if self._has_answered:
            self._is_done = True
            self._downstream.abort()
            self._end()
            return
        keep_alive = self._may_keep_alive() and not failure.closes
        self._reply(keep_alive, problem(failure, self.id, fields))

    def answer(self, response: Response) -> None:
        """Answer with a filter's own response; the service is not asked."""
        if not self._is_done:
            self.code, self.reason = response.code, response.reason
            self._reply(self._may_keep_alive(), response)

    def _may_keep_alive(self) -> bool:
        """Whether the client's connection can go on, though its request was not forwarded."""
        # Whoever awaits 100 (Continue) may send the body or not: nobody can tell where the next request begins.
        keep_alive = self._keep_alive and self._downstream.is_drainable and not self._section.expects_continue
        return keep_alive and self._head.minor == 1  # HTTP/1.0 would have to be told

    def _reply(self, keep_alive: bool, response: Response) -> None:
        self.status = response.status
        self.origin = "gateway"
        is_head = self._head.method == b"HEAD"
        reply, self.bytes_out = reply_bytes(
            response, self.id, keep_alive=keep_alive, bodiless=is_head, edits=self.response_edits
        )
        self._downstream.write(reply)
        self._finish(keep_alive)

    def _drop_upstream(self) -> None:
        self._stop_waiting()
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            self.upstream_ended = monotonic()
            upstream.close()

    def _finish(self, keep_alive: bool) -> None:
        self._end()
        self._downstream.finish(keep_alive)

    def _end(self) -> None:
        self._is_done = True
        self._pending = None
        if self._asking is not None:
            self._stop_asking(*self._asking)
        if self._is_lasting:
            self._engine.lasting.remove(self)
        service = self._service
        if service is not None:
            service.active -= 1
            if self._is_budgeted:
                service.retrying -= 1
            overload = self._engine.overload
            overload.in_flight -= 1
            if overload.floor:
                overload.judge()
        observer = self._engine.observer
        if observer is not None:
            self.ended = self.ended or monotonic()
            observer.exchange_ended(self)
