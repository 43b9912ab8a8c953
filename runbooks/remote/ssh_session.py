"""What one command on an SSH channel leaves behind: the first bytes of both streams, and how it ended."""

import asyncio
from typing import Any

import asyncssh

from runbooks.remote.login import NOISE


class Session(asyncssh.SSHClientSession[bytes]):
    """Keeps at most ``kept`` bytes of each stream and knows when the command is over.

    ``opened`` False: the host has not even opened the channel, so it certainly ran nothing.
    """

    def __init__(self, kept: int, stop_flood: bool, begin: bytes = b"") -> None:
        self.kept = kept
        self.stop_flood = stop_flood
        self.streams: dict[int | None, bytearray] = {None: bytearray(), asyncssh.EXTENDED_DATA_STDERR: bytearray()}
        self._begin = b"\n" + begin + b"\n" if begin else b""
        self._before: dict[int | None, bytearray] = {}
        self._begun: set[int | None] = set()
        self.opened = False
        self.opened_at = self.ended_at = 0.0  # loop time
        self.held = False
        self.truncated = False
        self.exit: int | None = None
        self.signal: str | None = None
        self.error: Exception | None = None
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()

    def connection_made(self, chan: asyncssh.SSHClientChannel[Any]) -> None:
        self.opened = True
        self.opened_at = asyncio.get_running_loop().time()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        stream = self.streams.setdefault(datatype, bytearray())
        data = self._own(datatype, data)
        stream += data[: max(0, self.kept - len(stream))]
        if len(stream) >= self.kept:
            self.truncated = True
            if self.stop_flood:
                self._end()

    def _own(self, datatype: int | None, data: bytes) -> bytes:
        """What of ``data`` is the command's own: all that comes behind the line that marks its beginning."""
        if not self._begin or datatype in self._begun:
            return data
        before = self._before.setdefault(datatype, bytearray())
        before += data
        at = before.find(self._begin)
        if at < 0:
            if len(before) > NOISE:
                self.truncated = True
                self._end()
            return b""
        self._begun.add(datatype)
        return bytes(before[at + len(self._begin) :])

    @property
    def begun(self) -> bool:
        """Whether the command's beginning was seen, where it is marked."""
        return not self._begin or bool(self._begun)

    def said(self, datatype: int | None) -> bytes:
        """One stream; of a command that never began what was said instead of it."""
        return bytes(self.streams[datatype] if self.begun else self._before.get(datatype, b"")[-self.kept :])

    def exit_status_received(self, status: int) -> None:
        self.exit = status
        self._end()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.signal = signal
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self._end()
        self.closed.set()

    def _end(self) -> None:
        if not self.ended.is_set():
            self.ended_at = asyncio.get_running_loop().time()
            self.ended.set()

    @property
    def answered(self) -> bool:
        return self.exit is not None or self.signal is not None
