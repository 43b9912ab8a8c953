"""One connection to our listener: what is handed on to aiohttp, when, and how long the client may keep us waiting for the rest.

Of each connection one request at a time is handed on, so that a client that sends a hundred at once has the second read when the
first is answered. How many connections there may be is the listener's (``bot.listener``).
"""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from bot.settings import ServerSettings

CHUNK = 16 * 1024  # bytes taken from one connection before the others have their turn
_END = b"\r\n\r\n"  # of a head


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
            if self._head and self.phase is Phase.IDLE:
                self._enter(Phase.HEAD, self._limits.header_seconds)
            if self._head and not self._is_half_sent():
                self._hand_on_head()

    def _hand_on_head(self) -> None:
        if self._inner is None and self._transport is not None:
            self._inner = self._listener.serve()
            self._inner.connection_made(self._transport)
        end = self._head.find(_END)
        end = len(self._head) if end < 0 else end + len(_END)
        head, rest = self._head[:end], self._head[end:]
        self._head, self._passed = b"", True
        if self._inner is not None:
            self._inner.data_received(head)
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

    def _is_half_sent(self) -> bool:
        """Whether these are the first words of a request and no more: for them nothing is set up yet.

        What begins in another way (as of TLS on the wrong port) is told at once that it is none.
        """
        return self._head[:1].isupper() and _END not in self._head and len(self._head) < CHUNK

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
