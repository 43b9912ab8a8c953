"""The heartbeat: the oracle is the outside address's own count."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.common.heartbeat import Heartbeat
from bot.settings import HeartbeatSettings


@asynccontextmanager
async def outside(beats: asyncio.Queue[str]) -> AsyncIterator[str]:
    async def count(request: web.Request) -> web.Response:
        beats.put_nowait(request.path)
        return web.Response(status=500 if beats.qsize() == 1 else 200)

    app = web.Application()
    app.router.add_get("/beat", count)
    async with TestServer(app) as server:
        yield str(server.make_url("/beat"))


async def test_it_beats_while_well_and_goes_on_after_a_bad_answer() -> None:
    beats: asyncio.Queue[str] = asyncio.Queue()

    async def well() -> bool:
        return True

    async with outside(beats) as url:
        task = asyncio.create_task(Heartbeat(HeartbeatSettings(url=url, every=0.01), well).run())
        assert [await asyncio.wait_for(beats.get(), 10) for _ in range(3)] == ["/beat"] * 3
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_is_silent_while_the_service_is_not_well() -> None:
    beats: asyncio.Queue[str] = asyncio.Queue()
    asked = asyncio.Event()
    answers = iter([False, False, True])

    async def well() -> bool:
        answer = next(answers, True)
        if answer:
            asked.set()
            assert beats.empty(), "it beat although the service was not well"
        return answer

    async with outside(beats) as url:
        task = asyncio.create_task(Heartbeat(HeartbeatSettings(url=url, every=0.01), well).run())
        await asyncio.wait_for(asked.wait(), 10)
        await asyncio.wait_for(beats.get(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
