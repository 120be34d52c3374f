"""A downstream connection: bytes from a client to requests, responses back to bytes.

One request is taken up at a time. What a client pipelines behind it stays unread, first here and then in the socket, so
that no flood of requests is ever parsed ahead. Four things may be going on: a head is awaited, an exchange runs, the
rest of a refused body is read and dropped, or the connection lingers: it has said its last word and waits for the
client to read it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from moongate.core import limits
from moongate.core.errors import MISDIRECTED_REQUEST, REQUEST_TIMEOUT, MessageRefused
from moongate.net.bulk import bound_buffers, read_at_once, read_in_pieces
from moongate.net.closing import detached, has_unread, is_sent, reset
from moongate.net.pace import WINDOW_TICKS, Pace, Uptake
from moongate.net.peer import peer_address, peer_certificate
from moongate.net.wheel import NEVER, ticks
from moongate.protocol.http1.request import DONE, HEAD, LENGTH, RequestReader

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from moongate.core.exchange import PeerCertificate
    from moongate.core.message import Field, RequestHead
    from moongate.core.ports import DownstreamEvents
    from moongate.net.server import Server
    from moongate.net.tls import ListenerTls

_HEAD_TICKS: Final = ticks(limits.CLIENT_HEAD_SECONDS)
_IDLE_TICKS: Final = ticks(limits.CLIENT_IDLE_SECONDS)
_BODY_TICKS: Final = ticks(limits.BODY_IDLE_SECONDS)
_SLOW_TICKS: Final = ticks(limits.SLOW_READER_SECONDS)
_LINGER_TICKS: Final = ticks(limits.LINGER_SECONDS)


class ServerConnection(asyncio.Protocol):
    """One client's connection."""

    __slots__ = (
        "_close_by",
        "_held",
        "_is_body_paused",
        "_is_bulk",
        "_is_full",
        "_is_reading",
        "_is_taking",
        "_known_host",
        "_linger_bytes",
        "_pace",
        "_reader",
        "_server",
        "_sni",
        "_tls",
        "_transport",
        "_uptake",
        "_wheel",
        "certificate",
        "due",
        "exchange",
        "forwarded",
        "peer",
        "queued",
        "scheme",
        "write",
    )

    _transport: asyncio.Transport
    write: Callable[[bytes], None]

    def __init__(self, server: Server, tls: ListenerTls | None = None) -> None:
        self._server = server
        self._tls = tls
        self._sni = ""
        self._known_host = b""  # asked for before on this connection, and rightly
        self._wheel = server.wheel
        self._reader = RequestReader(self)
        self._held = b""  # octets of later requests, looked at when this one is answered
        self._is_taking = False
        self._is_reading = True
        self._is_body_paused = self._is_bulk = False
        self._is_full = False  # the client reads too slowly: what is written waits in memory
        self._linger_bytes = -1  # 0 and more: lingering, and so many octets may still come
        self._pace: Pace | None = None  # of the body that is being read
        self._close_by = NEVER
        self._uptake: Uptake | None = None  # of what is written, once it was full
        self.exchange: DownstreamEvents | None = None
        self.forwarded = b""
        self.peer, self.scheme = "", "http"
        self.certificate: PeerCertificate | None = None
        self.due = self.queued = NEVER

    def __repr__(self) -> str:
        state = "lingering" if self._linger_bytes >= 0 else "idle" if self.exchange is None else "active"
        return f"<ServerConnection {self.peer} {state} {self._reader.phase.value} held={len(self._held)}>"

    # -- the client's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.write = self._transport.write  # as it is: one call less for each response
        bound_buffers(self._transport)
        self.peer = peer_address(transport.get_extra_info("peername"))
        if self._tls is not None:
            self.scheme = "https"
            self._sni = getattr(transport.get_extra_info("ssl_object"), "moongate_sni", "")
            self.certificate = peer_certificate(transport.get_extra_info("peercert"))
        if self._server.admission.enter(self.peer):
            self._server.connections.add(self)
            self._wheel.arm(self, _HEAD_TICKS)
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """From bytes to requests."""
        if self._linger_bytes >= 0:
            self._linger(len(data))
            return
        if self._held:
            self._held += data  # the transport delivers what it had read before it was paused
            return
        reader = self._reader
        was_begun = reader.seen
        taken = 0
        self._is_taking = True
        try:
            while data:
                phase = reader.phase
                if phase is DONE or (phase is HEAD and (self._is_full or taken == limits.MAX_REQUESTS_PER_TURN)):
                    self._hold(data)
                    break
                data = reader.receive(data)
                taken += 1
                if self._linger_bytes >= 0:
                    self._end_taking(len(data))
                    return
        except MessageRefused as refused:
            self._refuse(refused)
        finally:
            self._is_taking = False
        if reader.seen and (not was_begun or taken > 1):
            self.arm()  # a head has begun: it has ten seconds, however its octets trickle

    def eof_received(self) -> None:
        """A client that ends its side is gone, as nginx has it: returning None closes the transport."""

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._server.connections:
            self._server.connections.discard(self)
            self._server.admission.leave(self.peer)
        self._wheel.disarm(self)
        self._held = b""
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.client_gone()

    def pause_writing(self) -> None:
        self._is_full = True
        self._uptake = Uptake(self._transport)
        self._wheel.arm(self, _SLOW_TICKS)
        if self.exchange is not None:
            self.exchange.pause_response()

    def resume_writing(self) -> None:
        self._is_full = False
        self.arm()
        if self.exchange is not None:
            self.exchange.resume_response()
        self._resume_taking()

    def on_due(self) -> None:
        if self._linger_bytes > 0 and not self._is_full and not is_sent(self._transport):
            self._linger_bytes = 0  # a last, longer wait for a slow reader of the last answer
            self._wheel.arm(self, _BODY_TICKS)
        elif self._wheel.now < self._close_by < NEVER and not is_sent(self._transport):
            self._wheel.arm(self, _LINGER_TICKS)
        elif self._linger_bytes >= 0 or self._transport.is_closing():
            self._transport.abort()
        elif self._is_full and self._uptake is not None and self._uptake.is_kept():
            self._wheel.arm(self, _SLOW_TICKS)
        elif self._is_full:
            reset(self._transport)
        elif self._pace is not None:
            self._judge_sender(self._pace)
        elif self._reader.seen:
            self._refuse(MessageRefused(REQUEST_TIMEOUT, "head_timeout"))
        else:
            self._close()

    def _judge_sender(self, pace: Pace) -> None:
        if self._is_body_paused:
            return  # it is the upstream that is slow, and the upstream's deadline that counts
        if pace.is_kept():
            self._wheel.arm(self, WINDOW_TICKS)
        elif self.exchange is not None:
            self.exchange.request_refused(MessageRefused(REQUEST_TIMEOUT, "body_timeout"))
        else:
            self._close()

    # -- from bytes to requests

    def _end_taking(self, surplus: int) -> None:
        """The last word was said while requests were taken up; ``surplus`` octets behind them are not looked at."""
        if surplus:
            self._linger(surplus)
        elif self._reader.phase is DONE:
            self._transport.close()

    def _hold(self, data: bytes) -> None:
        self._held = data
        self._update_reading()
        if self._reader.phase is HEAD and not self._is_full:
            # This turn is over; other connections come first.
            self._server.loop.call_soon(self._resume_taking)

    def _resume_taking(self) -> None:
        if self._is_taking or not self._held or self._reader.phase is DONE:
            return
        data, self._held = self._held, b""
        self._update_reading()
        self.data_received(data)

    def _refuse(self, refused: MessageRefused) -> None:
        if self.exchange is not None:
            self.exchange.request_refused(refused)
        elif self._linger_bytes < 0 and not self._transport.is_closing():
            self._server.handler.refuse(self, refused)

    def request_head(self, head: RequestHead) -> None:
        if head.section.has_body:
            self._pace = Pace()
            self._wheel.arm(self, WINDOW_TICKS)
            if head.section.chunked or head.section.content_length > limits.READ_BYTES:
                self._is_bulk = True
                read_in_pieces(self._transport, self)
        else:
            self.due = NEVER  # what was queued finds that out by itself
        if self._tls is not None and head.section.host != self._known_host and not self._is_directed(head.section.host):
            return
        self._server.handler.handle(self, head)

    def _is_directed(self, host: bytes) -> bool:
        """Whether ``host`` is the site that the client's TLS handshake named; another's rules may be other (RFC 9110
        section 15.5.20)."""
        assert self._tls is not None
        if self._sni and not self._tls.is_same_site(self._sni, host.decode("latin-1")):
            self._refuse(MessageRefused(MISDIRECTED_REQUEST, "sni_mismatch"))
            return False
        self._known_host = host
        return True

    def request_body(self, data: bytes) -> None:
        if self._pace is not None:
            self._pace.octets += len(data)
        if self.exchange is not None:
            self.exchange.request_body(data)

    def request_end(self, trailers: list[Field]) -> None:
        self._pace = None
        if self._is_bulk:
            self._is_bulk = False
            read_at_once(self._transport, self)
        if self.exchange is not None:
            self.due = NEVER
            self.exchange.request_end(trailers)
        else:
            self._reader.next_message()  # the rest of a request that was answered before
            self.arm()

    # -- what the proxy asks for (core.ports.Downstream)

    @property
    def is_drainable(self) -> bool:
        reader = self._reader
        return reader.phase is DONE or (
            reader.phase is LENGTH and reader.remaining <= limits.LINGER_BYTES and not self._server.is_draining
        )

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self._transport.writelines(pieces)

    def pause_body(self) -> None:
        self._is_body_paused = True
        self._update_reading()

    def resume_body(self) -> None:
        if not self._is_body_paused:
            return
        self._is_body_paused = False
        self._update_reading()
        if self._pace is not None:
            self._pace.forgive()
        self.arm()

    def open_tunnel(self) -> None:
        self._reader.become_raw()
        self.due = NEVER
        read_in_pieces(self._transport, self)
        data, self._held = self._held, b""
        self._update_reading()
        if data and self.exchange is not None:
            self.exchange.request_body(data)

    def finish(self, keep_alive: bool) -> None:
        self.exchange = None
        if self._is_body_paused:
            self._is_body_paused = False
            self._update_reading()
        if not keep_alive or self._server.is_draining:
            self._say_goodbye()
        elif self._reader.phase is DONE:
            self._reader.phase = HEAD
            if self._is_full:
                return
            self.due = due = self._wheel.now + _IDLE_TICKS
            if due < self.queued:
                self._wheel.queue(self, due)
            if self._held:
                self._resume_taking()
        else:
            self.arm()

    def abort(self) -> None:
        self.exchange = None
        self._held = b""
        reset(self._transport)

    def drain(self) -> None:
        if self.exchange is not None:
            self.exchange.drain()
        elif self._linger_bytes < 0 and not self._reader.seen and not has_unread(self._transport):
            self._close()

    def hand_over(self) -> socket.socket | None:
        """Its socket, for another worker to go on with; None where something is going on, or TLS is spoken."""
        is_busy = self.exchange or self._held or self._reader.seen or self._reader.phase is not HEAD
        is_ending = self._linger_bytes >= 0 or self._transport.is_closing()
        return None if is_busy or is_ending or self._tls or not is_sent(self._transport) else detached(self._transport)

    # -- the end

    def _say_goodbye(self) -> None:
        """Close so that the client can still read the answer: closing with octets unread would reset the connection
        and take the answer with it (RFC 9112 section 9.6)."""
        if self._transport.is_closing():
            return
        has_more = bool(self._held)
        self._held = b""
        if self._reader.phase is DONE and not self._is_taking and not has_more:
            self._close()
            return
        self._linger_bytes = limits.LINGER_BYTES
        self._wheel.arm(self, _LINGER_TICKS)
        self._update_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _close(self) -> None:
        """Once what was written is sent; a client that does not read it does not keep the socket.

        TLS ends with a word of the client's, which many never say: there it is waited for no longer than for what is
        not sent.
        """
        self._close_by = self._wheel.now + _BODY_TICKS
        self._wheel.arm(self, _BODY_TICKS if self._tls is None else _LINGER_TICKS)
        self._transport.close()

    def _linger(self, size: int) -> None:
        self._linger_bytes -= size
        if self._linger_bytes < 0:
            self._linger_bytes = 0
            self._transport.abort()

    def _update_reading(self) -> None:
        wanted = self._linger_bytes >= 0 or not (self._is_body_paused or self._held)
        if wanted is self._is_reading or self._transport.is_closing():
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def arm(self) -> None:
        """The deadline that fits the present state."""
        if self._is_full or self._linger_bytes >= 0:
            return
        if self._reader.phase is DONE:
            self.due = NEVER
        elif self._pace is not None:
            self._wheel.arm(self, WINDOW_TICKS)
        elif self._reader.seen:
            self._wheel.arm(self, _HEAD_TICKS)
        else:
            self._wheel.arm(self, _IDLE_TICKS)
