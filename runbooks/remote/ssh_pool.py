"""The connections that carry commands: one to each host, kept while it is used and a little longer.

Through a jump host the connection runs inside the one to that host, which is checked and kept in the same way.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncssh

from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted
from runbooks.remote.ssh_trust import Keyring

SESSIONS = 8  # at once per host; sshd's MaxSessions is 10 and people sign in too
KEEPALIVE = 4.0  # seconds; with COUNT a silent peer is known after interval x (count + 1) = 16 s
COUNT = 3
IDLE = 30.0  # seconds a connection is kept for the next command
# asyncssh's first choice, ChaCha20, is six calls a packet there; AES-GCM is one, and no weaker. The rest stays offered.
CIPHERS = "^aes256-gcm@openssh.com,aes128-gcm@openssh.com"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Link:
    """The one connection to a host, and who may use it; ``through`` is the link to its jump host.

    ``peculiar``: by whom a command becomes there, whether that account is (see :mod:`runbooks.remote.login`).
    """

    through: "Link | None"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SESSIONS))
    connection: asyncssh.SSHClientConnection | None = None
    used: int = 0
    idle: asyncio.TimerHandle | None = None
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    peculiar: dict[str, bool] = field(default_factory=dict)

    def take(self) -> None:
        self.used += 1
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None

    def give(self) -> None:
        """The last user starts the clock that ends the connection."""
        self.used -= 1
        if not self.used and self.connection is not None:
            self.idle = asyncio.get_running_loop().call_later(IDLE, self.drop)

    def drop(self) -> None:
        """End the connection now; commands under way on it are lost."""
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None
        if self.connection is not None:
            self.connection.abort()
            self.connection = None
            if self.through is not None:
                self.through.give()


class Links:
    """Every connection there is. Close it with :meth:`close`."""

    def __init__(self, keyring: Keyring, connect_timeout: float) -> None:
        self._keyring = keyring
        self._connect_timeout = connect_timeout
        self._links: dict[tuple[tuple[str, int, str], ...], Link] = {}

    def to(self, target: Target) -> Link:
        """Hosts are told apart by where they are and who signs in there, not by whom a command becomes."""
        key = tuple((hop.address, hop.port, hop.user) for hop in target.way)
        if key not in self._links:
            self._links[key] = Link(self.to(target.jump) if target.jump else None)
        return self._links[key]

    @asynccontextmanager
    async def session(self, target: Target) -> AsyncIterator[tuple[Link, asyncssh.SSHClientConnection, bool]]:
        """A turn on the connection to ``target``, made if need be; the bool says that it was there before.

        Raises ``NotStarted``.
        """
        link = self.to(target)
        async with link.slots:
            connection, reused = await self._connected(link, target)
            link.take()
            try:
                yield link, connection, reused
            finally:
                link.give()

    async def _connected(self, link: Link, target: Target) -> tuple[asyncssh.SSHClientConnection, bool]:
        async with link.lock:
            if link.connection is not None and not link.connection.is_closed():
                return link.connection, True
            link.drop()
            link.connection = await self._connect(link, target)
            return link.connection, False

    async def _connect(self, link: Link, target: Target) -> asyncssh.SSHClientConnection:
        """Held by its jump host's link until it is dropped."""
        if link.through is None or target.jump is None:
            return await self._opened(target, None)
        tunnel, _ = await self._connected(link.through, target.jump)
        link.through.take()
        try:
            return await self._opened(target, tunnel)
        except BaseException:
            link.through.give()
            raise

    async def _opened(
        self, target: Target, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        options = asyncssh.SSHClientConnectionOptions(
            **self._keyring.options(target.id),
            config=None,
            username=target.user,
            preferred_auth="publickey",
            encryption_algs=CIPHERS,
            keepalive_interval=KEEPALIVE,
            keepalive_count_max=COUNT,
            login_timeout=self._connect_timeout,
        )
        try:
            async with asyncio.timeout(self._connect_timeout):
                return await asyncssh.connect(target.address, target.port, options=options, tunnel=tunnel or ())
        except asyncssh.HostKeyNotVerifiable as error:
            _log.warning("host key of %s not as pinned", target.id)
            raise NotStarted("host_key", target.id, error.reason) from None
        except asyncssh.PermissionDenied as error:
            raise NotStarted("login", target.id, error.reason) from None
        except (ConnectionResetError, asyncssh.ConnectionLost) as error:
            code = "host_key" if await self._shows_another_key(target, tunnel) else "unreachable"
            raise NotStarted(code, target.id, str(error)) from None
        except (TimeoutError, OSError, asyncssh.Error) as error:
            raise NotStarted("unreachable", target.id, str(error)) from None

    async def _shows_another_key(self, target: Target, tunnel: asyncssh.SSHClientConnection | None) -> bool:
        """sshd ends a connection that asks for a kind of key it has not got, and so a changed key of another kind looks."""
        try:
            async with asyncio.timeout(self._connect_timeout):
                key = await asyncssh.get_server_host_key(target.address, target.port, tunnel=tunnel or (), config=None)
        except (TimeoutError, OSError, asyncssh.Error):
            return False
        known = self._keyring.pinned([target]).get(target.id, [])
        return key is not None and key.get_fingerprint() not in known

    async def tunnel(self, target: Target) -> asyncssh.SSHClientConnection | None:
        """The connection that a new one to ``target`` would run inside."""
        if target.jump is None:
            return None
        return (await self._connected(self.to(target.jump), target.jump))[0]

    async def close(self) -> None:
        """End every connection; commands under way are lost."""
        open_ones = [link.connection for link in self._links.values() if link.connection is not None]
        for link in reversed(self._links.values()):  # a jump host's link was made before those through it
            link.drop()
        for connection in open_ones:
            await connection.wait_closed()
