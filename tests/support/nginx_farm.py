"""Application nodes as nginx meets them, each on an address of its own, in one event loop; and a remote that is this machine."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from runbooks.planning.target import Target
from runbooks.remote.command import KEPT, Result

UP, SICK, FAILING, HUNG, DEAD = "up", "sick", "failing", "hung", "dead"


@dataclass(slots=True)
class Farm:
    """``states`` by address: ``up``; ``sick`` (503 on ``/``, else fine); ``failing`` (503); ``hung``; ``dead`` (no listener).

    ``requests``: how many each has had, of whatever kind.
    """

    port: int
    states: dict[str, str] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    _servers: dict[str, asyncio.Server] = field(default_factory=dict)

    async def put(self, address: str, state: str) -> None:
        """A node in a state."""
        server = self._servers.pop(address, None)
        self.states[address] = state
        if server is not None:
            server.close()
        if state != DEAD:
            self._servers[address] = await asyncio.start_server(
                lambda reader, writer: self._serve(address, reader, writer), address, self.port
            )

    async def close(self) -> None:
        for address in list(self._servers):
            self._servers.pop(address).close()

    async def _serve(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests[address] = self.requests.get(address, 0) + 1
            state, path = self.states[address], head.split()[1].decode()
            if state == HUNG:
                await asyncio.sleep(2.0)
            else:
                status = "503 No" if state == FAILING or (state == SICK and path == "/") else "200 OK"
                writer.write(f"HTTP/1.0 {status}\r\nX-Node: {address}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()


async def asked(port: int, path: str) -> tuple[int, str]:
    """One request to nginx: the status, and which node answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        lines = (await reader.read()).decode("latin-1").split("\r\n")
    finally:
        writer.close()
    named = next((line.partition(": ")[2] for line in lines if line.lower().startswith("x-node:")), "")
    return int(lines[0].split()[1]) if lines[0] else 0, named


async def live(port: int, path: str, nodes: int) -> frozenset[str]:
    """The nodes that answer a user with 200: enough requests that each has its turn, with weights up to three."""
    answers = [await asked(port, path) for _ in range(4 * nodes + 4)]
    return frozenset(node for status, node in answers if status == 200 and node)


@dataclass(slots=True)
class Here:
    """A remote that is this machine. ``curl``: what its curl answers instead (exit, output); ``no_bash``: there is none.

    ``env``: more of the account's environment. ``ends``: after so many commands that change something, the connection is
    gone (``Gone``), before or after the last one is done.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    curl: tuple[int, bytes] | None = None
    no_bash: bool = False
    ends: int | None = None
    told: list[tuple[str, ...]] = field(default_factory=list)

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
        self.told.append(argv)
        if argv[0] == "curl" and self.curl:
            return Result(self.curl[0], None, self.curl[1], b"", False, 0.0)
        if argv[0] == "bash" and self.no_bash:
            return Result(127, None, b"", b"", False, 0.0)
        if not stop_flood and self.ends is not None:
            self.ends -= 1
            if self.ends < 0:
                raise Gone
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.env},
        )
        try:
            out, error = await asyncio.wait_for(process.communicate(stdin), limit)
        except TimeoutError:
            process.kill()
            await process.wait()
            return Result(None, "KILL", b"", b"", False, limit)
        return Result(process.returncode, None, out[:kept], error, len(out) > kept, 0.0)

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]:
        return {}

    async def close(self) -> None:
        return


class Gone(Exception):
    """The process that carried the run out is no more."""
