"""Which processes another one started, as ``ps`` tells it."""

import subprocess


def children(pid: int) -> list[int]:
    """The children of a process; none where there is no such process any more."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, check=False)
    return [int(child) for child in listed.stdout.split()]
