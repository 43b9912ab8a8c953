"""What one command on an SSH channel leaves behind: the first bytes of both streams, and how it ended."""

import asyncio
from typing import Any

import asyncssh


class Session(asyncssh.SSHClientSession[bytes]):
    """Keeps at most ``kept`` bytes of each stream and knows when the command is over.

    ``opened`` False: the host has not even opened the channel, so it certainly ran nothing.
    """

    def __init__(self, kept: int, stop_flood: bool) -> None:
        self.kept = kept
        self.stop_flood = stop_flood
        self.streams: dict[int | None, bytearray] = {None: bytearray(), asyncssh.EXTENDED_DATA_STDERR: bytearray()}
        self.opened = False
        self.truncated = False
        self.exit: int | None = None
        self.signal: str | None = None
        self.error: Exception | None = None
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()

    def connection_made(self, chan: asyncssh.SSHClientChannel[Any]) -> None:
        self.opened = True

    def data_received(self, data: bytes, datatype: int | None) -> None:
        stream = self.streams.setdefault(datatype, bytearray())
        stream += data[: max(0, self.kept - len(stream))]
        if len(stream) >= self.kept:
            self.truncated = True
            if self.stop_flood:
                self.ended.set()

    def exit_status_received(self, status: int) -> None:
        self.exit = status
        self.ended.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.signal = signal
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.ended.set()
        self.closed.set()

    @property
    def answered(self) -> bool:
        return self.exit is not None or self.signal is not None
