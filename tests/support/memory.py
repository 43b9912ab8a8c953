"""Where the tests write: in memory where this machine has room for it, since most of a test's time is waiting for a disk."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes; a whole run of all tests keeps less than one of them at any time


def use() -> None:
    """Let every temporary folder of this process, and of those that it starts, lie there; what the caller has set stands."""
    if "TMPDIR" in os.environ or not _fits():
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def _fits() -> bool:
    """Whether it is there, large enough, and may hold programs, which many tests write and run."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        return False
    return bool(_MEMORY.stat().st_mode & stat.S_ISVTX) and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
