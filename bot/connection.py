"""One connection to our listener: what is handed on to aiohttp, when, and how long the client may keep us waiting for the rest.

A small request is handed on once it is whole, so that one that never will be costs no handler. Of each connection it is one at a
time: a client that sends a hundred at once has the second read when the first is answered. How many connections there may be is
the listener's (``bot.listener``).
"""

import asyncio
import re
from collections.abc import Callable
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from bot.settings import ServerSettings

CHUNK = 16 * 1024  # bytes taken from one connection before the others have their turn
SMALL = 64 * 1024  # bytes of a body that is waited for until it is whole; no chat platform sends more of one message
_END = b"\r\n\r\n"  # of a head, and in every chunked body behind its last chunk
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"  # to who sends a body only when he is told to


class Phase(Enum):
    """What a connection waits for. Only in ``ANSWERING`` it is our turn."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()


class Listener(Protocol):
    """What a connection asks of its listener; ``taken`` is one buffer for all: what is taken is handed on at once."""

    limits: ServerSettings
    taken: memoryview
    serve: Callable[[], asyncio.Protocol]

    def admit(self, new: "Connection") -> bool: ...
    def leave(self, gone: "Connection") -> None: ...
    def hold(self, by: "Connection", size: int) -> None: ...
    def release(self, by: "Connection") -> None: ...


class Connection(asyncio.BufferedProtocol):
    """Stands between the socket and aiohttp's protocol, and hands everything on."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._limits = listener.limits
        self._loop = asyncio.get_running_loop()
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._head = b""  # of the next request, until it is whole
        self._later = (
            b""  # what came behind a head before it is known whether that has a body, or behind a whole request
        )
        self._passed = False  # whether a head was handed on, and nothing is known of it yet
        self._body_open = False
        self.address = ""
        self.phase = Phase.HEAD
        self.since = self._loop.time()
        self.held = 0
        self.worked_on = False

    @property
    def waits(self) -> bool:
        """Whether it is the client's turn."""
        return self.phase is not Phase.ANSWERING

    @property
    def asked(self) -> bool:
        """Whether a request came by it."""
        return self._inner is not None

    @property
    def seconds(self) -> float:
        """How long it has been in this phase."""
        return self._loop.time() - self.since

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or close it at once."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a connection of another kind: {type(transport).__name__}")
        self._transport = transport
        self.address = address_of(transport.get_extra_info("peername"))
        if not self._listener.admit(self):
            transport.abort()
            return
        self._enter(Phase.HEAD, self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._listener.leave(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)
        self._inner = self._transport = None

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._listener.taken

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._listener.taken[:nbytes])
        if self._transport is None or self._transport.is_closing():
            return
        self._listener.hold(self, nbytes)
        if self._transport.is_closing():  # it was too much
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Hand on one request at a time: whoever sends a hundred at once has the second read when the first is answered."""
        if self._body_open and self._inner is not None:
            self._inner.data_received(data)
        elif self._passed or self.phase is Phase.ANSWERING:
            self._later += data
            if len(self._later) >= CHUNK and self._transport is not None:
                self._transport.pause_reading()
        else:
            self._head = (self._head + data).lstrip(b"\r\n")  # some clients end a body with an empty line of their own
            if self._head:
                self._hand_on_what_is_whole()

    def _hand_on_what_is_whole(self) -> None:
        if self.phase is Phase.IDLE:
            self._enter(Phase.HEAD, self._limits.header_seconds)
        missing = missing_of(self._head)
        if missing is None:
            self._hand_on_head()
        elif missing is Phase.BODY and self.phase is Phase.HEAD:
            self._enter(Phase.BODY, self._limits.body_seconds)
            if self._transport is not None and _EXPECTS.search(self._head):
                self._transport.write(_CONTINUE)

    def _hand_on_head(self) -> None:
        if self._inner is None and self._transport is not None:
            self._inner = self._listener.serve()
            self._inner.connection_made(self._transport)
        end = self._head.find(_END)
        end = len(self._head) if end < 0 else end + len(_END)
        head, rest = self._head[:end], self._head[end:]
        self._head, self._passed = b"", True
        if self._inner is not None:
            self._inner.data_received(_EXPECTS.sub(b"", head))  # what it expects was said here
        if rest:
            self._take(rest)

    def _go_on(self) -> None:
        """Read again, and take what came too early."""
        if self._transport is None or self._transport.is_closing():
            return
        later, self._later = self._later, b""
        if len(later) >= CHUNK:
            self._transport.resume_reading()
        if later:
            self._take(later)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._inner is not None else None

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def began(self, *, has_body: bool) -> None:
        """The head of a request is here; its body must be within its time."""
        self._passed, self._body_open = False, has_body
        if self.phase is not Phase.BODY:
            self._enter(Phase.BODY, self._limits.body_seconds)
        if has_body:
            self._go_on()

    def body_came(self) -> None:
        """The request is whole."""
        self._body_open = False
        if self.phase is Phase.BODY:
            self._enter(Phase.ANSWERING, None)

    def ended(self) -> None:
        """The request is answered, but for what the client has not taken yet."""
        self._listener.release(self)
        self.worked_on = False
        self._enter(Phase.IDLE, self._limits.idle_seconds)
        self._loop.call_soon(self._go_on)

    def abort(self) -> None:
        """Close it without another word."""
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    def _enter(self, phase: Phase, seconds: float | None) -> None:
        self._stop_timer()
        self.phase, self.since = phase, self._loop.time()
        if seconds is not None and self._transport is not None and not self._transport.is_closing():
            self._timer = self._loop.call_later(seconds, self._overdue)

    def _overdue(self) -> None:
        """Too slow. A client that is still taking an answer is not: it may be long, and its line thin."""
        if self._transport is None:
            return
        if self.phase is Phase.IDLE and self._transport.get_write_buffer_size() > 0:
            self._timer = self._loop.call_later(self._limits.idle_seconds, self._overdue)
            return
        self.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def missing_of(said: bytes) -> Phase | None:
    """What a request that begins with ``said`` still needs before anything is set up for it; None where it is time.

    What is no request (as TLS on the wrong port) is told so at once; of a long body its first 64 KiB are enough.
    """
    end = said.find(_END)
    if end < 0:
        return Phase.HEAD if said[:1].isupper() and len(said) < CHUNK else None
    head, came = said[: end + len(_END)], len(said) - end - len(_END)
    if came >= SMALL:
        return None
    if _CHUNKED.search(head):
        return None if _END in said[len(head) :] else Phase.BODY
    length = _LENGTH.search(head)
    return Phase.BODY if length is not None and came < int(length[1]) else None


def connection_of(transport: asyncio.BaseTransport | None) -> Connection | None:
    """The connection that a request came by; None where another listener took it."""
    found = transport.get_protocol() if isinstance(transport, asyncio.Transport) else None
    return found if isinstance(found, Connection) else None


def address_of(peer: Any) -> str:
    """Whom a connection is counted for: an address, of IPv6 the network of 64 bits that one customer has."""
    try:
        found = ip_address(str(peer[0]).partition("%")[0])
    except (TypeError, IndexError, ValueError):
        return "nobody"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
