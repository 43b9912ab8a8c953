"""A port that somebody else has: one clear line, and everything that had begun has ended in order."""

import asyncio
import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.settings import ServerSettings
from bot.storage.clock import ManualClock
from bot.storage.lock import only_one
from tests.support import once
from tests.support.desk import WORKDAY, make_settings
from tests.support.paths import EXAMPLE, ROOT


async def test_8_24_a_start_on_a_busy_port_leaves_nothing_under_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No worker goes on, nobody waits for the store, the folder is free for the next start, and the log is silent."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        settings = make_settings(tmp_path / "state", server=ServerSettings(port=port))
        app = once.app(settings, once.example_site(), ManualClock(WORKDAY))
        with caplog.at_level(logging.INFO), pytest.raises(ConfigError) as refused:
            await app.start()
    assert refused.value.faults == [
        f"server: 127.0.0.1:{port} cannot be used: Address already in use; choose another port"
    ]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    only_one(settings.state_dir).close()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_8_24_zhiban_run_on_a_busy_port_says_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        config = tmp_path / "zhiban.toml"
        config.write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "var"\n[server]\nport = {port}\n', "utf-8")
        command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"server：127.0.0.1:{port} 用不了（已经被占用），请换一个端口"]
