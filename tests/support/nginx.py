"""A real nginx with a prefix of its own; its binary is a wrapper that knows the prefix."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.children import children
from tests.support.sshd import needs

NGINX = "/usr/sbin/nginx"
WORKERS = 2  # of the configuration below
CONF = """user root;
worker_processes 2;
error_log {prefix}/logs/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    #####ecology start#####
    upstream ecologycluster{{
{servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://ecologycluster;
            proxy_connect_timeout 2s;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """``binary`` and ``conf`` are what the site's balancer must say; ``port`` is where it listens."""

    prefix: Path
    binary: Path
    conf: Path
    port: int

    def calls(self) -> list[str]:
        """What the binary was called with since it began to serve, in order: ``-t``, ``-s reload``; looks are left out."""
        path = self.prefix / "calls"
        every = path.read_text().splitlines() if path.exists() else []
        return [words for words in every if words not in {"-T", "-V"}]

    @contextmanager
    def held(self, call: str) -> Iterator[Callable[[], bool]]:
        """What the binary is called with ``call`` for happens only at the end of this; gives whether it was called."""
        begun, go, wrapper = self.prefix / "begun", self.prefix / "go", self.binary.read_text()
        wait = f"{{ touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done; }}"
        self.binary.write_text(wrapper.replace("\nexec", f'\n[ "$*" != "{call}" ] || {wait}\nexec'))
        try:
            yield begun.exists
        finally:
            go.touch()
            self.binary.write_text(wrapper)

    def workers(self) -> set[int]:
        """The worker processes, whatever their generation."""
        return set(children(int((self.prefix / "logs" / "nginx.pid").read_text())))


@contextmanager
def running(prefix: Path, port: int, nodes: list[str]) -> Iterator[Nginx]:
    """nginx in front of ``nodes`` (``ip:port``; ``#`` in front: commented out)."""
    needs(NGINX, "nginx-light")
    for name in ("conf", "logs", "sbin"):
        (prefix / name).mkdir(parents=True)
    conf, binary = prefix / "conf" / "nginx.conf", prefix / "sbin" / "nginx"
    servers = "\n".join(f"        {'#' * n.startswith('#')}server {n.lstrip('#')};" for n in nodes)
    conf.write_text(CONF.format(prefix=prefix, servers=servers, port=port))
    started = f'{NGINX} -p {prefix} -c {conf} -g "pid {prefix}/logs/nginx.pid;"'
    binary.write_text(f'#!/bin/sh\necho "$*" >> {prefix}/calls\nexec {started} "$@"\n')
    binary.chmod(0o755)
    subprocess.run([str(binary)], check=True)
    (prefix / "calls").unlink()
    found = Nginx(prefix, binary, conf, port)
    _wait(lambda: len(found.workers()) == WORKERS)  # it answers before it has started them
    try:
        yield found
    finally:
        pid_file = prefix / "logs" / "nginx.pid"
        with suppress(
            FileNotFoundError, ProcessLookupError
        ):  # "-s stop" would first read a configuration that a test broke
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
        gone(pid_file)


def gone(pid_file: Path) -> None:
    """Wait until nginx has taken its pid file away."""
    _wait(lambda: not pid_file.exists())


def _wait(condition: Callable[[], bool]) -> None:
    """Two seconds at most; what depends on it then fails by itself."""
    for _ in range(100):
        if condition():
            return
        time.sleep(0.02)
