"""Run an App until it is told to stop: signals, the ready line, an orderly end within ten seconds."""

import asyncio
import gc
import os
import resource
import signal
from collections.abc import Callable

from bot.app import App

OPEN_FILES = 4096  # connections, files and database together stay far below


async def serve(app: App, ready: Callable[[App], None]) -> None:
    """Start ``app``, call ``ready``, and stop it on SIGTERM or SIGINT. What it writes meanwhile is for its own user alone."""
    before = os.umask(0o077)
    _take_room_for_files()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        await app.start()
        try:
            _settle()
            ready(app)
            await stopped.wait()
        finally:
            await app.stop()
    finally:
        os.umask(before)


def _settle() -> None:
    """What was loaded until now lives as long as the process, so the collection of garbage passes over it from here on."""
    gc.collect()
    gc.freeze()


def _take_room_for_files() -> None:
    """As many open files as are allowed, up to what is ever needed: a burst of connections must not use up the usual 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
