"""The fake chat API in a process of its own: answers at once and remembers when each text arrived.

``python -m tests.bench.sink PORT`` speaks just enough HTTP/1.1: every POST is answered ``ok``; ``GET /seen`` gives the arrival
times as JSON; ``GET /count`` the number of messages that arrived.
"""

import asyncio
import json
import re
import sys
import time
from urllib.parse import unquote_plus

_NUMBER = re.compile(r"bench-?(\d+)")
_OK = json.dumps(
    {
        "ok": True,
        "id": "m",
        "ts": "1.1",
        "channel": "C1",
        "user_id": "UBOT",
        "user": "bot",
        "bot_id": "B1",
        "team_id": "T1",
    }
).encode()


class Sink(asyncio.Protocol):
    """One connection of a client."""

    seen: dict[int, float] = {}  # noqa: RUF012  # one record for all connections of this process

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            match = re.search(rb"content-length: *(\d+)", head)
            length = int(match[1]) if match else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get /seen"):
            answer = json.dumps(self.seen).encode()
        elif head.startswith(b"get /count"):
            answer = str(len(self.seen)).encode()
        elif head.startswith(b"get /reset"):
            self.seen.clear()
            answer = b"{}"
        else:
            for number in set(_NUMBER.findall(unquote_plus(body.decode("utf-8", "replace")))):
                self.seen.setdefault(int(number), time.monotonic())
            answer = _OK
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)
        )


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
