"""The machines that server tests play on keep what is theirs, whatever happens on this host beside them."""

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
