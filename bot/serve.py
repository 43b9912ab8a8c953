"""Run an App until it is told to stop: signals, the ready line, an orderly end within ten seconds."""

import asyncio
import os
import signal
from collections.abc import Callable

from bot.app import App


async def serve(app: App, ready: Callable[[App], None]) -> None:
    """Start ``app``, call ``ready``, and stop it on SIGTERM or SIGINT. What it writes meanwhile is for its own user alone."""
    before = os.umask(0o077)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        await app.start()
        try:
            ready(app)
            await stopped.wait()
        finally:
            await app.stop()
    finally:
        os.umask(before)
