"""A load generator that costs little: prebuilt HTTP/1.1 requests over kept connections, one answer awaited on each."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Shot:
    """One request: when it was sent, when its answer came (monotonic seconds), and the HTTP status."""

    sent: float
    answered: float
    status: int


def request(url: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a POST."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{k}: {v}" for k, v in {"Content-Type": "application/json", **(headers or {})}.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def fire(host: str, port: int, requests: list[bytes], connections: int, rate: float | None = None) -> list[Shot]:
    """Send all requests over ``connections`` kept connections, as fast as answers come or at ``rate`` a second."""
    shots: list[Shot | None] = [None] * len(requests)
    start = time.monotonic()
    turn = iter(range(len(requests)))

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for number in turn:
                if rate is not None:
                    await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
                sent = time.monotonic()
                writer.write(requests[number])
                status = await _answer(reader)
                shots[number] = Shot(sent, time.monotonic(), status)
        finally:
            writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return [shot for shot in shots if shot is not None]


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        if length:
            await reader.readexactly(length)
    return int(head[9:12])


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
