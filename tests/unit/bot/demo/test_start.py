"""The fleet starts quickly, keeps what it made, and lets only its own key in."""

import asyncio
import time
from pathlib import Path

import asyncssh
import pytest

from bot.demo.fleet import Fleet, start_fleet
from tests.support.until import until
from tests.unit.bot.demo.client import ask, options

HOSTS = [*(f"oa{number}" for number in range(1, 11)), "lb1", "dm1", "dm2", "test1"]


async def test_first_start_is_quick_and_has_fourteen_machines(tmp_path: Path) -> None:
    began = time.process_time()
    async with start_fleet(tmp_path) as fleet:
        assert time.process_time() - began < 1.5  # of this process: others may be busy
        assert list(fleet.hosts) == HOSTS
        assert len(set(fleet.hosts.values())) == 14
        assert {address for address, _ in fleet.hosts.values()} == {"127.0.0.1"}


async def test_keys_and_known_hosts_are_readable_by_the_owner_alone(fleet: Fleet) -> None:
    folder = fleet.key_file.parent
    files = [path for path in folder.iterdir() if path.is_file()]
    assert len(files) == 16
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_keys_ports_and_disks_survive_a_restart(tmp_path: Path) -> None:
    async with start_fleet(tmp_path, pace=0.05) as first:
        ports, keys = dict(first.hosts), first.known_hosts.read_bytes()
        await ask(first, "lb1", "tee /data/nginx/conf/note", b"kept")
        await ask(first, "oa4", "/data/WEAVER/ApusicAS/bin/asadmin stop-domain")
    async with start_fleet(tmp_path, pace=0.05) as second:
        assert (dict(second.hosts), second.known_hosts.read_bytes()) == (ports, keys)
        assert (await ask(second, "lb1", "cat /data/nginx/conf/note")).out == "kept"
        assert (await ask(second, "oa4", "curl -fsS -o /dev/null http://127.0.0.1:6888/")).status == 7
        assert (await ask(second, "oa5", "curl -fsS -o /dev/null http://127.0.0.1:6888/")).status == 0


async def test_a_port_taken_meanwhile_is_replaced_and_known(tmp_path: Path) -> None:
    async with start_fleet(tmp_path / "a") as first:
        (tmp_path / "b" / "fleet").mkdir(parents=True)
        (tmp_path / "b" / "fleet" / "known_hosts").write_bytes(first.known_hosts.read_bytes())
        async with start_fleet(tmp_path / "b") as second:
            assert not set(first.hosts.values()) & set(second.hosts.values())
            assert (await ask(second, "oa1", "df -P")).status == 0


async def test_a_stranger_is_not_let_in(fleet: Fleet) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(*fleet.hosts["oa1"], options=options(fleet), client_keys=[stranger])


async def test_another_machines_host_key_is_refused(fleet: Fleet) -> None:
    text = fleet.known_hosts.read_text()
    fleet.known_hosts.write_text(text.replace(f":{fleet.hosts['oa1'][1]} ", ":1 "))
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await ask(fleet, "oa1", "df -P")


async def test_the_record_holds_what_each_machine_was_told(fleet: Fleet) -> None:
    await ask(fleet, "oa2", "tail -n 1 '/tmp/a b'")
    await ask(fleet, "lb1", "df -P /data")
    assert list(fleet.record) == [("oa2", "tail -n 1 '/tmp/a b'"), ("lb1", "df -P /data")]


async def test_closing_hangs_up_and_ends_what_runs(tmp_path: Path) -> None:
    async with start_fleet(tmp_path, pace=1000) as fleet:
        client = await asyncssh.connect(*fleet.hosts["oa3"], options=options(fleet))
        process = await client.create_process("/data/WEAVER/ApusicAS/bin/asadmin stop-domain", encoding=None)
        await process.stdout.readexactly(len("Waiting"))
        before = asyncio.all_tasks()
    async with asyncio.timeout(2):
        await client.wait_closed()
    assert any("_session" in repr(task) for task in before)
    assert not any("_session" in repr(task) for task in asyncio.all_tasks())
    assert process.exit_status is None


async def test_a_client_that_hangs_up_does_not_stop_the_command(tmp_path: Path) -> None:
    async with start_fleet(tmp_path, pace=0.2) as fleet:
        async with asyncssh.connect(*fleet.hosts["oa3"], options=options(fleet)) as client:
            process = await client.create_process("/data/WEAVER/ApusicAS/bin/asadmin stop-domain", encoding=None)
            await process.stdout.readexactly(len("Waiting"))
        assert fleet.estate.nodes["oa3"].serving
        await until(lambda: not fleet.estate.nodes["oa3"].serving)
        assert (await ask(fleet, "oa3", "df -P")).status == 0
