"""A chat platform in a process of its own: what the crash tests believe (``python -m tests.support.recorder_server``).

To the service it is a platform: ``POST /posts`` takes a message (a repeated client key changes nothing and answers the same
id), and what people say is delivered to the service's ``/recorder/events`` until it answers 200, each event on its own.
To the tests it is a witness: ``POST /say`` queues an event, ``PUT /target`` says where the service is, ``GET /record`` tells
everything with wall times. It prints its port when it listens.
"""

import argparse
import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

RETRY_SECONDS = 0.1  # a real platform waits seconds; a test should not


@dataclass
class Recorder:
    """Everything that was posted, and every event with its delivery."""

    target: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    repeats: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    by_key: dict[str, str] = field(default_factory=dict)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    deliveries: set["asyncio.Task[None]"] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """A message of the bot."""
        body = await request.json()
        key = body.get("client_key")
        entry = {**body, "at": time.time()}
        if key in self.by_key:
            self.repeats.append(entry)
            return web.json_response({"id": self.by_key[key]})
        message_id = f"m{next(self.ids)}"
        if key is not None:
            self.by_key[key] = message_id
        self.posts.append({**entry, "id": message_id})
        return web.json_response({"id": message_id})

    async def say(self, request: web.Request) -> web.Response:
        """Somebody says something: delivered until the service has it."""
        event = {**await request.json(), "said_at": time.time(), "acked_at": None, "attempts": 0}
        self.events.append(event)
        task = asyncio.create_task(self._deliver(event))
        self.deliveries.add(task)
        task.add_done_callback(self.deliveries.discard)
        return web.json_response({})

    async def _deliver(self, event: dict[str, Any]) -> None:
        body = {name: value for name, value in event.items() if name not in {"said_at", "acked_at", "attempts"}}
        while event["acked_at"] is None:
            event["attempts"] += 1
            try:
                async with aiohttp.request("POST", f"{self.target}/recorder/events", json=body) as answer:
                    if answer.status == 200:
                        event["acked_at"] = time.time()
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(RETRY_SECONDS)

    async def aim(self, request: web.Request) -> web.Response:
        """Where the service listens."""
        self.target = (await request.json())["url"]
        return web.json_response({})

    async def record(self, _request: web.Request) -> web.Response:
        """All of it."""
        return web.json_response({"posts": self.posts, "repeats": self.repeats, "events": self.events})


async def main(port: int) -> None:
    """Serve until killed."""
    recorder = Recorder()
    app = web.Application()
    app.router.add_post("/posts", recorder.take)
    app.router.add_post("/say", recorder.say)
    app.router.add_put("/target", recorder.aim)
    app.router.add_get("/record", recorder.record)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(main(parser.parse_args().port))
