"""The machines that server tests play on keep what is theirs, whatever happens on this host beside them."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import machines

pytestmark = pytest.mark.servers


def test_users_of_a_machine_stay_when_this_host_s_change(tmp_path: Path) -> None:
    """``useradd`` here renames a new file over ``/etc/passwd``, and the kernel drops whatever is mounted on it, everywhere."""
    with machines.running(tmp_path / "machines", ("dm1",)) as running:
        machine = running.all["dm1"]
        machine.at("/data/dmdba").mkdir(parents=True)
        mounted = machine.inside("cat", "/proc/self/mounts").splitlines()
        assert [line for line in mounted if line.split()[1].startswith("/etc/")] == []
        assert machine.inside("su", "-", "dmdba", "-c", "id -un") == "dmdba\n"


def test_a_machine_starts_while_this_host_s_users_change(tmp_path: Path) -> None:
    """``useradd`` here leaves locks and drafts in ``/etc`` for a moment, which the machine's copy meets and then misses."""
    with drafts_that_come_and_go(), machines.running(tmp_path / "machines", ("dm1", "dm2", "dm3")) as running:
        for machine in running.all.values():
            assert machine.inside("stat", "-c", "%s", "/etc/ssh/moduli") != "0\n"


@contextmanager
def drafts_that_come_and_go() -> Iterator[None]:
    drafts = [Path("/etc", f"zhiban-{os.getpid()}.{number}") for number in range(200)]
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            for draft in drafts:
                draft.touch()
            for draft in drafts:
                draft.unlink()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
