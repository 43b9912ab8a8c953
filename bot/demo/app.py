"""An application node: ``asadmin`` of SOP 5.1, and the HTTP port that answers while the domain runs."""

import asyncio
import hashlib
import time

from bot.demo.call import Call
from bot.demo.inventory import APP_PORT
from bot.demo.processes import Process, Processes
from bot.demo.tree import Tree

HOME = "/data/WEAVER/ApusicAS"
ASADMIN = f"{HOME}/bin/asadmin"
DOMAIN = f"{HOME}/domains/mydomain"
LOG = f"{DOMAIN}/logs/server.log"
_PID_FILE = f"{DOMAIN}/config/pid"
_PACKAGE = "demo package\n"
_SUM = hashlib.sha256(_PACKAGE.encode()).hexdigest()
_JAVA = f"{HOME}/jdk/bin/java -server -Xms8g -Xmx8g -Dapusic.domain={DOMAIN} com.apusic.server.Main"


class AppNode:
    """One domain on one machine. That it was stopped survives a restart of the demo: the pid file tells."""

    def __init__(self, name: str, files: Tree, processes: Processes, stopped_before: bool) -> None:
        self.name = name
        self._files = files
        self._processes = processes
        self._turn = asyncio.Lock()
        self._java: Process | None = None
        if not stopped_before:
            self._run()

    @property
    def serving(self) -> bool:
        """Whether the HTTP port answers."""
        return self._java is not None

    async def asadmin(self, call: Call) -> int:
        """``asadmin stop-domain`` and ``asadmin start-domain``, one at a time, with the waiting of the real one."""
        async with self._turn:
            match call.args:
                case ("stop-domain", *_):
                    return await self._stop(call)
                case ("start-domain", *_):
                    return await self._start(call)
                case _:
                    call.complain(
                        f'Command {" ".join(call.args)!r} not found. Use "asadmin help" for a list of commands.'
                    )
                    return 1

    async def _stop(self, call: Call) -> int:
        if self._java is None:
            call.say(f"CLI306: Warning - The server located at {DOMAIN} is not running.")
        else:
            self._log("INFO", "Server shutdown initiated")
            await _dots(call, "Waiting for the domain to stop ", 1.2)
            self._processes.end(self._java)
            self._java = None
            self._files.at(_PID_FILE).unlink(missing_ok=True)
            self._log("INFO", "Server stopped")
        call.say("Command stop-domain executed successfully.")
        return 0

    async def _start(self, call: Call) -> int:
        if self._java is not None:
            call.complain("There is a process already using the admin port 6848 -- it probably is another instance.")
            call.complain("Command start-domain failed.")
            return 1
        self._log("INFO", "Apusic Application Server starting")
        await _dots(call, "Waiting for mydomain to start ", 2.4)
        self._run()
        self._log("INFO", f"HTTP service ready on port {APP_PORT}")
        call.say("Successfully started the domain : mydomain")
        call.say(f"domain  Location: {DOMAIN}")
        call.say(f"Log File: {LOG}")
        call.say("Admin Port: 6848")
        call.say("Command start-domain executed successfully.")
        return 0

    def _run(self) -> None:
        self._java = self._processes.spawn(_JAVA, "weaver")
        self._files.write(_PID_FILE, f"{self._java.pid}\n".encode())

    def _log(self, level: str, text: str) -> None:
        self._files.append(LOG, f"[{time.strftime('%Y-%m-%dT%H:%M:%S')}] [{level}] [{self.name}] {text}")


def was_stopped(files: Tree) -> bool:
    """Whether the machine has been set up before and its domain was stopped then."""
    return files.at(LOG).exists() and not files.at(_PID_FILE).exists()


def seed_files(name: str) -> dict[str, str]:
    """What a fresh application node has on its disk."""
    return {
        f"{DOMAIN}/config/domain.xml": f'<domain name="mydomain"><http-listener port="{APP_PORT}"/></domain>\n',
        LOG: f"[2026-11-01T08:02:11] [INFO] [{name}] Apusic Application Server starting\n"
        f"[2026-11-01T08:02:14] [INFO] [{name}] HTTP service ready on port {APP_PORT}\n",
        "/data/WEAVER/Resin/logs/stdout.log": f"2026-11-01 08:02:14 {name} e-cology 启动完成\n",
        "/data/WEAVER/ecology/WEB-INF/prop/weaver.properties": f"ecology.node = {name}\n",
        "/data/WEAVER/ecology/WEB-INF/prop/weaver_new_session.properties": f"session.node = {name}\n",
        "/tmp/hsperfdata": "\n",  # noqa: S108  # a file of the simulated machine
        "/data/WEAVER/ecology/license/305581B9F987A2EE301A8777B23A3ACB.license": "demo licence until 2026-12-31\n",
        "/data/sharedata/theme/logo.txt": "logo\n",
        "/data/packages/oa-20261122/app/ecology.txt": _PACKAGE,
        "/data/packages/oa-20261122/db/dm_e9.dmp": _PACKAGE,
        "/data/packages/oa-20261122/SHA256SUMS": f"{_SUM}  app/ecology.txt\n{_SUM}  db/dm_e9.dmp\n",
        "/data/WEAVER/ecology/log/ecology": f"2026-11-01 08:02:14,120 INFO {name} weaver.init: 缓存加载完成\n",
    }


async def _dots(call: Call, text: str, seconds: float) -> None:
    """``text`` followed by a dot every tenth of the time, as asadmin shows that it waits."""
    call.stdout(text.encode())
    for _ in range(10):
        await asyncio.sleep(seconds / 10 * call.pace)
        call.stdout(b".")
    call.stdout(b"\n")
