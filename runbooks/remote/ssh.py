"""How a command reaches a host; with its ``ssh_`` modules and ``host_keys`` the only door to asyncssh.

Host keys are always checked, output is bytes and capped, and one deadline covers connecting, opening and running
(facts 5 to 9: asyncssh alone leaves each of these open).
"""

import asyncio
import logging
import shlex
from collections.abc import Iterable
from pathlib import Path

import asyncssh

from runbooks.planning.target import Target
from runbooks.remote import login
from runbooks.remote.command import KEPT, Lost, NotStarted, Result, command_line, not_executed
from runbooks.remote.ssh_pool import Links
from runbooks.remote.ssh_session import Session
from runbooks.remote.ssh_trust import Keyring, Trust

OPEN_PAUSES = (0.1, 0.2, 0.4, 0.8, 0.0)  # seconds after each refused opening; 0 ends the tries
GRACE = 1.0  # seconds between exit status and end of output: a daemon may hold the pipe for ever
WINDOW = 256 * 1024
OVER = 5.0  # seconds beyond connecting and the limit, which the host enforces itself, before a command is given up


class Ssh:
    """Commands over reused connections, at most eight at a time per host. Close it with :meth:`close`."""

    def __init__(
        self,
        known_hosts: Path,
        key_file: Path | None = None,
        connect_timeout: float = 8.0,
        *,
        certificate_file: Path | None = None,
        agent: Path | None = None,
    ) -> None:
        asyncssh.set_log_level(logging.WARNING)  # below that it logs every command with its secrets (fault F84)
        self._keyring = Keyring(Trust(known_hosts, key_file, certificate_file, agent))
        self._connect_timeout = connect_timeout
        self._links = Links(self._keyring, connect_timeout)

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
        begin = login.token() if target.account.login or await self._peculiar(target) else ""
        session = Session(kept, stop_flood, begin.encode())
        try:
            async with asyncio.timeout(self._connect_timeout * len(target.way) + limit + OVER):
                await self._execute(target, session, command_line(target, argv, limit, mark, begin), stdin)
        except TimeoutError:
            if not session.opened:
                raise NotStarted("sessions", target.id) from None
            link = self._links.to(target)
            if not link.used:  # a command that hangs in the host's kernel must not cost others their connection
                link.drop()
            raise Lost(target.id, "no answer in time") from None
        except asyncssh.ChannelOpenError as error:
            raise NotStarted("sessions", target.id, error.reason) from None
        except (asyncssh.Error, OSError) as error:
            if not session.opened:
                raise NotStarted("unreachable", target.id, str(error)) from None
            raise Lost(target.id, str(error)) from None
        result = _result(target, session, limit)
        if begin and not result.begun and result.ok:  # nobody knows whether it ran: what it said was kept from us
            raise Lost(target.id, "the command's beginning was not seen")
        refused = not_executed(result, mark)
        if refused:
            raise NotStarted(refused, target.id, mark or "")
        return result

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]:
        """The fingerprints of the host keys that each target is known by; none for one that is not known."""
        return self._keyring.pinned(targets)

    async def _peculiar(self, target: Target) -> bool:
        """Whether the account prints by itself or has a shell of its own kind; looked at once, before its first command.

        ``sudo`` runs its command without a shell, ``su`` with the other account's.
        """
        other = target.become or "" if target.user == "root" and target.become != target.user else ""
        link = self._links.to(target)
        async with link.looking:
            if other not in link.peculiar:
                seen = await self._look(target, other)
                if seen is None:
                    return False  # not seen this time: the command itself will tell what is wrong
                link.peculiar[other] = seen
            return link.peculiar[other]

    async def _look(self, target: Target, other: str) -> bool | None:
        session = Session(login.NOISE, stop_flood=True)
        line = shlex.join(["su", "-", other, "-c", login.LOOK]) if other else login.LOOK
        try:
            async with asyncio.timeout(self._connect_timeout * len(target.way) + OVER):
                await self._execute(target, session, line, b"")
        except (TimeoutError, asyncssh.Error, OSError):
            return None
        said = bytes(session.streams[None]), bytes(session.streams[asyncssh.EXTENDED_DATA_STDERR])
        if login.runs_nothing(session.exit, *said):
            raise NotStarted("account", target.id)
        return login.peculiar(session.exit, *said)

    async def _execute(self, target: Target, session: Session, line: str, stdin: bytes) -> None:
        """On a kept connection; where the host does not open a channel on it any more, once more on a new one."""
        async with self._links.session(target) as (link, connection, reused):
            try:
                async with asyncio.timeout(self._connect_timeout) as opening:
                    channel = await self._opened(connection, session, line, opening)
                await self._carry(channel, session, stdin)
                return
            except (TimeoutError, asyncssh.ConnectionLost):
                if session.opened or not reused or link.used > 1:
                    raise
            if link.connection is connection:
                link.drop()
        await self._execute(target, session, line, stdin)

    async def _carry(self, channel: asyncssh.SSHClientChannel[bytes], session: Session, stdin: bytes) -> None:
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
                    session.held = True  # by a daemon; the command itself has ended
        finally:
            channel.close()

    async def _opened(
        self,
        connection: asyncssh.SSHClientConnection,
        session: Session,
        line: str,
        opening: asyncio.Timeout,
    ) -> asyncssh.SSHClientChannel[bytes]:
        """Open a session. A busy server still counts one that has just ended, so a refused opening is tried again.

        A refused opening never ran anything; the outer deadline covers the tries.
        """

        def made() -> Session:
            opening.reschedule(None)  # from here on the command may run: the outer deadline alone counts
            return session

        for pause in OPEN_PAUSES:
            try:
                channel, _ = await connection.create_session(
                    made, line, encoding=None, window=WINDOW, request_pty=False
                )
                return channel
            except asyncssh.ChannelOpenError as error:
                if connection.is_closed():
                    raise asyncssh.ConnectionLost(error.reason) from None
                if error.code != asyncssh.OPEN_CONNECT_FAILED or not pause:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last pause is 0, so the last try returned or raised")

    async def close(self) -> None:
        """End every connection; commands under way are lost."""
        await self._links.close()


def _result(target: Target, session: Session, limit: float) -> Result:
    if not session.answered and not (session.truncated and session.stop_flood):
        raise Lost(target.id, str(session.error or "no exit status"))
    return Result(
        exit=session.exit,
        signal=session.signal,
        stdout=session.said(None),
        stderr=session.said(asyncssh.EXTENDED_DATA_STDERR),
        truncated=session.truncated,
        seconds=session.ended_at - session.opened_at,
        limit=limit,
        held=session.held,
        begun=session.begun,
        encoding=target.account.encoding,
    )
