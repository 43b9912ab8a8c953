"""The service as people run it: a process of its own on a state folder, killed and started again; its chat is the recorder."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import yaml

from bot.demo.roster import ensure_demo_roster
from data.load.site import load_site
from tests.support.desk import empty_database
from tests.support.paths import EXAMPLE, ROOT
from tests.support.ports import free_port
from tests.support.starter import Started, starter
from tests.support.until import eventually

START = 120.0  # seconds; a service is up after one or two, on a machine with ten busy processes after fifty


@dataclass
class Platform:
    """The recorder process, seen from the test."""

    process: "subprocess.Popen[str]"
    url: str

    async def say(self, key: str, user: str, chat: str, **what: Any) -> None:
        """Somebody says (``text``) or taps (``action``, ``message``) something; it is delivered until the service has it."""
        await self._call("POST", "/say", {"key": key, "user": user, "chat": chat, **what})

    async def aim(self, service: str) -> None:
        await self._call("PUT", "/target", {"url": service})

    async def posts(self) -> list[dict[str, Any]]:
        """What the service posted and the platform took, oldest first."""
        return list((await self._call("GET", "/record"))["posts"])

    async def events(self) -> list[dict[str, Any]]:
        """What people said, with ``said_at`` and ``acked_at``."""
        return list((await self._call("GET", "/record"))["events"])

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        async with aiohttp.request(method, self.url + path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())


@contextmanager
def recorder() -> Iterator[Platform]:
    """A recorder on a free port."""
    command = [sys.executable, "-m", "tests.support.recorder_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Platform(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


@dataclass
class Service:
    """``zhiban run`` on ``folder`` (settings, data and state); output goes to ``service.log`` there."""

    folder: Path
    port: int = field(default_factory=free_port)  # a restarted service must come back on the same one
    process: "subprocess.Popen[bytes] | Started | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        return self.folder / "var"

    def start(
        self, environ: Mapping[str, str] | None = None, prefix: tuple[str, ...] = (), *, as_people_do: bool = False
    ) -> None:
        """Start it. ``prefix`` runs it under another program; ``as_people_do``, or what is loaded before it (faketime), by an
        interpreter of its own.
        """
        words = ["run", "--config", str(self.folder / "zhiban.toml")]
        known, log = {**os.environ, **(environ or {})}, self.folder / "service.log"
        if not prefix and not as_people_do and "LD_PRELOAD" not in known:
            self.process = starter().start(words, log, known)
            return
        with log.open("ab") as file:
            command = [*prefix, sys.executable, "-m", "bot", *words]
            self.process = subprocess.Popen(command, cwd=ROOT, env=known, stdout=file, stderr=file)

    async def ready(self, seconds: float = START) -> None:
        """Wait until it serves."""

        async def serves() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            try:
                async with aiohttp.request("GET", f"{self.url}/readyz") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await eventually(serves, seconds)

    async def quiet(self, seconds: float = START) -> None:
        """Wait until nothing accepted is unhandled and nothing said is unsent, by its own metrics."""

        async def idle() -> bool:
            async with aiohttp.request("GET", f"{self.url}/metrics") as answer:
                text = await answer.text()
            return all(f"\nzhiban_{queue}_waiting 0.0" in text for queue in ("inbox", "outbox"))

        await eventually(idle, seconds)

    async def ended(self, seconds: float = START) -> int:
        """Wait until the process is gone; its exit code, negative for a signal."""
        process = self.process
        assert process is not None

        async def gone() -> bool:
            return process.poll() is not None

        await eventually(gone, seconds)
        assert process.returncode is not None
        return process.returncode

    async def stop(self) -> int:
        """End it in an orderly way."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    def kill(self) -> None:
        """End it whatever it does; harmless when it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        path = self.folder / "service.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""


@contextmanager
def service(
    folder: Path,
    platform: Platform,
    *,
    client_keys: bool,
    sla: Mapping[str, Any] | None = None,
    new: bool = False,
    **top: str,
) -> Iterator[Service]:
    """A service on a copy of the example organisation whose chats are the recorder's; not started yet.

    ``new``: without a database; else it finds an empty one, which spares every start the migrations.
    """
    made = Service(folder)
    organisation(folder / "data", sla)
    ensure_demo_roster(load_site(folder / "data"), made.state, datetime.now(ZoneInfo("Asia/Shanghai")).date())
    if not new:
        (made.state / "zhiban.db").write_bytes(_empty())
    lines = [f'{name} = "{value}"' for name, value in top.items()]
    lines += ['data_dir = "data"', 'state_dir = "var"', 'adapters = ["recorder"]', "[server]", f"port = {made.port}"]
    lines += ["[recorder]", f'url = "{platform.url}"', f"client_keys = {str(client_keys).lower()}"]
    (folder / "zhiban.toml").write_text("\n".join(lines) + "\n", "utf-8")
    try:
        yield made
    finally:
        made.kill()


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return empty_database(Path(folder)).read_bytes()


def organisation(folder: Path, sla: Mapping[str, Any] | None = None) -> None:
    """The example organisation with every chat on the recorder, where a person's account is his id."""
    shutil.copytree(EXAMPLE, folder)

    def on_recorder(data: dict[str, Any]) -> None:
        for chat in data.get("chats", {}).values():
            chat["platform"] = "recorder"
        for key, person in data.get("people", {}).items():
            person["accounts"] = {**person.get("accounts", {}), "recorder": key}

    for name in ("chats", "people"):
        path = folder / f"{name}.yaml"
        data = yaml.safe_load(path.read_text("utf-8"))
        on_recorder(data)
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    if sla is not None:
        (folder / "sla.yaml").write_text(yaml.safe_dump(dict(sla), allow_unicode=True, sort_keys=False), "utf-8")
