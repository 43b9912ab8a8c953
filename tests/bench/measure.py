"""How one server process is measured: its load, its replies at the fake API, its CPU."""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.baselines import SECRET
from tests.bench.wire import Shot, fire, percentile, request

CONNECTIONS = 32
WARM = 200
STEADY_RATE = 50.0  # requests a second of the latency runs
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` compares with the baseline named in it."""

    name: str
    per_second: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Served:
    """A server process under measurement."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU used so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def process(argv: list[str], port: int, **environ: str) -> Iterator[Served]:
    """A process that listens on ``port``, ended on the way out."""
    log = tempfile.TemporaryFile()  # noqa: SIM115  # kept open while the process writes to it
    child = subprocess.Popen([sys.executable, *argv], env={**os.environ, **environ}, stdout=log, stderr=log)
    try:
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if child.poll() is not None:
                log.seek(0)
                raise RuntimeError(f"{argv} ended: {log.read().decode()[-2000:]}")
            time.sleep(0.05)
        yield Served(child.pid, port)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        data: bytes = answer.read()
        return data


def intake(served: Served, make: Callable[[int], bytes], count: int) -> Row:
    """As fast as answers come: requests a second, CPU a request; then p99 of the answer at a steady rate."""
    asyncio.run(fire("127.0.0.1", served.port, [make(n) for n in range(WARM)], CONNECTIONS))
    requests = [make(WARM + n) for n in range(count)]
    cpu, start = served.cpu(), time.monotonic()
    shots = asyncio.run(fire("127.0.0.1", served.port, requests, CONNECTIONS))
    spent, used = time.monotonic() - start, served.cpu() - cpu
    check(shots)
    steady = [make(WARM + count + n) for n in range(int(STEADY_RATE * 5))]
    shots = asyncio.run(fire("127.0.0.1", served.port, steady, CONNECTIONS, STEADY_RATE))
    check(shots)
    p99 = percentile([s.answered - s.sent for s in shots], 0.99) * 1000
    return Row("", count / spent, p99, used / count * 1000)


def acknowledged(served: Served, make: Callable[[int], bytes]) -> Row:
    """At the steady rate alone, for ten seconds: p99 of the answer, CPU a request."""
    asyncio.run(fire("127.0.0.1", served.port, [make(n) for n in range(WARM)], CONNECTIONS, STEADY_RATE))
    count = int(STEADY_RATE * 10)
    requests = [make(WARM + n) for n in range(count)]
    cpu = served.cpu()
    shots = asyncio.run(fire("127.0.0.1", served.port, requests, CONNECTIONS, STEADY_RATE))
    check(shots)
    p99 = percentile([s.answered - s.sent for s in shots], 0.99) * 1000
    return Row("", STEADY_RATE, p99, (served.cpu() - cpu) / count * 1000)


def check(shots: list[Shot]) -> None:
    bad = [s.status for s in shots if s.status not in (200, 202)]
    if bad:
        raise RuntimeError(f"{len(bad)} requests were refused, first with {bad[0]}")


def echo(served: Served, make: Callable[[int], bytes], count: int, sink: int) -> Row:
    """Until the last reply stands at the fake API: events a second, CPU an event; p99 of send → reply at a steady rate."""
    get(sink, "/reset")
    asyncio.run(fire("127.0.0.1", served.port, [make(n) for n in range(WARM)], CONNECTIONS))
    arrived(sink, range(WARM))
    get(sink, "/reset")
    requests = [make(WARM + n) for n in range(count)]
    cpu, start = served.cpu(), time.monotonic()
    check(asyncio.run(fire("127.0.0.1", served.port, requests, CONNECTIONS)))
    seen = arrived(sink, range(WARM, WARM + count))
    spent, used = max(seen.values()) - start, served.cpu() - cpu
    get(sink, "/reset")
    first = WARM + count
    steady = [make(first + n) for n in range(int(STEADY_RATE * 5))]
    shots = asyncio.run(fire("127.0.0.1", served.port, steady, CONNECTIONS, STEADY_RATE))
    seen = arrived(sink, range(first, first + len(steady)))
    p99 = percentile([seen[first + n] - shot.sent for n, shot in enumerate(shots)], 0.99) * 1000
    return Row("", count / spent, p99, used / count * 1000)


def arrived(sink: int, wanted: range) -> dict[int, float]:
    """Wait until every wanted message stands at the fake API; when each arrived."""
    missing = len(wanted)
    for _ in range(1200):
        if int(get(sink, "/count")) >= len(wanted):
            seen = {int(number): at for number, at in json.loads(get(sink, "/seen")).items()}
            missing = sum(number not in seen for number in wanted)
            if not missing:
                return {number: seen[number] for number in wanted}
        time.sleep(0.05)
    raise RuntimeError(f"{missing} of {len(wanted)} replies did not arrive")


def slack_event(port: int, number: int, channel: str = "C1", text: str = "") -> bytes:
    """A signed message; ``text`` stands in for the number that comes back in an echo."""
    ts = f"{int(time.time())}.{number:06d}"
    event = {"type": "message", "user": "U1", "channel": channel, "text": text or f"bench-{number}", "ts": ts}
    body = json.dumps(
        {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{number}", "event": event}
    ).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    return request(f"http://127.0.0.1:{port}/slack/events", body, headers)
