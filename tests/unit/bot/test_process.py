"""The service starts in a bare environment, alone on its folder, and ends in order (faults F21, F23, F94)."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.process import recorder, service
from tests.support.until import eventually


async def test_a_bare_environment_a_second_process_and_an_orderly_end(tmp_path: Path) -> None:
    with recorder() as platform, service(tmp_path, platform, client_keys=True, new=True) as zhiban:
        zhiban.start({"LC_ALL": "C", "LANG": "", "PYTHONUTF8": "0", "TZ": ""}, as_people_do=True)
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("e1", "zhou", "duty-room", text="/ping 中文")

        async def answered() -> bool:
            return [post["text"] for post in await platform.posts()] == ["pong 中文"]

        await eventually(answered)
        shared = [path for path in (zhiban.state, *zhiban.state.iterdir()) if path.stat().st_mode & 0o077]
        assert shared == [], "nobody else may read what lies there"

        command = [sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "zhiban.toml")]
        second = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == 2
        assert second.stderr.count("\n") == 1
        assert f"进程 {zhiban.process.pid if zhiban.process else 0}" in second.stderr

        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert await zhiban.stop() == 0
        assert loop.time() - begun < 10
        assert "error" not in zhiban.log()
