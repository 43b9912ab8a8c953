"""A real PostgreSQL from its package: a cluster in a folder of its own, on a socket there, reached by its own ``psql``."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.sshd import needs

BINARIES = max(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path("/usr/bin")
)
QUICK = "-c listen_addresses= -c fsync=off -c shared_buffers=16MB -c max_connections=10"


class Postgres:
    """One running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, script: str) -> str:
        """What ``psql`` says of a script; its first error ends it."""
        settings = f"-h {self.folder} -d postgres -X -q -t -A -v ON_ERROR_STOP=1 -f -".split()
        done = subprocess.run(
            [*_as_somebody(), "psql", *settings], input=script, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server, and stop it at the end."""
    needs(str(BINARIES / "initdb"), "postgresql")
    folder = Path(tempfile.mkdtemp(prefix="zhiban-pg-"))  # a socket's path must be short
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        _tool("initdb", "-N", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", str(folder / "data"))
        control = ("-D", str(folder / "data"), "-l", str(folder / "log"))
        _tool("pg_ctl", *control, "-w", "-o", f"{QUICK} -k {folder}", "start")
        try:
            yield Postgres(folder)
        finally:
            _tool("pg_ctl", *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _tool(name: str, *arguments: str) -> None:
    command = [*_as_somebody(), str(BINARIES / name), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, timeout=60, cwd="/")


def _as_somebody() -> list[str]:
    """The server refuses to run as root; its package made a user for it."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
