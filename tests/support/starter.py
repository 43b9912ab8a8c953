"""Starts the service as a process of its own without importing it anew each time: one process that has imported it forks.

An interpreter that imports the service takes more time than most of what a test then asks of it. A forked one is a process like any
other, with its own memory and files, to be killed and waited for; only how it began is not as people begin it, so one test
(``tests/unit/bot/test_process.py``) begins it so.
"""

import atexit
import contextlib
import io
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT


class Started:
    """A forked process, seen like a ``subprocess.Popen``."""

    def __init__(self, pid: int, starter: "Starter") -> None:
        self.pid = pid
        self._starter = starter

    @property
    def returncode(self) -> int | None:
        return self._starter.codes.get(self.pid)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self) -> int:
        self._starter.until(lambda: self.pid in self._starter.codes)
        return self._starter.codes[self.pid]

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Starter:
    """The process that forks, and what it says: who was started, and who ended how."""

    def __init__(self) -> None:
        self.codes: dict[int, int] = {}
        self._changed = threading.Condition()
        self._over = False
        self._born: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.starter"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        atexit.register(self._end)

    def start(
        self,
        argv: list[str],
        log: Path,
        environ: Mapping[str, str],
        *,
        errors: Path | None = None,
        folder: Path = ROOT,
        gone: int | None = None,
    ) -> Started:
        """``zhiban ARGV`` with this environment, in this folder; what it says goes behind what stands in ``log``.

        ``errors``: what it says on standard error goes there. ``gone``: the number of a stream, 1 or 2, whose reader has gone.
        """
        streams: dict[int, Path | None] = {1: log, 2: errors or log}
        if gone is not None:
            streams[gone] = None
        paths = [str(path) if path else None for path in streams.values()]
        wanted = {"argv": argv, "streams": paths, "environ": dict(environ), "folder": str(folder)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        self.until(lambda: bool(self._born))
        return Started(self._born.pop(), self)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for what it says; it never ends before the tests do."""
        with self._changed:
            self._changed.wait_for(lambda: true() or self._over)
        assert true(), "the process that forks ended; what it said stands on standard error"

    def _end(self) -> None:
        """It kills what it started, as the end of its input tells it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                with self._changed:
                    if "code" in said:
                        self.codes[said["pid"]] = said["code"]
                    else:
                        self._born.append(said["pid"])
                    self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def ran(argv: list[str], folder: Path, environ: Mapping[str, str], *, gone: int | None = None) -> Ran:
    """``zhiban ARGV`` in ``folder``, to its end; ``gone``: the stream, 1 or 2, whose reader has gone. It reads nothing."""
    with tempfile.TemporaryDirectory() as name:
        said = {1: Path(name, "out"), 2: Path(name, "errors")}
        code = starter().start(argv, said[1], environ, errors=said[2], folder=folder, gone=gone).wait()
        texts = {number: path.read_text("utf-8") if path.exists() else "" for number, path in said.items()}
    return Ran(code, texts[1], texts[2])


@cache
def starter() -> Starter:
    """This test process's own; it ends with it."""
    return Starter()


@dataclass(frozen=True, slots=True)
class _Wanted:
    argv: list[str]
    streams: list[str | None]  # standard output and error; without a path: nobody reads it any more
    environ: dict[str, str]
    folder: str


def _serve() -> _Wanted | None:
    """Fork for each line of standard input, and tell of each end. In a child: what it is to be; at the end of input: None."""
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    pending, alive = b"", set[int]()
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(awake, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if awake in ready:
                os.read(awake, 4096)
                _tell_ends(alive)
            if 0 not in ready:
                continue
            got = os.read(0, 65536)
            if not got:
                for pid in alive:
                    os.kill(pid, signal.SIGKILL)
                return None
            *lines, pending = (pending + got).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.close(awake)
                    os.close(wake)
                    return _Wanted(**json.loads(line))
                alive.add(pid)
                _tell(pid=pid)


def _tell_ends(alive: set[int]) -> None:
    for pid in list(alive):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            alive.discard(pid)
            _tell(pid=pid, code=os.waitstatus_to_exitcode(status))


def _tell(**what: Any) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def _become(wanted: _Wanted) -> list[str]:
    """Give this process the environment and the streams that were asked for, and random numbers of its own; its command line."""
    os.environ.clear()
    os.environ.update(wanted.environ)
    os.chdir(wanted.folder)
    time.tzset()
    random.seed()
    _put(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(wanted.streams, 1):
        _put(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if path else _unread(), number)
    unbuffered = bool(wanted.environ.get("PYTHONUNBUFFERED"))
    sys.stdout, sys.stderr = _text(1, unbuffered), _text(2, unbuffered, errors="backslashreplace", line_buffering=True)
    return wanted.argv


def _text(number: int, unbuffered: bool, **more: Any) -> io.TextIOWrapper:
    """A stream of its own: the one that was inherited still takes itself for the file or the pipe that stood there before."""
    binary = open(number, "wb", buffering=0 if unbuffered else -1, closefd=False)  # noqa: SIM115  # it lives as long as the process
    return io.TextIOWrapper(binary, encoding=sys.stdout.encoding, write_through=unbuffered, **more)


def _put(opened: int, number: int) -> None:
    os.dup2(opened, number)
    os.close(opened)


def _unread() -> int:
    """The end of a pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    return write


if __name__ == "__main__":
    import gc

    gc.disable()
    import bot.adapters.recorder.adapter
    import bot.cli.run  # noqa: F401
    from bot.__main__ import main

    gc.collect()
    gc.freeze()
    gc.enable()
    child = _serve()
    sys.exit(main(_become(child)) if child else 0)
