"""The dead man's switch: a GET to an outside address, only while all is well; silence there is the alarm (fault F40)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from bot.settings import HeartbeatSettings

log = logging.getLogger(__name__)
SECONDS = 10.0  # total time of one beat


class Heartbeat:
    """Beats every ``every`` seconds while ``well`` says so; a beat that fails is logged and the next one tried."""

    def __init__(self, settings: HeartbeatSettings, well: Callable[[], Awaitable[bool]]) -> None:
        self._settings = settings
        self._well = well

    async def run(self) -> None:
        """Beat for ever."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
            while True:
                if await self._well():
                    await self._beat(session)
                else:
                    log.error("heartbeat: withheld, the service is not well")
                await asyncio.sleep(self._settings.every)

    async def _beat(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.get(self._settings.url) as answer:
                if answer.status >= 400:
                    log.warning("heartbeat: the outside address answered %d", answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("heartbeat: %s", type(error).__name__)
