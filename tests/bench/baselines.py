"""What we compare with, each a process of its own: ``python -m tests.bench.baselines NAME PORT SINK_PORT FOLDER``.

``bare``: an aiohttp handler without storage. ``commit``: one that only commits to SQLite in groups. ``bolt``: slack-bolt's
plain echo (AsyncApp on aiohttp, ``say``), which keeps nothing.
"""

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

SECRET = "bench-secret"


def bare() -> web.Application:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True}, status=202)

    app = web.Application()
    app.router.add_post("/in", handle)
    return app


def commit(folder: Path) -> web.Application:
    waiting: SimpleQueue[tuple[bytes, asyncio.AbstractEventLoop, asyncio.Future[None]]] = SimpleQueue()

    def answer(futures: list[asyncio.Future[None]]) -> None:
        for future in futures:
            future.set_result(None)

    def write() -> None:
        connection = sqlite3.connect(folder / "commit.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        while True:
            batch = [waiting.get()]
            while len(batch) < 256:
                try:
                    batch.append(waiting.get_nowait())
                except Empty:
                    break
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO row (body) VALUES (?)", [(b,) for b, _, _ in batch])
            connection.execute("COMMIT")
            batch[0][1].call_soon_threadsafe(answer, [future for _, _, future in batch])

    async def handle(request: web.Request) -> web.Response:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        waiting.put((await request.read(), loop, future))
        await future
        return web.json_response({"ok": True}, status=202)

    threading.Thread(target=write, daemon=True).start()
    app = web.Application()
    app.router.add_post("/in", handle)
    return app


def bolt(sink: int) -> web.Application:
    client = AsyncWebClient(token="xoxb-bench", base_url=f"http://127.0.0.1:{sink}/api/")
    slack = AsyncApp(client=client, signing_secret=SECRET)

    @slack.event("message")
    async def echo(event: dict[str, Any], say: AsyncSay) -> None:
        await say(f"pong {event['text']}")

    async def handle(request: web.Request) -> web.Response:
        answer: web.Response = await to_aiohttp_response(await slack.async_dispatch(await to_bolt_request(request)))
        return answer

    app = web.Application()
    app.router.add_post("/slack/events", handle)
    return app


def main() -> None:
    name, port, sink, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    match name:
        case "bare":
            app = bare()
        case "commit":
            app = commit(folder)
        case _:
            app = bolt(sink)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
