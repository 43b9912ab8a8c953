"""How does a command reach a host? The only door to asyncssh.

Host keys are always checked, output is bytes and capped, and one deadline covers connecting, opening and running
(facts 5 to 9 of the fault catalogue: asyncssh alone leaves each of these open).
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from runbooks.remote import KEPT, Lost, NotStarted, Result, Target, command_line, not_executed

SESSIONS = 8  # at once per host; sshd's MaxSessions is 10 and people sign in too
KEEPALIVE = 4.0  # seconds; with COUNT a silent peer is known after interval x (count + 1) = 16 s
COUNT = 3
OPEN_PAUSES = (0.1, 0.2, 0.4, 0.8, 0.0)  # seconds after each refused opening; 0 ends the tries
IDLE = 30.0  # seconds a connection is kept for the next command
GRACE = 1.0  # seconds between exit status and end of output: a daemon may hold the pipe for ever
WINDOW = 256 * 1024

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Link:
    """The one connection to a host, and who may use it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SESSIONS))
    connection: asyncssh.SSHClientConnection | None = None
    used: int = 0
    idle_since: float = 0.0


class _Session(asyncssh.SSHClientSession[bytes]):
    """Keeps the first bytes of both streams and knows when the command is over."""

    def __init__(self, kept: int, stop_flood: bool) -> None:
        self.kept = kept
        self.stop_flood = stop_flood
        self.streams: dict[int | None, bytearray] = {None: bytearray(), asyncssh.EXTENDED_DATA_STDERR: bytearray()}
        self.truncated = False
        self.exit: int | None = None
        self.signal: str | None = None
        self.error: Exception | None = None
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()

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


class Ssh:
    """Commands over reused connections, at most eight at a time per host. Close it with :meth:`close`."""

    def __init__(self, known_hosts: Path, key_file: Path | None = None, connect_timeout: float = 8.0) -> None:
        self._known_hosts = known_hosts
        self._key_file = key_file
        self._connect_timeout = connect_timeout
        self._links: dict[Target, _Link] = {}

    async def run(
        self,
        target: Target,
        argv: tuple[str, ...],
        *,
        limit: float = 30.0,
        stdin: bytes = b"",
        kept: int = KEPT,
        stop_flood: bool = True,
        mark: str | None = None,
    ) -> Result:
        """Run ``argv`` on ``target``; ``limit`` seconds are enforced on the remote side, by SIGKILL.

        ``stop_flood`` ends a command that says more than ``kept`` bytes; a command that changes something should be
        left to finish instead, its surplus dropped. ``mark``: the host keeps a record of it, and runs a mark once.
        Raises ``NotStarted`` or ``Lost``.
        """
        link = self._links.setdefault(target, _Link())
        session: _Session | None = None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._connect_timeout + limit + 5.0), link.slots:
                connection = await self._connected(link, target)
                session = _Session(kept, stop_flood)
                link.used += 1
                try:
                    await self._execute(connection, session, command_line(target, argv, limit, mark), stdin)
                finally:
                    link.used -= 1
                    link.idle_since = loop.time()
        except TimeoutError:
            if session is None:
                raise NotStarted("sessions", target.id) from None
            await self._drop(link)
            raise Lost(target.id, "no answer in time") from None
        except asyncssh.ChannelOpenError as error:
            raise NotStarted("sessions", target.id, error.reason) from None
        except (asyncssh.Error, OSError) as error:
            raise Lost(target.id, str(error)) from None
        result = _result(target, session, loop.time() - began)
        refused = not_executed(result, mark)
        if refused:
            raise NotStarted(refused, target.id, mark or "")
        return result

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]:
        """The fingerprints of the host keys that each target is known by; none for one that is not known."""
        try:
            known = asyncssh.read_known_hosts(str(self._known_hosts))
        except (OSError, ValueError):
            return {}
        found = {t.id: asyncssh.match_known_hosts(known, t.address, t.address, t.port)[0] for t in targets}
        return {host: sorted(key.get_fingerprint() for key in keys) for host, keys in found.items()}

    async def _execute(
        self, connection: asyncssh.SSHClientConnection, session: _Session, line: str, stdin: bytes
    ) -> None:
        channel = await self._opened(connection, session, line)
        try:
            if stdin:
                channel.write(stdin)
            channel.write_eof()
            await session.ended.wait()
            if session.answered and not session.closed.is_set():
                try:
                    async with asyncio.timeout(GRACE):
                        await session.closed.wait()
                except TimeoutError:
                    pass  # a daemon holds the pipe; the command itself has ended
        finally:
            channel.close()

    async def _opened(
        self, connection: asyncssh.SSHClientConnection, session: _Session, line: str
    ) -> asyncssh.SSHClientChannel[bytes]:
        """Open a session. A busy server still counts one that has just ended, so a refused opening is tried again.

        A refused opening never ran anything; the outer deadline covers the tries.
        """
        for pause in OPEN_PAUSES:
            try:
                channel, _ = await connection.create_session(
                    lambda: session, line, encoding=None, window=WINDOW, request_pty=False
                )
                return channel
            except asyncssh.ChannelOpenError as error:
                if error.code != asyncssh.OPEN_CONNECT_FAILED or not pause:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last pause is 0, so the last try returned or raised")

    async def _connected(self, link: _Link, target: Target) -> asyncssh.SSHClientConnection:
        async with link.lock:
            stale = not link.used and asyncio.get_running_loop().time() - link.idle_since > IDLE
            if link.connection is not None and (stale or link.connection.is_closed()):
                await self._drop(link)
            if link.connection is None:
                link.connection = await self._connect(target)
            return link.connection

    async def _connect(self, target: Target) -> asyncssh.SSHClientConnection:
        if not self._known_hosts.is_file():
            raise NotStarted("known_hosts", target.id, f"no file {self._known_hosts}")
        options = asyncssh.SSHClientConnectionOptions(
            known_hosts=str(self._known_hosts),
            config=None,
            username=target.user,
            client_keys=[str(self._key_file)] if self._key_file else (),
            preferred_auth="publickey",
            keepalive_interval=KEEPALIVE,
            keepalive_count_max=COUNT,
            login_timeout=self._connect_timeout,
        )
        try:
            async with asyncio.timeout(self._connect_timeout):
                return await asyncssh.connect(target.address, target.port, options=options)
        except asyncssh.HostKeyNotVerifiable as error:
            _log.warning("host key of %s not as pinned", target.id)
            raise NotStarted("host_key", target.id, error.reason) from None
        except asyncssh.PermissionDenied as error:
            raise NotStarted("login", target.id, error.reason) from None
        except (TimeoutError, OSError, asyncssh.Error) as error:
            raise NotStarted("unreachable", target.id, str(error)) from None

    async def _drop(self, link: _Link) -> None:
        if link.connection is not None:
            link.connection.abort()
            link.connection = None

    async def close(self) -> None:
        """End every connection; commands under way are lost."""
        for link in self._links.values():
            connection = link.connection
            await self._drop(link)
            if connection is not None:
                await connection.wait_closed()


def _result(target: Target, session: _Session, seconds: float) -> Result:
    if not session.answered and not (session.truncated and session.stop_flood):
        raise Lost(target.id, str(session.error or "no exit status"))
    return Result(
        exit=session.exit,
        signal=session.signal,
        stdout=bytes(session.streams[None]),
        stderr=bytes(session.streams[asyncssh.EXTENDED_DATA_STDERR]),
        truncated=session.truncated,
        seconds=seconds,
    )
