"""One process on one state folder: a file lock that ends with the process (fault F23)."""

import fcntl
import os
from pathlib import Path
from typing import IO

from bot.core.errors import ConfigError


def only_one(state_dir: Path) -> IO[str]:
    """Hold the state folder's lock for as long as the file stays open; a second process gets one clear line."""
    state_dir.mkdir(parents=True, exist_ok=True)
    lock = (state_dir / "zhiban.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise ConfigError(
            [f"{state_dir}: another Zhiban (process {holder}) is running on this folder; stop it first"]
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
