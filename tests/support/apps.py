"""Application nodes as a restart is seen from outside: a fake ``asadmin`` that starts and stops a small HTTP server.

The server answers every request with its process id and notes the request; that of ``/hold`` is answered for as long as the
client stays. Node and files are told apart by the address
that the SSH connection came in on.
"""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# Sockets alone: a server that is up in a few hundredths of a second, because runbooks start it again and again.
SERVER = r"""
import _thread, os, socket, sys

def serve(client):
    with client:
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(65536)
            if not more:
                return
            head += more
        path = head.split(b" ", 2)[1].decode()
        if path != "/health":
            with open(sys.argv[3], "a") as log:
                log.write(path + "\n")
        body = str(os.getpid()).encode()
        if path == "/hold":
            client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nX-Accel-Buffering: no\r\n\r\n%s\n" % body)
            client.settimeout(5)
            while True:  # nginx ends what is silent for a minute
                try:
                    if not client.recv(4096):
                        return
                except TimeoutError:
                    client.sendall(b".")
        status = b"404 Not Found" if path.startswith("/gone/") else b"200 OK"
        head = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        client.sendall(head + body)

with socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=512) as server:
    open(sys.argv[4], "w").close()
    while True:
        _thread.start_new_thread(serve, (server.accept()[0],))
"""
ASADMIN = """#!/bin/sh
# usage: asadmin start-domain | stop-domain; like the real one it leaves a daemon that holds the output open
node=${{NODE:-$(echo "$SSH_CONNECTION" | cut -d' ' -f3)}}
home={home}
pid=$home/$node.pid
echo "$1" >> $home/$node.calls
while [ -e $home/$node.hold ]; do sleep 0.05; done
case "$1" in
start-domain)
  if [ -e $home/$node.broken ]; then echo "no licence"; exit 1; fi
  if [ -e $pid ] && kill -0 $(cat $pid) 2>/dev/null; then echo "already running"; exit 1; fi
  rm -f $home/$node.up
  {python} -I -S $home/server.py $node {port} $home/$node.requests $home/$node.up &
  echo $! > $pid
  for i in $(seq 250); do [ -e $home/$node.up ] && exit 0; sleep 0.02; done
  exit 1 ;;
stop-domain)
  [ -e $pid ] || {{ echo "not running"; exit 1; }}
  kill $(cat $pid) && rm $pid
  for i in $(seq 250); do curl -s -o /dev/null http://$node:{port}/health || exit 0; sleep 0.02; done
  exit 1 ;;
*) exit 2 ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Apps:
    """The nodes of one test. ``home`` is what ``app_home`` must say."""

    home: Path
    port: int

    def pid(self, node: str) -> int | None:
        """The process that answers on a node, asked over HTTP; None when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://{node}:{self.port}/health", timeout=2) as answer:
                return int(answer.read())
        except (urllib.error.URLError, OSError):
            return None

    def requests(self, node: str) -> int:
        """How many requests (health checks apart) a node has served, by its own record."""
        path = self.home / f"{node}.requests"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def calls(self, node: str) -> list[str]:
        """What ``asadmin`` was called with on a node, in order."""
        path = self.home / f"{node}.calls"
        return path.read_text().split() if path.exists() else []

    @contextmanager
    def held(self, node: str) -> Iterator[None]:
        """Meanwhile ``asadmin`` notes its call on a node and gets no further."""
        hold = self.home / f"{node}.hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def start(self, *nodes: str) -> None:
        """Start nodes by hand, together, as they stood before the test."""
        line = [str(self.home / "bin" / "asadmin"), "start-domain"]
        starting = [
            subprocess.Popen(line, env={**os.environ, "NODE": node}, stdout=subprocess.DEVNULL) for node in nodes
        ]
        assert [process.wait() for process in starting] == [0] * len(nodes)
        for node in nodes:
            (self.home / f"{node}.calls").unlink()


@contextmanager
def running(home: Path, port: int, nodes: tuple[str, ...]) -> Iterator[Apps]:
    """Nodes on these addresses, all up; whatever runs at the end is ended."""
    (home / "bin").mkdir(parents=True)
    (home / "server.py").write_text(SERVER)
    script = home / "bin" / "asadmin"
    script.write_text(ASADMIN.format(home=home, python=sys.executable, port=port))
    script.chmod(0o755)
    apps = Apps(home, port)
    try:
        apps.start(*nodes)
        yield apps
    finally:
        for path in home.glob("*.pid"):
            _end(int(path.read_text()))


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """The contrary, to be waited for."""
    return not alive(pid)


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
