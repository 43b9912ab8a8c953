"""The SSH side of one machine: sessions, keys, commands handed to its interpreter."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncssh

from bot.demo.call import Call
from bot.demo.shell import Shell
from bot.demo.tree import Tree

MOST = 64  # connections to one machine at once; we ourselves hold one or two
LOGIN_SECONDS = 10  # for whoever connects to say who he is


class _Server(asyncssh.SSHServer):
    """Remembers its connections, because closing a listener leaves them open."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._all = connections
        self._own: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if len(self._all) >= MOST:
            conn.abort()
            return
        self._own = conn
        self._all.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._own:
            self._all.discard(self._own)


class MachineServer:
    """One listening machine: its disk and its interpreter. ``heard`` is told every command line."""

    def __init__(
        self, files: Tree, shell: Shell, pace: float, heard: Callable[[str], None], address: str = "127.0.0.1"
    ) -> None:
        self._files = files
        self._shell = shell
        self._pace = pace
        self._heard = heard
        self._address = address
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._sessions: set[asyncio.Task[object]] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def open(self, port: int, host_key: asyncssh.SSHKey, client: asyncssh.SSHKey) -> int:
        """Listen on ``port``, or on a free one when that is taken; returns the port."""
        try:
            self._acceptor = await self._listen(port, host_key, client)
        except OSError:
            self._acceptor = await self._listen(0, host_key, client)
        return self._acceptor.get_port()

    async def _listen(self, port: int, host_key: asyncssh.SSHKey, client: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            self._address,
            port,
            server_factory=lambda: _Server(self._connections),
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(client.export_public_key().decode("ascii")),
            process_factory=self._session,
            encoding=None,
            allow_pty=False,
            agent_forwarding=False,
            login_timeout=LOGIN_SECONDS,
        )

    async def _session(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)
        process.exit(await self._run(process))

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> int:
        def out(data: bytes) -> None:
            with suppress(BrokenPipeError):  # the client may be gone; the command goes on, as on a real machine
                process.stdout.write(data)

        def err(data: bytes) -> None:
            with suppress(BrokenPipeError):
                process.stderr.write(data)

        line = process.command or ""
        self._heard(line)
        call = Call(self._files, (), self._pace, process.stdin.read, out, err)
        return await self._shell.run(line, call)

    async def close(self) -> None:
        """Stop listening, end what still runs, and hang up."""
        if self._acceptor:
            self._acceptor.close()
            await self._acceptor.wait_closed()
        for task in self._sessions:
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
            await connection.wait_closed()
