"""Requests as bytes over a few kept connections: what a client library would refuse to send must be sent, too."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice

Request = tuple[str, str, dict[str, str], bytes]
CONNECTIONS = 6


async def statuses(port: int, requests: Iterator[Request], count: int) -> Counter[int]:
    """How often each HTTP status was answered; 0 is a connection closed without an answer."""
    found: Counter[int] = Counter()
    left = islice(requests, count)

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for method, path, headers, body in left:
            writer.write(_bytes(method, path, headers, body))
            status, keep = await _answer(reader)
            found[status] += 1
            if not keep:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return found


def _bytes(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    given = {"Host": "127.0.0.1", "Content-Length": str(len(body))} | headers
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """(status, whether the connection lives on)."""
    try:
        async with asyncio.timeout(30):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split(" ", 2)[1])
            length = next(
                (line for line in head.split("\r\n") if line.startswith("content-length:")), "content-length:0"
            )
            await reader.readexactly(int(length.partition(":")[2]))
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0, False
    return status, "connection: close" not in head
