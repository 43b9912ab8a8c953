"""The load balancer's nginx (SOP 5.3): master and workers, ``-t``, reload, stop, start."""

import asyncio
import re
from itertools import chain

from bot.demo.call import Call
from bot.demo.inventory import APP_PORT, NODES, SPARE
from bot.demo.nginxconf import ConfFault, live_servers
from bot.demo.processes import Process, Processes
from bot.demo.tree import Tree

NGINX = "/data/nginx/sbin/nginx"
CONF = "/data/nginx/conf/nginx.conf"
_PID_FILE = "/data/nginx/logs/nginx.pid"
_WORKERS = 4
_SHUTDOWN = 0.5  # seconds that old workers need to finish after a reload


class Balancer:
    """What nginx runs on is what it loaded last, not what stands in the file."""

    def __init__(self, files: Tree, processes: Processes) -> None:
        self._files = files
        self._processes = processes
        self._master: Process | None = None
        self._workers: list[Process] = []
        self._live: tuple[str, ...] = ()
        self._retiring: dict[asyncio.Task[None], tuple[str, ...]] = {}  # old workers on their way out, what they serve

    @property
    def serving(self) -> tuple[str, ...]:
        """The ``ip:port`` that get requests: from the new workers, and from old ones until they are gone."""
        return tuple(dict.fromkeys(chain(self._live, *self._retiring.values())))

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._master is not None

    def boot(self) -> None:
        """Start nginx with the file as it is; when the file is wrong the machine comes up without nginx."""
        try:
            self._live = self._checked()
        except (ConfFault, OSError):
            return
        self._master = self._processes.spawn(f"nginx: master process {NGINX}", "root")
        self._files.write(_PID_FILE, f"{self._master.pid}\n".encode())
        self._start_workers(self._master)

    def _start_workers(self, master: Process) -> None:
        self._workers = [self._processes.spawn("nginx: worker process", "nobody", master.pid) for _ in range(_WORKERS)]

    def _checked(self) -> tuple[str, ...]:
        return live_servers(self._files.read(CONF).decode("utf-8", "replace"))

    async def nginx(self, call: Call) -> int:
        """``nginx`` with ``-t``, ``-T``, ``-V``, ``-s reload``, ``-s stop`` or nothing (start)."""
        try:
            live = self._checked()
        except ConfFault as fault:
            call.complain(f"nginx: [emerg] {fault.message} in {CONF}:{fault.line}")
            if call.args == ("-t",):
                call.complain(f"nginx: configuration file {CONF} test failed")
            return 1
        match call.args:
            case ("-t",):
                call.complain(f"nginx: the configuration file {CONF} syntax is ok")
                call.complain(f"nginx: configuration file {CONF} test is successful")
                return 0
            case ("-T",):
                self._dump(call)
                return 0
            case ("-V",):
                call.complain("nginx version: nginx/1.22.1\nconfigure arguments: --prefix=/data/nginx")
                return 0
            case ("-s", "reload" | "stop" as signal):
                return await self._signal(call, signal, live)
            case ():
                return self._start(call)
            case _:
                call.complain(f'nginx: invalid option: "{" ".join(call.args)}"')
                return 1

    def _dump(self, call: Call) -> None:
        """All that it would load, each file under its name."""
        text = self._files.read(CONF).decode("utf-8", "replace")
        included = [f"{CONF.rpartition('/')[0]}/{name}" for name in re.findall(r"(?m)^\s*include\s+([\w.]+);", text)]
        for path in (CONF, *included):
            call.stdout(f"# configuration file {path}:\n".encode() + self._files.read(path) + b"\n")
        call.complain(f"nginx: the configuration file {CONF} syntax is ok")
        call.complain(f"nginx: configuration file {CONF} test is successful")

    async def _signal(self, call: Call, signal: str, live: tuple[str, ...]) -> int:
        if self._master is None:
            call.complain(f'nginx: [error] open() "{_PID_FILE}" failed (2: No such file or directory)')
            return 1
        if signal == "reload":
            self._reload(self._master, live, _SHUTDOWN * call.pace)
        else:
            await self.close()
            for process in (self._master, *self._workers):
                self._processes.end(process)
            self._files.at(_PID_FILE).unlink(missing_ok=True)
            self._master, self._workers, self._live = None, [], ()
        return 0

    def _reload(self, master: Process, live: tuple[str, ...], seconds: float) -> None:
        old, served, self._live = self._workers, self._live, live
        for worker in old:
            self._processes.rename(worker, "nginx: worker process is shutting down")
        self._start_workers(master)
        task = asyncio.create_task(self._retire(old, seconds))
        self._retiring[task] = served
        task.add_done_callback(self._retiring.pop)

    async def _retire(self, workers: list[Process], seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            for worker in workers:
                self._processes.end(worker)

    def _start(self, call: Call) -> int:
        if self._master is not None:
            call.complain("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
            return 1
        self.boot()
        return 0

    async def close(self) -> None:
        """No worker waits any longer."""
        tasks = list(self._retiring)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def seed_files() -> dict[str, str]:
    """What a fresh balancer has on its disk: the file of SOP 5.3 without the third-party ``sticky`` line."""
    servers = [f"        server {address}:{APP_PORT};" for address in NODES.values()]
    servers += [f"        #server {address}:{APP_PORT};" for address in SPARE]
    return {
        CONF: _CONF.replace("@SERVERS@", "\n".join(servers)),
        "/data/nginx/conf/mime.types": "types {\n    text/html html htm;\n}\n",
        "/data/nginx/logs/access.log": _ACCESS,
        "/data/nginx/logs/error.log": "2026/11/01 08:02:14 [notice] 2124#2124: start worker processes\n",
    }


_CONF = """\
user  nobody;
worker_processes  4;
error_log  logs/error.log  notice;
pid        logs/nginx.pid;

events {
    worker_connections  10240;
}

http {
    include       mime.types;
    default_type  application/octet-stream;
    sendfile      on;
    keepalive_timeout  65;
    client_max_body_size  500m;

    #####ecology start#####
    upstream ecologycluster{
@SERVERS@
    }

    server {
        listen       80;
        server_name  localhost;

        location / {
            proxy_pass http://ecologycluster;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
    }
    #####ecology end#####
}
"""
_ACCESS = """\
19.0.12.31 - - [01/Nov/2026:08:31:02 +0800] "GET /wui/index.html HTTP/1.1" 200 5312
19.0.12.77 - - [01/Nov/2026:08:31:03 +0800] "POST /api/workflow/list HTTP/1.1" 200 18240
"""
