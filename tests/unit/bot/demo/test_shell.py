"""A machine runs what it knows and nothing else, and stays inside its own folder."""

from pathlib import Path

import asyncssh
import pytest

from bot.demo.fleet import Fleet
from tests.unit.bot.demo.client import ask, options


@pytest.mark.parametrize(
    "line",
    [
        "",
        "df -P; df -P",
        "cat /etc/passwd | tee /x",
        "cat $(df)",
        "cat 'a",
        "cat  /x",
        "df -P && df",
        "nano /x",
        "sh -c df",
    ],
)
async def test_anything_else_is_not_found(fleet: Fleet, line: str) -> None:
    answer = await ask(fleet, "oa1", line)
    assert (answer.status, answer.out, answer.err[:4]) == (127, "", "sh: ")


async def test_no_path_leads_out_of_the_machine(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    for path in ("/../../secret", "/data/../../../secret", str(tmp_path / "secret"), "../secret"):
        answer = await ask(fleet, "oa1", f"cat {path}")
        assert (answer.status, answer.out) == (1, "")
        assert str(tmp_path) not in answer.err.replace(f"{tmp_path}/secret", "")


async def test_there_is_no_other_way_to_the_files(fleet: Fleet) -> None:
    async with asyncssh.connect(*fleet.hosts["lb1"], options=options(fleet)) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()


async def test_readlink_gives_the_path_as_the_machine_has_it(fleet: Fleet) -> None:
    there = await ask(fleet, "lb1", "readlink -f /data/nginx/sbin/../conf/nginx.conf")
    assert (there.status, there.out) == (0, "/data/nginx/conf/nginx.conf\n")
    assert (await ask(fleet, "lb1", "readlink -f /data/nothing/no.conf")).status == 1


async def test_a_limit_and_another_user_wrap_a_command(fleet: Fleet) -> None:
    answer = await ask(fleet, "oa1", "su - weaver -c 'timeout -s KILL 30 tail -n 1 /data/WEAVER/Resin/logs/stdout.log'")
    assert (answer.status, answer.out) == (0, "2026-11-01 08:02:14 oa1 e-cology 启动完成\n")


async def test_disks_are_on_lvm_and_the_figures_add_up(fleet: Fleet) -> None:
    rows = [line.split() for line in (await ask(fleet, "oa1", "df -P")).out.splitlines()[1:]]
    assert [row[5] for row in rows] == ["/", "/data"]
    for _, blocks, used, free, percent, _ in rows:
        assert int(blocks) == int(used) + int(free)
        assert abs(int(percent.rstrip("%")) - 100 * int(used) / int(blocks)) < 1
    assert "peppa-data" in [
        line.split()[0] for line in (await ask(fleet, "oa1", "lsblk -l")).out.splitlines() if " lvm " in line
    ]


async def test_an_upload_of_any_bytes_arrives_whole(fleet: Fleet) -> None:
    content = bytes(range(256)) * 4096
    async with asyncssh.connect(*fleet.hosts["lb1"], options=options(fleet)) as connection:
        done = await connection.run("tee /data/nginx/conf/big", input=content, encoding=None)
    assert done.stdout == content
    assert fleet.estate.machines["lb1"].files.read("/data/nginx/conf/big") == content
