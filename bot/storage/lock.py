"""One process on one state folder (fault F23), and nobody else's eyes in it."""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bot.core.errors import ConfigError
from bot.core.problems import Line, Told, unusable

_OTHERS = 0o077  # what group and others may do with a file


class Held:
    """The lock; it ends with the process, or when it is closed."""

    def __init__(self, folder: int, file: IO[str]) -> None:
        self._folder = folder
        self._file = file

    def close(self) -> None:
        """Let go of it; once is enough."""
        if self._file.closed:
            return
        os.close(self._folder)
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def only_one(state_dir: Path) -> Held:
    """Hold the state folder for as long as the lock is open; a second process gets one clear line.

    The folder itself is locked, since a file in it may be deleted, and the file too, where the folder cannot be (NFS). What lies
    in the folder is made the owner's alone when others could read it: phones, reports and outputs are there.
    """
    make_private(state_dir)
    folder, file = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY), (state_dir / "zhiban.lock").open("a+")
    held = Held(folder, file)
    try:
        _lock_folder(folder)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip()
        held.close()
        raise unusable(state_dir, Told("service/another_process", holder=holder)) from None
    try:
        _note_holder(file)
    except OSError as error:
        held.close()
        raise OSError(error.errno, error.strerror, str(state_dir / "zhiban.lock")) from None
    return held


def _note_holder(file: IO[str]) -> None:
    """Our process's number, for the line that a second one gets; past Python's buffer, which would try again when closed."""
    file.truncate(0)
    os.write(file.fileno(), str(os.getpid()).encode())


def _lock_folder(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise


def make_private(state_dir: Path) -> None:
    """The folder, made where it is not there, is its owner's alone, and so is what lies in it when it was not.

    Raises ``ConfigError`` where a file is in its way.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError([Line("", Told("service/state_in_the_way", folder=str(state_dir)), "en")]) from None
    if not state_dir.stat().st_mode & _OTHERS or state_dir.stat().st_uid != os.geteuid():
        return
    state_dir.chmod(0o700)
    for path in state_dir.iterdir():
        if not path.is_symlink() and path.stat().st_uid == os.geteuid():
            path.chmod(path.stat().st_mode & 0o700)
