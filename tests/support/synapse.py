"""A real homeserver: Synapse from its own package, on loopback, with a database of its own and nobody else to talk to."""

import atexit
import fcntl
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import pytest

from tests.support.paths import ROOT
from tests.support.ports import free_port

SERVER_NAME = "zhiban.test"
PYTHON = ROOT / ".venv-synapse" / "bin" / "python"
_SECRET = "for registering, on loopback"
_STARTED: dict[int, "subprocess.Popen[bytes]"] = {}
_FAST = "{per_second: 100000, burst_count: 100000}"
_CONFIG = """
server_name: {name}
pid_file: {folder}/synapse.pid
listeners:
  - {{port: {port}, bind_addresses: ['127.0.0.1'], type: http, tls: false, resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: '{folder}/synapse.db'}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: '{secret}'
macaroon_secret_key: macaroon
form_secret: form
report_stats: false
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
presence: {{enabled: false}}
bcrypt_rounds: 4
rc_message: {fast}
rc_login: {{address: {fast}, account: {fast}}}
rc_joins: {{local: {fast}}}
rc_invites: {{per_room: {fast}, per_user: {fast}, per_issuer: {fast}}}
rc_room_creation: {fast}
"""
_LOG = """
version: 1
handlers: {{file: {{class: logging.FileHandler, filename: {folder}/synapse.log}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
"""


def needed() -> None:
    """Skips the test where Synapse is not installed; in CI it must be."""
    if not PYTHON.exists():
        if os.environ.get("CI"):
            pytest.fail("Synapse is missing: make synapse")
        pytest.skip("Synapse is missing; make synapse")


@dataclass
class Synapse:
    """One running homeserver. ``call`` is a plain HTTP request, so that what it says owes nothing to any client library."""

    url: str
    folder: Path
    pid: int

    def call(self, method: str, path: str, token: str = "", body: Any = None) -> dict[str, Any]:
        """One call of the client-server API. Raises ``urllib.error.HTTPError`` for whatever is no success."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310  # loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # the same
            found: dict[str, Any] = json.load(answer)
        return found

    def register(self, name: str) -> tuple[str, str]:
        """A new account: its Matrix id and its access token."""
        path = "/_synapse/admin/v1/register"
        nonce = self.call("GET", path)["nonce"]
        signed = "\x00".join((nonce, name, "password", "notadmin")).encode()
        mac = hmac.new(_SECRET.encode(), signed, hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": "password", "admin": False, "mac": mac}
        made = self.call("POST", path, body=account)
        return str(made["user_id"]), str(made["access_token"])

    def stop(self) -> None:
        """End it; it may be the child of another process than this."""
        os.kill(self.pid, signal.SIGTERM)
        if own := _STARTED.pop(self.pid, None):
            own.wait(30)
        until = time.monotonic() + 30
        while _runs(self.pid):
            assert time.monotonic() < until, "Synapse does not end"
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"


@cache
def shared() -> Synapse:
    """One for all tests of a run: starting it costs ten times what a test does. The first worker to ask starts it, the last to
    end stops it; accounts and rooms are made anew by each test."""
    needed()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"zhiban-synapse-{run}"
    folder.mkdir(exist_ok=True)
    users = (folder / "users").open("a")
    with _alone(folder):
        fcntl.flock(users, fcntl.LOCK_SH)
        found = folder / "running.json"
        if not found.exists():
            started = start(folder / "synapse")
            found.write_text(json.dumps({"url": started.url, "pid": started.pid}), "utf-8")
        running = json.loads(found.read_text("utf-8"))
    synapse = Synapse(running["url"], folder / "synapse", running["pid"])
    atexit.register(_leave, synapse, folder, users)
    return synapse


def _leave(synapse: Synapse, folder: Path, users: IO[str]) -> None:
    with _alone(folder):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another worker has it still
        synapse.stop()
        shutil.rmtree(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(folder: Path) -> Synapse:
    """Start one in ``folder``; ready when it answers, after some seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = free_port()
    values = {"name": SERVER_NAME, "folder": folder, "port": port, "secret": _SECRET, "fast": _FAST}
    (folder / "homeserver.yaml").write_text(_CONFIG.format(**values), "utf-8")
    (folder / "log.yaml").write_text(_LOG.format(folder=folder), "utf-8")
    command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(folder / "homeserver.yaml")]
    with (folder / "out.log").open("wb") as out:
        subprocess.run([*command, "--generate-keys"], check=True, stdout=out, stderr=out)
        process = subprocess.Popen(command, stdout=out, stderr=out)
    _STARTED[process.pid] = process
    synapse = Synapse(f"http://127.0.0.1:{port}", folder, process.pid)
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        try:
            synapse.call("GET", "/_matrix/client/versions")
            return synapse
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    process.kill()
    process.wait()
    raise AssertionError((folder / "out.log").read_text("utf-8")[-2000:])


def path_of(room: str, *rest: str) -> str:
    """``/_matrix/client/v3/rooms/…`` with every part quoted."""
    return "/_matrix/client/v3/rooms/" + "/".join(quote(part, safe="") for part in (room, *rest))
