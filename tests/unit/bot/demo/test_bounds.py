"""A machine of the demo takes so many connections and no more."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from bot.demo import server
from bot.demo.fleet import start_fleet
from tests.support.until import BOUND

FEW = 4


async def test_8_3_a_machine_of_the_demo_takes_so_many_connections_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST", FEW)
    monkeypatch.setattr(server, "LOGIN_SECONDS", 600)
    async with start_fleet(tmp_path) as fleet:
        taken = [await asyncio.open_connection(*fleet.hosts["oa1"]) for _ in range(FEW)]
        for reader, _ in taken:
            assert (await reader.readline()).startswith(b"SSH-2.0")
        beyond = await asyncio.open_connection(*fleet.hosts["oa1"])
        async with asyncio.timeout(BOUND):
            with contextlib.suppress(ConnectionError):
                await beyond[0].read()  # ends, as the others do not
        assert not any(reader.at_eof() for reader, _ in taken)
        for _, writer in (*taken, beyond):
            writer.close()
