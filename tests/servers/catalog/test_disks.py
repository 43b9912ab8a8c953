"""The data volume grows (SOP 5.5). The partition table, ext4, xfs and their growth are real, on loop devices.

LVM is not: there may be no device mapper in the kernel, so its tools are stand-ins whose ``lvresize`` really grows the
device. A mounted ext4 grows where the machine lets root do that, else off its mount for a moment.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.core.errors import UserError
from runbooks.language.vocabulary import Kind
from runbooks.planning.outcome import StepFault, Undone
from runbooks.planning.plan import Step
from tests.servers.catalog.house import House, house
from tests.support import trees
from tests.support.trees import Volume

pytestmark = pytest.mark.servers


@pytest.fixture(params=["ext4", "xfs"])
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Volume]]:
    with trees.volume(tmp_path / "oa1", request.param) as found:
        yield request.param, found


@pytest.fixture
def ext4(tmp_path: Path) -> Iterator[Volume]:
    with trees.volume(tmp_path / "oa1", "ext4") as found:
        yield found


@asynccontextmanager
async def up(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, "oa1") as found:
        found["oa1"].inside("sh", "-c", "echo precious > /data/file")
        yield found


def size(oa: House) -> int:
    """MiB of the file system on ``/data``, as the kernel says."""
    return int(oa["oa1"].inside("df", "-m", "--output=size", "/data").split()[-1])


def used(volume: Volume, how: str) -> None:
    """Put something on the new disk."""
    line = ["sgdisk", "-n", "1:0:0"] if how == "partition" else ["mkfs.ext4", "-q"]
    subprocess.run([*line, volume.new], check=True, stdout=subprocess.DEVNULL)
    os.sync()


def asked(outcome_commands: list[tuple[str, str, str]]) -> list[str]:
    return [line for _, _, line in outcome_commands]


async def test_the_volume_and_its_file_system_grow(tmp_path: Path, volume: tuple[str, Volume]) -> None:
    kind, _ = volume
    async with up(tmp_path) as oa:
        before = size(oa)
        outcome = await oa.run("/extend-disk oa1 sdb 1G")
        assert outcome.fine, outcome.output
        assert 0.9 * 1024 < size(oa) - before < 1.1 * 1024
        assert oa["oa1"].inside("cat", "/data/file") == "precious\n"
        assert oa.told() == outcome.commands()
        grow = "resize2fs /dev/peppa/data" if kind == "ext4" else "xfs_growfs /data"
        assert asked(oa.told()) == [
            "lsblk -l",
            "fdisk -l /dev/sdb",
            "sgdisk -n 1:0:0 -t 1:8e00 /dev/sdb",
            "test -b /dev/sdb1",
            "pvcreate /dev/sdb1",
            "vgs peppa",
            "vgextend peppa /dev/sdb1",
            "lvs peppa/data",
            "lvresize -L +1G /dev/peppa/data",
            grow,
            "df -Th",
        ]
        assert "8E00" in oa["oa1"].inside("sgdisk", "-p", "/dev/sdb")
        assert len(outcome.asked) == 3
        assert "snapshot of the virtual machine of oa1" in outcome.asked[0]  # before anything is written at all
        assert "/dev/sdb" in outcome.asked[1]
        assert f"/dev/peppa/data grows by 1G, and its {kind} file system" in outcome.asked[2]


@pytest.mark.parametrize("words", [[False], [True, False]])
async def test_without_a_word_the_new_disk_stays_blank(tmp_path: Path, ext4: Volume, words: list[bool]) -> None:
    answers = iter(words)
    async with up(tmp_path) as oa:
        before, blank = size(oa), ext4.content()
        outcome = await oa.run("/磁盘扩容 oa1 sdb 1G", yes=lambda _: next(answers))
        assert outcome.fault is StepFault.NOT_CONFIRMED
        assert ext4.content() == blank
        assert size(oa) == before


async def test_without_the_second_word_the_volume_stays_as_it_is(tmp_path: Path, ext4: Volume) -> None:
    answers = iter([True, True, False])

    def yes(step: Step) -> bool:
        assert step.kind is Kind.ASK
        return next(answers)

    async with up(tmp_path) as oa:
        before = size(oa)
        outcome = await oa.run("/extend-disk oa1 sdb 1G", yes=yes)
        assert outcome.fault is StepFault.NOT_CONFIRMED
        assert size(oa) == before
        assert [line for line in asked(oa.told()) if line.startswith(("vgreduce", "pvremove"))] == [
            "vgreduce peppa /dev/sdb1",
            "pvremove /dev/sdb1",
        ]


async def test_a_data_disk_without_lvm_is_refused(tmp_path: Path, ext4: Volume) -> None:
    (tmp_path / "oa1" / "devices" / "type").write_text("part\n")
    blank = ext4.content()
    async with up(tmp_path) as oa:
        with pytest.raises(UserError) as refused:
            await oa.run("/extend-disk oa1 sdb 1G")
        assert "LVM" in str(refused.value.facts)
        assert ext4.content() == blank


@pytest.mark.parametrize("how", ["partition", "file system"])
async def test_a_disk_with_something_on_it_is_refused(tmp_path: Path, ext4: Volume, how: str) -> None:
    used(ext4, how)
    before = ext4.content()
    async with up(tmp_path) as oa:
        with pytest.raises(UserError) as refused:
            await oa.run("/extend-disk oa1 sdb 1G")
        assert "/dev/sdb" in str(refused.value.facts)
    assert ext4.content() == before


async def test_a_disk_that_is_not_there_is_refused(tmp_path: Path, ext4: Volume) -> None:
    async with up(tmp_path) as oa:
        with pytest.raises(UserError):
            await oa.run("/extend-disk oa1 vdc 1G")


async def test_more_than_the_new_disk_holds_changes_nothing_of_the_volume(tmp_path: Path, ext4: Volume) -> None:
    async with up(tmp_path) as oa:
        before = size(oa)
        outcome = await oa.run("/extend-disk oa1 sdb 2G")
        assert outcome.failed == "grow the logical volume"
        assert size(oa) == before
        assert oa["oa1"].inside("cat", "/data/file") == "precious\n"


async def test_what_the_volume_has_taken_is_not_taken_back(tmp_path: Path, ext4: Volume) -> None:
    async with up(tmp_path) as oa:
        broken = oa["oa1"].root / "bin" / "resize2fs"
        broken.write_text("#!/bin/sh\nexit 1\n")
        outcome = await oa.run("/extend-disk oa1 sdb 1G")
        assert (outcome.failed, outcome.undone) == ("grow ext4", Undone.LEFT)
        assert "/dev/sdb1" in (oa["oa1"].root / "devices" / "vg").read_text()
        assert oa["oa1"].inside("cat", "/data/file") == "precious\n"
